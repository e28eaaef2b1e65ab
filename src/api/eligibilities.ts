import { withCondition } from '../domain/condition.ts'
import {
  type Eligibility,
  type EligibilityAction,
  type NewEligibility,
  principalRefusal,
} from '../domain/eligibility.ts'
import { windowFor } from '../domain/eligibility-life.ts'
import { added } from '../domain/eligibility-steps.ts'
import { makeId } from '../domain/ids.ts'
import type { Role } from '../domain/role.ts'
import { listWhileAnswered, tellChange } from '../live/change.ts'
import { tellEligibility } from '../live/eligibility-change.ts'
import { listForSweep } from '../live/list-for-sweep.ts'
import { governWith } from '../live/places.ts'
import { principalBehind } from '../live/principals.ts'
import { providerOf } from '../live/providers.ts'
import type { Answered, Caller, Ports } from '../ports.ts'
import { isReader, mayAdminister, refuseUnlessAdministrator } from './authority.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { moveEligibility } from './eligibility-moves.ts'
import { refuseOverlap, refuseUnmanageable, refuseWindow } from './eligibility-refusals.ts'
import { removeEligibility } from './eligibility-removal.ts'
import { refuseForOneself } from './for-oneself.ts'
import { idOfEligibility } from './meant.ts'
import { doesNotExist, notFound, Refused } from './refused.ts'
import { actor } from './withdrawals.ts'

/** Whatever administrators do with an eligibility. Answers with it as it is then; of one that was removed, as it was. */
export async function administer(
  ports: Ports,
  caller: Caller,
  body: EligibilityAction,
): Promise<Eligibility> {
  switch (body.action) {
    case 'adminRemove': {
      const id = await idOfEligibility(ports, caller, body)
      return removeEligibility(ports, caller, id, body.justification?.trim() || null, doesNotExist())
    }
    case 'adminUpdate':
    case 'adminExtend':
    case 'adminRenew':
      return moveEligibility(ports, caller, await idOfEligibility(ports, caller, body), body)
    default:
      return createEligibility(ports, caller, body)
  }
}

/** adminAssign: makes a person or a group eligible. Throws 400 for unknown principals and roles, and for what the role's settings refuse. */
export async function createEligibility(
  ports: Ports,
  caller: Caller,
  body: NewEligibility,
): Promise<Eligibility> {
  return (await makeEligible(ports, caller, body)) as Eligibility
}

/** The same, with a question that is answered by it: undefined, and nothing written, when that has changed meanwhile. */
export async function makeEligible(
  ports: Ports,
  caller: Caller,
  body: NewEligibility,
  answering?: (given: Eligibility) => Answered,
): Promise<Eligibility | undefined> {
  const { provider, roleDefinitionId, scope, principalId } = body
  const role: Role = { provider, roleDefinitionId, scope }
  await refuseUnlessAdministrator(ports, caller, role)
  const [principal, definition, live] = await Promise.all([
    principalBehind(ports.directory, principalId),
    providerOf(ports, role).describe(role),
    ports.store.readLive(principalId),
  ])
  if (!principal) throw new Refused(400, 'SubjectNotFound', `There is no user and no group ${principalId}.`)
  const { type } = principal
  await refuseForOneself(ports, caller, principalId, type)
  if (type === 'ServicePrincipal')
    throw new Refused(
      400,
      'InvalidRoleAssignmentRequest',
      'Applications and managed identities cannot activate anything: assign them the role actively.',
    )
  const unfit = principalRefusal(role, principal)
  if (unfit) throw new Refused(400, unfit.code, unfit.message)
  const described = refuseUnmanageable(definition, role)

  await refuseBreakGlass(
    ports,
    caller,
    { id: principalId, displayName: principal.displayName, type },
    { ...role, displayName: described.displayName },
    'eligibility asked for',
  )
  const now = ports.now()
  const window = windowFor(body.scheduleInfo, now)
  await refuseWindow(ports, caller, role, body, window, now)
  const judge = (others: readonly Eligibility[]) => refuseOverlap(others, role, window)
  judge(live.eligibilities)

  const { eligibility, events } = added(
    {
      ...role,
      id: makeId('elig', principalId, now, ports.random()),
      principalId,
      principalType: type,
      principalName: principal.displayName,
      roleName: described.displayName,
      scopeName: described.scopeName,
      ...window,
      createdDateTime: now.toISOString(),
      createdBy: actor(caller),
      justification: body.justification?.trim() || null,
      ...withCondition(body),
    },
    now,
    body.ticketInfo,
  )
  if (type === 'Group') await ports.views.noteGroups([principalId]) // before: one too many costs nothing
  await governWith(ports, eligibility)
  await listForSweep(ports, eligibility.id)
  const answers = answering?.(eligibility)
  if (answers) await listWhileAnswered(ports, answers)
  if (!(await ports.store.addEligibility(eligibility, events, judge, answers))) return undefined
  await tellEligibility(ports, eligibility, events)
  if (answers) await tellChange(ports, answers.read.value, answers.step)
  return eligibility
}

/** One eligibility: for its principal, those who administer the role, and those who may look on. To all others it does not exist. */
export async function getEligibility(ports: Ports, caller: Caller, id: string): Promise<Eligibility> {
  const read = await ports.store.findEligibility(id)
  if (!read) throw notFound('There is no such eligibility.')
  const { value } = read
  if (value.principalId === caller.id || (await isReader(ports, caller))) return value
  if (await mayAdminister(ports, caller, value)) return value
  throw notFound('There is no such eligibility.')
}
