import { type Ask, type Circumstances, eligibilityFor } from '../domain/activation.ts'
import { approverGroups, approverUsers } from '../domain/approval.ts'
import { type AssigningDemands, assigningDemandsOf } from '../domain/assigning.ts'
import { type ApprovalDemand, approverLists, stricter } from '../domain/demands.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import type { Person, Proof } from '../domain/person.ts'
import type { Role, RoleDefinition } from '../domain/role.ts'
import {
  type Approver,
  type Demands,
  demandsOf,
  type EffectiveSettings,
  effective,
  neverChanged,
  settingsRole,
} from '../domain/role-settings.ts'
import type { Ports } from '../ports.ts'
import { isEmergencyAccount, isOverBreakGlass } from './break-glass.ts'
import { providerOf } from './providers.ts'
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
export async function assigningDemandsNow(ports: Ports, role: Role): Promise<AssigningDemands> {
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
type JudgedBy = { madeUnder?: Demands | undefined; inForce?: EffectiveSettings | undefined }

/** All that the answer to a request depends on, read now. `own` are the requester's own eligibilities, read already. */
export async function circumstances(
  ports: Ports,
  principalId: string,
  ask: Ask,
  own: readonly Eligibility[],
  proof: Proof,
  { madeUnder, inForce }: JudgedBy = {},
): Promise<Circumstances> {
  const now = ports.now()
  const provider = providerOf(ports, ask.role)
  const [requester, definition, scopesAbove] = await Promise.all([
    ports.directory.person(principalId),
    provider.describe(ask.role),
    provider.scopesAbove(ask.role.scope),
  ])
  const covered = eligibilityFor(ask, { eligibilities: own, scopesAbove, now })
  const all = covered ? own : [...own, ...(await eligibilitiesThroughGroups(ports, principalId))]
  const eligibilities = covered ? all : await withWayBack(ports, ask.role, all)
  const current = inForce
    ? demandsOf(inForce, definition?.isPrivileged ?? true, ask.extends)
    : await demandsNow(ports, ask.role, definition, ask.extends)
  const demands = madeUnder ? stricter(madeUnder, current) : current
  const approvers = demands.approval && ((await someApprover(ports, demands.approval, principalId)) ? 1 : 0)
  return {
    now,
    requester,
    isBreakGlass: isEmergencyAccount(ports, principalId) || isOverBreakGlass(ports, ask.role),
    definition,
    eligibilities,
    scopesAbove,
    demands,
    proof,
    mfaContext: ports.mfaContext,
    approvers,
  }
}

/** What the groups that somebody is an active member of, nested ones included, are eligible for. */
export async function eligibilitiesThroughGroups(
  { store, views, directory }: Ports,
  principalId: string,
): Promise<Eligibility[]> {
  const noted = await views.notedGroups()
  const groups = noted.length > 0 ? await directory.groupsOf(principalId, noted) : []
  const live = await Promise.all(groups.map((group) => store.readLive(group)))
  return live.flatMap(({ eligibilities }) => eligibilities)
}

/** Is there anybody whom every list names? The requester does not count, nor does a disabled account, nor one for emergencies. */
async function someApprover(ports: Ports, approval: ApprovalDemand, requesterId: string): Promise<boolean> {
  const [approvers = [], ...others] = approverLists(approval)
  const counts = async (person: Person | undefined) => {
    if (!person?.accountEnabled || person.id === requesterId || isEmergencyAccount(ports, person.id))
      return false
    for (const list of others) if (!(await isNamed(ports, list, person.id))) return false
    return true
  }
  for (const id of approverUsers(approvers)) if (await counts(await ports.directory.person(id))) return true
  for (const id of approverGroups(approvers))
    for (const member of await ports.directory.membersOf(id, ENOUGH)) if (await counts(member)) return true
  return false
}

async function isNamed({ directory }: Ports, list: readonly Approver[], personId: string): Promise<boolean> {
  if (approverUsers(list).includes(personId)) return true
  const groups = approverGroups(list)
  return groups.length > 0 && (await directory.groupsOf(personId, groups)).length > 0
}

/** More members than this are not looked at to find one who is not the requester. */
const ENOUGH = 200
