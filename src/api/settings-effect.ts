import { activationDenials, stillApproved } from '../domain/activation.ts'
import { isManager } from '../domain/approver.ts'
import { askOf } from '../domain/ask.ts'
import type { Denial } from '../domain/denial.ts'
import { type Eligibility, isNotOver } from '../domain/eligibility.ts'
import { isActivation, type Request } from '../domain/request.ts'
import { type Role, type RoleDefinition, sameRole } from '../domain/role.ts'
import {
  type Approver,
  type Demands,
  demandsOf,
  differingRules,
  type EffectiveSettings,
  settingsRole,
} from '../domain/role-settings.ts'
import type { RuleId } from '../domain/rules.ts'
import { approversChanged, type Difference, differences, everybody } from '../domain/settings-effect.ts'
import { peopleBehind as approversBehind } from '../live/approvers.ts'
import { atOnce } from '../live/at-once.ts'
import { circumstances } from '../live/circumstances.ts'
import type { Ports } from '../ports.ts'

/** What a change of settings would do, and to whom. */
export type SettingsEffect = {
  /** The rules that would be different. */
  rules: RuleId[]
  /** What the next activation would be measured by differently. */
  differences: Difference[]
  approvers: { gain: Approver[]; lose: Approver[] }
  /** Those who are eligible, and what becomes harder and easier for them. `isBlocked`: nobody else could approve. */
  principals: {
    id: string
    type: Eligibility['principalType']
    displayName: string
    harder: Difference['what'][]
    easier: Difference['what'][]
    isBlocked: boolean
  }[]
  /** Requests that wait now and would fail: refused by a rule, or decidable by nobody. */
  requests: {
    id: string
    principalId: string
    displayName: string
    outcome: 'refused' | 'undecidable'
    reasons: string[]
  }[]
  /** False: more are eligible than were looked at. */
  isComplete: boolean
}

/**
 * Who gains and who loses by a change. Looks at those eligible for the role at this very scope, at most so many, and at what they
 * have open: costs what the role's list shows.
 */
export async function settingsEffect(
  ports: Ports,
  before: EffectiveSettings,
  after: EffectiveSettings,
  { isPrivileged }: RoleDefinition,
): Promise<SettingsEffect> {
  const [old, fresh] = [demandsOf(before, isPrivileged), demandsOf(after, isPrivileged)]
  const different = differences(old, fresh)
  const which = (effect: Difference['effect']) =>
    different.filter((each) => each.effect === effect).map(({ what }) => what)
  const { items, next } = await ports.views.eligibilitiesOf(after.role, { top: MOST, after: null })
  const eligible = [
    ...new Map(items.filter((each) => isNotOver(each, ports.now())).map((e) => [e.principalId, e])).values(),
  ]
  const deciders = await peopleWhoDecide(ports, after.role, fresh)
  const people = [...new Set((await atOnce(16, eligible, (each) => peopleBehind(ports, each))).flat())]
  const requests = await atOnce(16, people.slice(0, MOST), (id) => failing(ports, id, before, after))
  return {
    rules: differingRules(before.rules, after.rules),
    differences: different,
    approvers: approversChanged(old, fresh),
    principals: eligible.map(({ principalId, principalType, principalName }) => ({
      id: principalId,
      type: principalType,
      displayName: principalName,
      harder: which('harder'),
      easier: which('easier'),
      isBlocked: deciders !== null && !deciders.some((id) => id !== principalId) && !asksManagers(fresh),
    })),
    requests: requests.flat(),
    isComplete: next === null && people.length <= MOST,
  }
}

/** A list longer than this is cut, and says so. */
const MOST = 200

async function peopleBehind(
  { directory }: Ports,
  { principalId, principalType }: Eligibility,
): Promise<string[]> {
  if (principalType === 'User') return [principalId]
  return (await directory.membersOf(principalId, MOST)).map(({ id }) => id)
}

/** Null where nobody is asked. Those whom only a request tells, its requester's manager, are not among them. */
async function peopleWhoDecide(ports: Ports, role: Role, demands: Demands): Promise<string[] | null> {
  if (!demands.approval) return null
  const about = { ...role, principal: { id: '' } }
  const approvers = everybody(demands).filter((approver) => !isManager(approver))
  return (await approversBehind(ports, about, approvers)).map(({ id }) => id)
}

const asksManagers = (demands: Demands) => everybody(demands).some(isManager)

/** What this person has open for the role and could not get any more, though by the settings before they could. */
async function failing(
  ports: Ports,
  personId: string,
  before: EffectiveSettings,
  after: EffectiveSettings,
): Promise<SettingsEffect['requests']> {
  const { requests, eligibilities } = await ports.store.readLive(personId)
  const waiting = requests
    .map(({ value }) => value)
    .filter(isActivation) // what is assigned is measured by other rules, and may have no end
    .filter((request) => request.status === 'PendingApproval' || request.status === 'Granted')
    .filter((request) => sameRole(settingsRole(request), after.role))
  const found: SettingsEffect['requests'] = []
  for (const request of waiting) {
    const denials = await judged(ports, request, eligibilities, after)
    if (denials.length === 0) continue
    const known = (await judged(ports, request, eligibilities, before)).map(
      ({ rule, target }) => `${rule} ${target}`,
    )
    const fresh = denials.filter(({ rule, target }) => !known.includes(`${rule} ${target}`))
    if (fresh.length === 0) continue
    const undecidable =
      request.status === 'PendingApproval' && fresh.every(({ rule }) => rule === 'ApprovalRule')
    found.push({
      id: request.id,
      principalId: personId,
      displayName: request.principal.displayName,
      outcome: undecidable ? 'undecidable' : 'refused',
      reasons: fresh.map(({ rule, message }) => `${rule}: ${message}`),
    })
  }
  return found
}

async function judged(
  ports: Ports,
  request: Request,
  own: readonly Eligibility[],
  inForce: EffectiveSettings,
): Promise<Denial[]> {
  const ask = askOf(request)
  const { madeUnder } = request
  const assumed = request.approval?.decision?.via === 'automatic' ? 'AutoApproved' : 'Approved'
  const judgedBy = { madeUnder, inForce, assumed } as const // nobody is called for a look at settings, nor to where they lead
  const c = await circumstances(ports, request.principal.id, ask, own, request.proof, judgedBy)
  if (request.status === 'PendingApproval') return activationDenials(ask, c)
  return [...activationDenials(ask, { ...c, atStart: true }), ...stillApproved(request, c)]
}
