import { makeId, settingsOwner } from '../domain/ids.ts'
import { namesOf, type Role, type RoleDefinition, type RoleDescription, titleOf } from '../domain/role.ts'
import {
  changedRules,
  differingRules,
  type EffectiveSettings,
  effective,
  neverChanged,
  type RoleSettings,
  type RoleSettingsChange,
  settingsRole,
} from '../domain/role-settings.ts'
import type { Tier } from '../domain/tier.ts'
import { settingsOf } from '../live/circumstances.ts'
import { listForSweep } from '../live/list-for-sweep.ts'
import { providerOf } from '../live/providers.ts'
import { type Caller, Impossible, type Ports } from '../ports.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { watchUse } from './break-glass.ts'
import { refuseLooserForOneself } from './for-oneself.ts'
import { notFound, Refused } from './refused.ts'
import { askSecondPerson } from './settings-changes.ts'
import { type SettingsEffect, settingsEffect } from './settings-effect.ts'
import { noteApprovers, refuseFaults } from './settings-faults.ts'
import {
  changed,
  detailsOf,
  type Edit,
  type How,
  refuseTooLarge,
  settingsEvent,
  type Wanted,
} from './settings-record.ts'
import { actor, again } from './withdrawals.ts'

/** The roles that can be given at a scope. Throws 400 for a scope that is not there, or is none of this provider's. */
export async function listRoles(
  ports: Ports,
  at: Pick<Role, 'provider' | 'scope'>,
): Promise<RoleDefinition[]> {
  return providerOf(ports, at)
    .roles(at.scope)
    .catch((error) => {
      if (error instanceof Impossible && error.code === 'InvalidScope')
        throw new Refused(400, error.code, error.message)
      throw error
    })
}

export type Described = { definition: RoleDescription; settings: EffectiveSettings }

/** What became of a change: made, nothing to change, waiting for a second person, or only looked at. */
export type Changed = Described & {
  outcome: 'changed' | 'unchanged' | 'pending' | 'validated'
  changeId: string | null
  effect: SettingsEffect | null
}

/** A role and its settings. Throws 404 for a role that the tenant does not have. */
export async function getRoleSettings(ports: Ports, role: Role): Promise<Described> {
  const definition = await providerOf(ports, role).describe(role)
  if (!definition) throw notFound(`There is no role ${role.roleDefinitionId} at ${role.scope}.`)
  return { definition, settings: await settingsOf(ports, role) }
}

/** Changes rules of a role, whole rules at a time, or lets them be inherited again. Throws 400 with every fault. */
export async function changeRoleSettings(
  ports: Ports,
  caller: Caller,
  asked: Role,
  change: Partial<RoleSettingsChange>,
): Promise<Changed> {
  const { rules = [], inherit = [], justification, isValidationOnly = false } = change
  const tier = await tierNamed(ports, change.tier)
  return setRules(
    ports,
    caller,
    asked,
    (own) => ({
      rules: changedRules(changedRules(own.rules, tier?.rules ?? []), rules, inherit),
      tier: tier
        ? { name: tier.name, version: tier.version }
        : change.tier === null
          ? null
          : (own.tier ?? null),
    }),
    { justification, isValidationOnly },
  )
}

async function tierNamed({ tiers }: Ports, name: string | null | undefined): Promise<Tier | undefined> {
  if (!name) return undefined
  const tier = (await tiers.read(name))?.value
  if (tier && !tier.isRemoved) return tier
  throw new Refused(400, 'InputPolicyNotFound', `There is no tier ${name}.`)
}

/** Nothing is set here any more: what is inherited holds, or Microsoft's defaults. Recorded, and counted as a change. */
export function resetRoleSettings(ports: Ports, caller: Caller, asked: Role, how: How): Promise<Changed> {
  return setRules(ports, caller, asked, () => ({ rules: [], tier: null }), how)
}

/** The one way in which settings change: judged as they would be in force, and written only when something is different. */
export async function setRules(
  ports: Ports,
  caller: Caller,
  asked: Role,
  want: (own: RoleSettings) => Wanted,
  how: How,
): Promise<Changed> {
  const role = settingsRole(asked)
  const { definition, settings: cached } = await getRoleSettings(ports, role)
  await refuseUnlessAdministrator(ports, caller, role)
  if (definition.refusal) throw new Refused(400, definition.refusal.code, definition.refusal.message)
  return again(async () => {
    const stored = await ports.settings.read(role, 'fresh')
    const own = stored?.value ?? neverChanged(role)
    const wanted = want(own)
    const before = effective(own, cached.above)
    const after = effective({ ...own, ...wanted, version: own.version + 1 }, cached.above)
    const done = { definition, changeId: null, effect: null }
    await refuseFaults(ports, after.rules, definition.isPrivileged)
    if (how.isValidationOnly)
      return {
        ...done,
        settings: before,
        outcome: 'validated',
        effect: await settingsEffect(ports, before, after, definition),
      }
    if (isSame(own, wanted)) return { ...done, settings: before, outcome: 'unchanged' }
    if (!ports.settingsNeedTwo) await refuseLooserForOneself(ports, caller, role, before.rules, after.rules)
    await watchUse(ports, {
      by: caller,
      principal: caller,
      role: { ...role, displayName: definition.displayName },
      what: 'settings changed',
    })
    const edit = { caller, definition, stored, own, wanted, how }
    if (!ports.settingsNeedTwo) {
      const settings = await write(ports, edit)
      return settings && { ...done, settings: effective(settings, cached.above), outcome: 'changed' }
    }
    const waiting = await askSecondPerson(ports, edit)
    return (
      waiting && {
        ...done,
        settings: effective(waiting.settings, cached.above),
        outcome: 'pending',
        changeId: waiting.id,
      }
    )
  })
}

async function write(
  ports: Ports,
  { caller, definition, stored, own, wanted, how }: Edit,
): Promise<RoleSettings | undefined> {
  const now = ports.now()
  const settings = changed(own, wanted, actor(caller), now)
  const id = makeId('set', settingsOwner(own.role), now, ports.random())
  const events = [
    settingsEvent(id, 'changed', 'Update role setting in PIM', actor(caller), now, {
      role: { ...own.role, displayName: titleOf({ ...own.role, ...namesOf(definition) }) },
      reason: how.justification,
      details: detailsOf(own, settings),
    }),
  ]
  refuseTooLarge([settings, ...events])
  await noteApprovers(ports, settings.rules) // before: one too many costs nothing
  for (const { correlationId } of events) await listForSweep(ports, correlationId)
  if (!(await ports.settings.write(settings, stored, events))) return undefined
  await ports.views.indexEvents(events)
  return settings
}

function isSame(own: RoleSettings, wanted: Wanted): boolean {
  const { name, version } = own.tier ?? {}
  const sameTier = name === wanted.tier?.name && version === wanted.tier?.version
  return sameTier && differingRules(own.rules, wanted.rules).length === 0
}
