import { makeId } from '../domain/ids.ts'
import { type Role, roleKey } from '../domain/role.ts'
import { changedRules, settingsRole } from '../domain/role-settings.ts'
import {
  TIERS,
  TIERS_ROLE,
  type Tier,
  type TierApplication,
  type TierBody,
  tierFaults,
} from '../domain/tier.ts'
import { listForSweep } from '../live/list-for-sweep.ts'
import type { Caller, Ports } from '../ports.ts'
import { watchUse } from './break-glass.ts'
import { eachByItself, type Outcome } from './each.ts'
import { notFound, Refused } from './refused.ts'
import { type Changed, setRules } from './role-settings.ts'
import { refuseTooLarge, settingsEvent } from './settings-record.ts'
import { actor, again } from './withdrawals.ts'

/** All tiers, by name. */
export async function listTiers({ tiers }: Ports): Promise<Tier[]> {
  return (await tiers.list()).filter(({ isRemoved }) => !isRemoved)
}

export async function getTier({ tiers }: Ports, name: string): Promise<Tier> {
  const tier = (await tiers.read(name))?.value
  if (!tier || tier.isRemoved) throw notFound(`There is no tier ${name}.`)
  return tier
}

/** Makes a tier or replaces it. Roles that it was applied to stay as they are, and show that they are behind it. */
export async function putTier(ports: Ports, caller: Caller, name: string, body: TierBody): Promise<Tier> {
  const faults = tierFaults(body)
  const [first] = faults
  if (first) throw new Refused(400, first.code, first.message, { details: faults })
  await watchTier(ports, caller, name, 'changed')
  return writeTier(ports, caller, name, (before) => ({ ...before, ...body, isRemoved: false }))
}

/** Takes a tier back. Roles keep the rules that it gave them. */
export async function removeTier(ports: Ports, caller: Caller, name: string): Promise<void> {
  await getTier(ports, name)
  await watchTier(ports, caller, name, 'removed')
  await writeTier(ports, caller, name, (before) => ({ ...before, isRemoved: true }))
}

const watchTier = (ports: Ports, caller: Caller, name: string, how: 'changed' | 'removed') =>
  watchUse(ports, {
    by: caller,
    principal: caller,
    role: { ...TIERS_ROLE, displayName: `tier ${name}` },
    what: `tier ${name} ${how}`,
  })

async function writeTier(
  ports: Ports,
  caller: Caller,
  name: string,
  next: (before: TierBody) => TierBody & { isRemoved: boolean },
): Promise<Tier> {
  return again(async () => {
    const stored = await ports.tiers.read(name)
    const { displayName, description, rules, isRemoved } = next(stored?.value ?? EMPTY)
    const wanted = { displayName, description, rules, isRemoved }
    if (stored && same(stored.value, wanted)) return stored.value
    const now = ports.now()
    const tier: Tier = {
      ...wanted,
      name,
      version: (stored?.value.version ?? 0) + 1,
      lastModifiedDateTime: now.toISOString(),
      lastModifiedBy: actor(caller),
    }
    const id = makeId('set', TIERS, now, ports.random())
    const activity = isRemoved ? 'Remove role setting tier in PIM' : 'Update role setting tier in PIM'
    const events = [
      settingsEvent(id, isRemoved ? 'removed' : 'changed', activity, actor(caller), now, {
        role: { ...TIERS_ROLE, displayName: `tier ${name}` },
        details: [
          { key: 'tier', value: name },
          { key: 'version', value: `${tier.version}` },
          ...(isRemoved ? [] : rules.map((rule) => ({ key: rule.id, value: JSON.stringify(rule) }))),
        ],
      }),
    ]
    refuseTooLarge([tier, ...events])
    for (const { correlationId } of events) await listForSweep(ports, correlationId)
    if (!(await ports.tiers.write(tier, stored, events))) return undefined
    await ports.views.indexEvents(events)
    return tier
  })
}

const EMPTY: TierBody = { displayName: '', description: '', rules: [] }

const same = (
  tier: Tier,
  { displayName, description, rules, isRemoved }: TierBody & { isRemoved: boolean },
) =>
  JSON.stringify([tier.displayName, tier.description, tier.rules, tier.isRemoved]) ===
  JSON.stringify([displayName, description, rules, isRemoved])

/** What became of one role: as a change of its settings by itself would have ended. */
export type Applied = { role: Role } & ({ changed: Changed } | { refused: Refused })

/** Gives many roles the rules of a tier, each by itself: one that is refused keeps no other from it. Its other rules stay. */
export async function applyTier(
  ports: Ports,
  caller: Caller,
  name: string,
  { roles, justification, isValidationOnly }: TierApplication,
): Promise<Applied[]> {
  const tier = await getTier(ports, name)
  const each = [...new Map(roles.map((role) => [roleKey(settingsRole(role)), settingsRole(role)])).values()]
  const outcomes = await eachByItself(ports, each, (role) =>
    setRules(
      ports,
      caller,
      role,
      (own) => ({
        rules: changedRules(own.rules, tier.rules),
        tier: { name: tier.name, version: tier.version },
      }),
      { justification, isValidationOnly },
    ),
  )
  return each.map((role, n) => {
    const outcome = outcomes[n] as Outcome<Changed>
    return 'done' in outcome ? { role, changed: outcome.done } : { role, refused: outcome.refused }
  })
}
