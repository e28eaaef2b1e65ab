import { SHORTEST } from '../domain/approval-progress.ts'
import { extensionsAmong } from '../domain/early-end.ts'
import { coverAmong, othersOf } from '../domain/overlaps.ts'
import { awaitsDecision, isActivation, isOurs, type Request } from '../domain/request.ts'
import { canceled, endingBegun } from '../domain/request-steps.ts'
import { type Role, sameRole } from '../domain/role.ts'
import { changeRequest } from '../live/change.ts'
import type { Caller, Ports, Stored, Workflows } from '../ports.ts'
import { mayAdminister } from './authority.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { refuseLastAdministrator } from './last-administrator.ts'
import { doesNotExist, forbidden, notFound, Refused } from './refused.ts'

/** Withdraws a request that has given nothing yet: by its requester, or by an administrator. */
export async function cancelRequest(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  id: string,
): Promise<Request> {
  return again(async () => {
    const read = await ports.store.findRequest(id)
    if (!read) throw notFound('There is no such request.')
    if (read.value.principal.id !== caller.id && !(await mayAdminister(ports, caller, read.value)))
      throw forbidden('Only its requester or an administrator may cancel a request.')
    if (!awaitsDecision(read.value) && read.value.status !== 'Granted')
      throw new Refused(
        409,
        'RoleAssignmentRequestNotPending',
        `This request is ${read.value.status}: there is nothing left to cancel.`,
      )
    return changeRequest(ports, workflows, read, canceled(read.value, actor(caller), ports.now()))
  })
}

/** Gives an activated role back before its end; not in its first five minutes, as at Microsoft. */
export async function deactivate(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  role: Role,
  reason: string | null = null,
): Promise<Request> {
  return again(async () => {
    const { requests } = await ports.store.readLive(caller.id)
    const own = requests.filter(({ value }) => sameRole(value, role) && isActivation(value))
    const held = own.find(({ value }) => value.status === 'Provisioned')
    if (!held) throw doesNotExist()
    await refuseBreakGlass(
      ports,
      caller,
      { ...actor(caller), type: 'User' },
      { ...role, displayName: held.value.roleName },
      'deactivation asked for',
    )
    refuseTooShort(held, ports.now())
    const goesOn = requests.filter(({ value }) => !own.some((mine) => mine.value.id === value.id))
    await refuseIfLast(ports, held.value, goesOn)
    for (const { value } of own) await endExtension(ports, workflows, caller, value, held.value, reason)
    return changeRequest(
      ports,
      workflows,
      held,
      endingBegun(held.value, 'deactivated', actor(caller), ports.now(), reason),
    )
  })
}

/** Nothing is taken from whom another grant goes on to cover: then there is nobody's last to lose. What extends it ends with it. */
export async function refuseIfLast(
  ports: Ports,
  ending: Request,
  open: readonly Stored<Request>[],
): Promise<void> {
  const extending = extensionsAmong(ending, open)
  const goesOn = open.filter((each) => !extending.includes(each))
  if (!isOurs(ending) || coverAmong(ending, othersOf(ending, goesOn), ports.now())) return
  await refuseLastAdministrator(ports, ending.principal.id, ending)
}

/** Whoever gives the role back wants no more of it: what extends it goes first, so that a process that dies leaves less and not more. */
async function endExtension(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  { id }: Request,
  held: Request,
  reason: string | null,
): Promise<void> {
  await again(async () => {
    const read = await ports.store.findRequest(id)
    if (!read || id === held.id) return true
    const { value } = read
    const now = ports.now()
    if (isExtending(value) && (value.status === 'PendingApproval' || value.status === 'Granted'))
      return changeRequest(ports, workflows, read, canceled(value, actor(caller), now))
    if (value.status !== 'Provisioned' && value.status !== 'PendingProvisioning') return true
    return changeRequest(
      ports,
      workflows,
      read,
      endingBegun(value, 'deactivated', actor(caller), now, reason),
    )
  })
}

const isExtending = ({ action }: Request) => action === 'selfExtend'

function refuseTooShort({ value }: Stored<Request>, now: Date): void {
  const since = Date.parse(value.grant?.grantedAt ?? value.createdDateTime)
  if (now.getTime() - since < SHORTEST)
    throw new Refused(
      400,
      'ActiveDurationTooShort',
      'The Active duration is too short. Miniumum Required is 5 minutes.',
    )
}

/** As often as somebody else comes between: look again, decide again. */
export async function again<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 20; tries++) {
    const done = await attempt()
    if (done !== undefined) return done
  }
  throw new Refused(409, 'ConcurrentUpdate', 'Others are changing this at the same time. Try again.')
}

export const actor = ({ id, displayName }: Caller) => ({ id, displayName })
