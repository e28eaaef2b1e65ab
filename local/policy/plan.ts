import type { z } from 'zod'
import type { EligibilityAnswer } from '../../src/api/answers.ts'
import type { ChangedAnswer, SettingsAnswer, TierAnswer } from '../../src/api/settings-answers.ts'
import type { NewEligibility } from '../../src/domain/eligibility.ts'
import { type PolicyFile, type RolePolicy, rulesOf } from '../../src/domain/policy-file.ts'
import { type Role, roleKey } from '../../src/domain/role.ts'
import { differingRules, type Rule } from '../../src/domain/role-settings.ts'
import { type Api, ApiRefusal, everyPage } from './client.ts'

type Tier = z.infer<typeof TierAnswer>
type Settings = z.infer<typeof SettingsAnswer>
type Effect = z.infer<typeof ChangedAnswer>['effect']
type Eligibility = z.infer<typeof EligibilityAnswer>

/** One thing that is not as the file says, what would be called to make it so, and in words what that changes. */
export type Step = {
  title: string
  lines: string[]
  calls: { method: string; path: string; body?: object }[]
  /** The tier that it makes or changes. */
  tier?: string
  /** The tier whose rules it gives to a role. */
  ofTier?: string
}

/** What would have to change, in the order in which it can. Changes nothing. */
export async function planOf(api: Api, file: PolicyFile, now: Date): Promise<Step[]> {
  const tiers = await tierSteps(api, file)
  const settings: Step[] = []
  for (const role of file.settings) settings.push(...(await settingsSteps(api, file, role, tiers.names)))
  return [...tiers.steps, ...settings, ...(await eligibilitySteps(api, file, now))]
}

async function tierSteps(api: Api, { tiers }: PolicyFile): Promise<{ steps: Step[]; names: Set<string> }> {
  const steps: Step[] = []
  const names = new Set<string>()
  for (const [name, body] of Object.entries(tiers)) {
    const there = await orNothing(api<Tier>('GET', `tiers/${name}`))
    const ids = differingRules(there?.rules ?? [], body.rules)
    const told = there?.displayName === body.displayName && there.description === body.description
    if (there && told && ids.length === 0) continue
    names.add(name)
    steps.push({
      title: `${there ? '~' : '+'} tier ${name}`,
      lines: ruleLines(ids, there?.rules ?? [], body.rules),
      calls: [{ method: 'PUT', path: `tiers/${name}`, body }],
      tier: name,
    })
  }
  return { steps, names }
}

async function settingsSteps(
  api: Api,
  file: PolicyFile,
  role: RolePolicy,
  changingTiers: ReadonlySet<string>,
): Promise<Step[]> {
  const path = `roles/${role.roleDefinitionId}/settings?${whereOf(role)}`
  const there = await api<Settings>('GET', path)
  const wanted = rulesOf(file, role)
  const ids = differingRules(there.ownRules, wanted)
  const isTier = role.tier
    ? there.tier?.name === role.tier && !there.tier.isOutdated && !changingTiers.has(role.tier)
    : there.tier === null
  if (ids.length === 0 && isTier) return []
  const inherit = there.ownRules.map(({ id }) => id).filter((id) => !wanted.some((rule) => rule.id === id))
  const body = { tier: role.tier ?? null, rules: role.rules, inherit }
  const dryRun = { rules: wanted, inherit, isValidationOnly: true }
  const { effect } = ids.length > 0 ? await api<{ effect: Effect }>('PATCH', path, dryRun) : { effect: null }
  const title = `~ settings of ${there.roleDefinition.displayName} (${role.provider} ${role.scope})`
  const tierLine = isTier ? [] : [`    tier: ${there.tier?.name ?? 'none'} → ${role.tier ?? 'none'}`]
  const drift = there.tier && !there.tier.isOutdated && there.tier.driftedRules.length > 0 && !isTier
  return [
    {
      title,
      lines: [
        ...tierLine,
        ...(drift ? [`    drifted from tier ${there.tier?.name}`] : []),
        ...ruleLines(ids, there.ownRules, wanted),
        ...effectLines(effect),
        ...(there.pendingChangeId ? [`    change ${there.pendingChangeId} waits for a second person`] : []),
      ],
      calls: [{ method: 'PATCH', path, body }],
      ...(role.tier !== undefined && { ofTier: role.tier }),
    },
  ]
}

async function eligibilitySteps(api: Api, file: PolicyFile, now: Date): Promise<Step[]> {
  const byRole = new Map<string, NewEligibility[]>()
  for (const each of file.eligibilities)
    byRole.set(roleKey(each), [...(byRole.get(roleKey(each)) ?? []), each])
  const steps: Step[] = []
  for (const wanted of byRole.values()) {
    const role = wanted[0] as NewEligibility
    const listed = await everyPage<Eligibility>(
      api,
      `eligibilities?${whereOf(role)}&roleDefinitionId=${role.roleDefinitionId}&top=200`,
    )
    const there = listed.filter(({ state }) => state !== 'expired')
    for (const each of wanted) steps.push(...eligibilityStep(each, there, now))
    if (!file.removeOtherEligibilities) continue
    for (const other of there.filter((each) => !isNamed(each, wanted, there, now)))
      steps.push({
        title: `- eligibility of ${other.principalDisplayName} for ${other.roleDisplayName}`,
        lines: ['    what they have activated ends at its end; what waits is refused'],
        calls: [removal(other)],
      })
  }
  return steps
}

const ofTheSame = ({ principalId }: NewEligibility, there: readonly Eligibility[]) =>
  there.filter((each) => each.principalId === principalId)

/** The one that the file means: as it says, or, where none is, whichever is made so. */
function isNamed(
  each: Eligibility,
  wanted: readonly NewEligibility[],
  there: readonly Eligibility[],
  now: Date,
): boolean {
  const named = wanted.find(({ principalId }) => principalId === each.principalId)
  if (!named) return false
  const asSaid = ofTheSame(named, there).find((other) => isAsSaid(other, named, now))
  return !asSaid || asSaid.id === each.id
}

const isAsSaid = (each: Eligibility, wanted: NewEligibility, now: Date) =>
  startsAs(each, wanted, now) && endsAs(each, wanted) && hasItsCondition(each, wanted)

const hasItsCondition = (each: Eligibility, wanted: NewEligibility) =>
  (each.condition ?? null) === (wanted.condition ?? null)

function eligibilityStep(wanted: NewEligibility, there: readonly Eligibility[], now: Date): Step[] {
  const same = ofTheSame(wanted, there)
  if (same.some((each) => isAsSaid(each, wanted, now))) return []
  const add = { method: 'POST', path: 'eligibilities', body: wanted }
  const [only, another] = same
  const calls =
    only && !another && hasItsCondition(only, wanted)
      ? [{ ...add, body: update(only, wanted, now) }]
      : [...same.map(removal), add]
  const who = `${same[0]?.principalDisplayName ?? wanted.principalId} for ${wanted.roleDefinitionId} (${wanted.provider} ${wanted.scope})`
  const until = (end: string | null) => end ?? 'for good'
  return [
    {
      title: `${same.length > 0 ? '~' : '+'} eligibility of ${who}`,
      lines: same.flatMap((each) => [
        ...(startsAs(each, wanted, now) ? [] : [`    from: ${each.startDateTime} → ${startOf(wanted)}`]),
        `    until: ${until(each.endDateTime)} → ${endOf(wanted)}`,
      ]),
      calls,
    },
  ]
}

/** Without a start the start stays: what is to begin one day begins now only where that is said. */
function update(only: Eligibility, wanted: NewEligibility, now: Date): object {
  const { scheduleInfo: asked, justification } = wanted
  const isLate = !asked.startDateTime && !startsAs(only, wanted, now)
  const scheduleInfo = isLate ? { ...asked, startDateTime: now.toISOString() } : asked
  return { action: 'adminUpdate', targetScheduleId: only.id, scheduleInfo, justification }
}

const removal = ({ id }: Eligibility) => ({ method: 'DELETE', path: `eligibilities/${id}` })

/** Both have begun, or will at the same instant. */
function startsAs(
  { startDateTime, state }: Eligibility,
  { scheduleInfo }: NewEligibility,
  now: Date,
): boolean {
  const { startDateTime: start } = scheduleInfo
  if (state === 'current' && (!start || new Date(start) <= now)) return true
  return startDateTime === start
}

/** A duration counts from when it was applied: any end will do then. */
function endsAs({ endDateTime }: Eligibility, { scheduleInfo: { expiration } }: NewEligibility): boolean {
  if (expiration.type === 'noExpiration') return endDateTime === null
  return expiration.type === 'afterDuration' ? endDateTime !== null : endDateTime === expiration.endDateTime
}

const startOf = ({ scheduleInfo: { startDateTime } }: NewEligibility) => startDateTime ?? 'now'

function endOf({ scheduleInfo: { expiration } }: NewEligibility): string {
  if (expiration.type === 'noExpiration') return 'for good'
  return expiration.type === 'afterDuration' ? expiration.duration : expiration.endDateTime
}

const whereOf = ({ provider, scope }: Role) => `provider=${provider}&scope=${encodeURIComponent(scope)}`

function ruleLines(ids: readonly string[], before: readonly Rule[], after: readonly Rule[]): string[] {
  const said = (rules: readonly Rule[], id: string) => {
    const { '@odata.type': _, id: __, ...rest } = rules.find((rule) => rule.id === id) ?? ({} as Rule)
    return Object.keys(rest).length === 0 ? 'not set' : JSON.stringify(rest)
  }
  return ids.map((id) => `    ${id}: ${said(before, id)} → ${said(after, id)}`)
}

function effectLines(effect: Effect): string[] {
  if (!effect) return []
  const lost = effect.principals.filter(({ harder }) => harder.length > 0)
  const gained = effect.principals.filter(({ easier }) => easier.length > 0)
  const blocked = effect.principals.filter(({ isBlocked }) => isBlocked)
  const names = (list: { displayName: string }[]) => list.map(({ displayName }) => displayName).join(', ')
  return [
    ...effect.differences.map(({ what, effect: kind, from, to }) => `    ${kind}: ${what} ${from} → ${to}`),
    ...(lost.length > 0 ? [`    harder for: ${names(lost)}`] : []),
    ...(gained.length > 0 ? [`    easier for: ${names(gained)}`] : []),
    ...(blocked.length > 0 ? [`    nobody else could approve: ${names(blocked)}`] : []),
    ...effect.requests.map(
      ({ id, displayName, outcome }) => `    ${outcome}: request ${id} of ${displayName}`,
    ),
    ...(effect.isComplete ? [] : ['    more are eligible than were looked at']),
  ]
}

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return undefined
    throw error
  }
}
