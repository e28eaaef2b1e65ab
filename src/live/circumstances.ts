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
import type { Ports, Stored } from '../ports.ts'
import { providerOf } from './providers.ts'

/**
 * How a role's settings stand: as written for its scope, else for the nearest scope above, else Microsoft's defaults. So
 * nobody is asked less because they ask for a smaller scope.
 */
export async function settingsOf(
  ports: Pick<Ports, 'settings' | 'providers'>,
  role: Role,
): Promise<RoleSettings> {
  const above = await providerOf(ports, role).scopesAbove(role.scope)
  let stored: Stored<RoleSettings> | undefined
  for (const scope of [role.scope, ...above]) stored ??= await ports.settings.read({ ...role, scope })
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
  const provider = providerOf(ports, ask.role)
  const [requester, definition, scopesAbove] = await Promise.all([
    ports.directory.person(principalId),
    provider.describe(ask.role),
    provider.scopesAbove(ask.role.scope),
  ])
  const covered = eligibilityFor(ask, { eligibilities: own, scopesAbove, now })
  const eligibilities = covered ? own : [...own, ...(await eligibilitiesThroughGroups(ports, principalId))]
  const demands = await demandsNow(ports, ask.role, definition)
  const approvers =
    demands.approval && ((await someApprover(ports, demands.approval.approvers, principalId)) ? 1 : 0)
  return {
    now,
    requester,
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

/** Is there anybody who could approve? The requester does not count, nor does a disabled account. */
async function someApprover(
  ports: Ports,
  approvers: readonly Approver[],
  requesterId: string,
): Promise<boolean> {
  const counts = (person: Person | undefined) => person?.accountEnabled && person.id !== requesterId
  for (const id of approverUsers(approvers)) if (counts(await ports.directory.person(id))) return true
  for (const id of approverGroups(approvers))
    if ((await ports.directory.membersOf(id, ENOUGH)).some(counts)) return true
  return false
}

/** More members than this are not looked at to find one who is not the requester. */
const ENOUGH = 200
