import { type Ask, type Circumstances, eligibilityFor } from '../domain/activation.ts'
import { approverGroups, approverUsers } from '../domain/approval.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import type { Person, Proof } from '../domain/person.ts'
import type { Role, RoleDefinition } from '../domain/role.ts'
import {
  type Approver,
  type Demands,
  defaultRules,
  demandsOf,
  type RoleSettings,
  settingsRole,
} from '../domain/role-settings.ts'
import type { Ports } from '../ports.ts'
import { isOverBreakGlass } from './break-glass.ts'
import { providerOf } from './providers.ts'

/** How a role's settings stand: as written, or Microsoft's defaults where nobody has changed them. */
export async function settingsOf({ settings }: Pick<Ports, 'settings'>, role: Role): Promise<RoleSettings> {
  const stored = await settings.read(role)
  return (
    stored?.value ?? {
      role,
      version: 0,
      rules: defaultRules(),
      lastModifiedDateTime: null,
      lastModifiedBy: null,
    }
  )
}

export async function demandsNow(
  ports: Ports,
  role: Role,
  definition: RoleDefinition | undefined,
): Promise<Demands> {
  return demandsOf(await settingsOf(ports, settingsRole(role)), definition?.isPrivileged ?? true)
}

/** All that the answer to a request depends on, read now. `own` are the requester's own eligibilities, read already. */
export async function circumstances(
  ports: Ports,
  principalId: string,
  ask: Ask,
  own: readonly Eligibility[],
  proof: Proof,
): Promise<Circumstances> {
  const now = ports.now()
  const [requester, definition] = await Promise.all([
    ports.directory.person(principalId),
    providerOf(ports, ask.role).describe(ask.role),
  ])
  const covered = eligibilityFor(ask, { eligibilities: own, now })
  const eligibilities = covered ? own : [...own, ...(await eligibilitiesThroughGroups(ports, principalId))]
  const demands = await demandsNow(ports, ask.role, definition)
  const approvers =
    demands.approval && ((await someApprover(ports, demands.approval.approvers, principalId)) ? 1 : 0)
  return {
    now,
    requester,
    isBreakGlass: ports.breakGlass.includes(principalId) || isOverBreakGlass(ports, ask.role),
    definition,
    eligibilities,
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

/** Is there anybody who could approve? The requester does not count, nor does a disabled account, nor one that is for emergencies. */
async function someApprover(
  ports: Ports,
  approvers: readonly Approver[],
  requesterId: string,
): Promise<boolean> {
  const counts = (person: Person | undefined) =>
    person?.accountEnabled && person.id !== requesterId && !ports.breakGlass.includes(person.id)
  for (const id of approverUsers(approvers)) if (counts(await ports.directory.person(id))) return true
  for (const id of approverGroups(approvers))
    if ((await ports.directory.membersOf(id, ENOUGH)).some(counts)) return true
  return false
}

/** More members than this are not looked at to find one who is not the requester. */
const ENOUGH = 200
