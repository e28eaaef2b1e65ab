import { type Circumstances, eligibilityFor } from '../domain/activation.ts'
import type { AutoApproval } from '../domain/approval-rule.ts'
import { type Ask, windowAsked } from '../domain/ask.ts'
import { type AssigningDemands, assigningDemandsOf } from '../domain/assigning.ts'
import { automaticApproval, onCallGroups } from '../domain/auto-approval.ts'
import { stricter } from '../domain/demands.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import type { Proof } from '../domain/person.ts'
import type { Role, RoleDefinition } from '../domain/role.ts'
import {
  type Demands,
  demandsOf,
  type EffectiveSettings,
  effective,
  neverChanged,
  settingsRole,
} from '../domain/role-settings.ts'
import { ticketDenials } from '../domain/ticket-denials.ts'
import type { Ports } from '../ports.ts'
import { atOnce } from './at-once.ts'
import { isEmergencyAccount, isOverBreakGlass } from './break-glass.ts'
import { enoughApprovers } from './enough-approvers.ts'
import { providerOf } from './providers.ts'
import { type DeskUse, saidOfTicket } from './ticket-desks.ts'
import { automaticBefore, onCallIn } from './unsteered.ts'
import { withWayBack } from './way-back.ts'

/**
 * What is in force for a role at its scope, with where each rule comes from. Azure: the nearest scope that sets a rule wins,
 * which costs one read for each scope that this one lies in, all at once, and none where they were read seconds ago.
 */
export async function settingsOf(
  ports: Pick<Ports, 'settings' | 'providers'>,
  asked: Role,
): Promise<EffectiveSettings> {
  const role = settingsRole(asked)
  const scopes = role.provider === 'azure' ? await providerOf(ports, role).scopesAbove(role.scope) : []
  const [own, ...above] = await Promise.all(
    [role.scope, ...scopes].map(async (scope) => (await ports.settings.read({ ...role, scope }))?.value),
  )
  return effective(
    own ?? neverChanged(role),
    above.flatMap((settings) => settings ?? []),
  )
}

/** What the role asks of those who make others eligible for it. */
export async function eligibilityDemandsNow(ports: Ports, role: Role): Promise<AssigningDemands> {
  return assigningDemandsOf(await settingsOf(ports, settingsRole(role)), 'Eligibility')
}

export async function demandsNow(
  ports: Ports,
  role: Role,
  definition: RoleDefinition | undefined,
  isExtension = false,
): Promise<Demands> {
  return demandsOf(await settingsOf(ports, role), definition?.isPrivileged ?? true, isExtension)
}

/** By what else than the settings in force: what a kept request was made under, and in a dry run what would be in force. */
type JudgedBy = DeskUse & {
  madeUnder?: Demands | undefined
  inForce?: EffectiveSettings | undefined
  atStart?: boolean
}

/** All that the answer to a request depends on, read now. `own` are the requester's own eligibilities, read already. */
export async function circumstances(
  ports: Ports,
  principalId: string,
  ask: Ask,
  own: readonly Eligibility[],
  proof: Proof,
  { madeUnder, inForce, atStart = false, id, isValidationOnly, assumed }: JudgedBy = {},
): Promise<Circumstances> {
  const now = ports.now()
  const about = { ...ask.role, principal: { id: principalId } }
  const enough = async ({ approval }: Demands) => (approval ? enoughApprovers(ports, about, approval) : null)
  const [requester, ruled] = await Promise.all([
    ports.directory.person(principalId),
    ruledBy(ports, principalId, ask, own, now, { madeUnder, inForce }).then(async (found) => ({
      ...found,
      approvers: mayPassByItself(found.demands) ? null : await enough(found.demands),
    })),
  ])
  const known: Circumstances = {
    ...ruled,
    now,
    requester,
    isBreakGlass: isEmergencyAccount(ports, principalId) || isOverBreakGlass(ports, ask.role),
    proof,
    mfaContext: ports.mfaContext,
    atStart,
  }
  const said = await saidOfTicket(ports, ask, known, {
    ...(id && { id }),
    ...(isValidationOnly && { isValidationOnly }),
    assumed,
  })
  if (!mayPassByItself(known.demands)) return { ...known, said, automatic: null }
  const automatic = await automaticNow(ports, principalId, ask, { ...known, said }, id)
  return { ...known, said, automatic, approvers: automatic ? null : await enough(known.demands) }
}

/** Then approvers are looked for only once it is known that it does not. */
const mayPassByItself = ({ approval }: Demands) => (approval?.automatic ?? []).length > 0

/** What the role is, what the requester is eligible for, and what is asked of them. */
async function ruledBy(
  ports: Ports,
  principalId: string,
  ask: Ask,
  own: readonly Eligibility[],
  now: Date,
  { madeUnder, inForce }: JudgedBy,
) {
  const provider = providerOf(ports, ask.role)
  const [definition, scopesAbove] = await Promise.all([
    provider.describe(ask.role),
    provider.scopesAbove(ask.role.scope),
  ])
  const covered = eligibilityFor(ask, { eligibilities: own, scopesAbove, now })
  const all = covered ? own : [...own, ...(await eligibilitiesThroughGroups(ports, principalId))]
  const eligibilities = covered ? all : await withWayBack(ports, ask.role, all)
  const isMore = ask.extends || ask.continues
  const current = inForce
    ? demandsOf(inForce, definition?.isPrivileged ?? true, isMore)
    : await demandsNow(ports, ask.role, definition, isMore)
  return {
    definition,
    scopesAbove,
    eligibilities,
    demands: madeUnder ? stricter(madeUnder, current) : current,
  }
}

/** What the groups that somebody is an active member of, nested ones included, are eligible for. */
export async function eligibilitiesThroughGroups(
  { store, views, directory }: Ports,
  principalId: string,
): Promise<Eligibility[]> {
  const noted = await views.notedGroups()
  const groups = noted.length > 0 ? await directory.groupsOf(principalId, noted) : []
  const live = await atOnce(READS_AT_ONCE, groups, (group) => store.readLive(group))
  return live.flatMap(({ eligibilities }) => eligibilities)
}

/** Somebody may be in hundreds of groups. */
const READS_AT_ONCE = 16

/** What the settings let pass by themselves, by what is true now. */
async function automaticNow(
  ports: Ports,
  principalId: string,
  ask: Ask,
  { demands, now, said = [] }: Circumstances,
  requestId: string | undefined,
): Promise<AutoApproval | null> {
  const lists = demands.approval?.automatic ?? []
  if (lists.length === 0) return null
  const memberOf = await onCallIn(ports, principalId, onCallGroups(lists))
  const { ticketNumber, ticketSystem } = ask.ticketInfo ?? {}
  const isGiven = Boolean(ticketNumber?.trim() && ticketSystem?.trim())
  const isChecked = demands.ticketPatterns.length > 0 || (demands.ticketDesks ?? []).length > 0 // else any would do
  const hasTicket = isGiven && isChecked && ticketDenials(ask, { demands }).length === 0
  const facts = { ...windowAsked(ask, now), hasTicket, memberOf, said }
  if (!automaticApproval(lists, facts)) return null
  const before = await automaticBefore(ports, principalId, ask.role, facts.start, lists.flat(), requestId)
  return before ? automaticApproval(lists, { ...facts, before }) : null
}
