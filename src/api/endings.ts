import { z } from 'zod'
import { ENDABLE, endedEarly, extensionsAmong } from '../domain/early-end.ts'
import type { Request } from '../domain/request.ts'
import { text } from '../domain/text.ts'
import { changeRequest } from '../live/change.ts'
import type { Caller, Ports, Stored, Workflows } from '../ports.ts'
import { mayAdminister } from './authority.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { forbidden, notFound, Refused } from './refused.ts'
import { actor, again, refuseIfLast } from './withdrawals.ts'

/** Why somebody's access is ended before its time. */
export const Ending = z.strictObject({
  justification: text(1000).refine((reason) => reason.trim() !== '', {
    message: 'must say why the access is ended before its time',
  }),
})
export type Ending = z.infer<typeof Ending>

/**
 * Ends somebody's access, or what has been approved and not begun, at once: by whoever has approved it, or by an administrator. What
 * extends it ends with it. Throws 403 for others, 409 when there is nothing left to end.
 */
export async function endEarly(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  id: string,
  { justification }: Ending,
): Promise<Request> {
  return again(async () => {
    const read = await ports.store.findRequest(id)
    if (!read) throw notFound('There is no such request.')
    const { value } = read
    if (!(await mayEnd(ports, caller, value)))
      throw forbidden('Access is ended early by whoever has approved it, or by an administrator.')
    if (value.ending?.because === 'deactivated' && value.ending.by.id === caller.id) return value
    if (!ENDABLE.includes(value.status)) throw overAlready(value)
    await refuseBreakGlass(
      ports,
      caller,
      { ...value.principal, type: value.principalType },
      { ...value, displayName: value.roleName },
      'early end asked for',
    )
    const { requests } = await ports.store.readLive(value.principal.id)
    await refuseIfLast(ports, value, requests)
    for (const other of extensionsAmong(value, requests))
      if (!(await end(ports, workflows, caller, other, justification))) return undefined // somebody came between
    return end(ports, workflows, caller, read, justification)
  })
}

function overAlready({ status }: Request): Refused {
  return new Refused(
    409,
    'RoleAssignmentRequestNotPending',
    `This request is ${status}: there is nothing to end.`,
  )
}

/** Whoever approved it may take that back while their account is enabled, also when they are no approver any more. */
async function mayEnd(ports: Ports, caller: Caller, { approval, ...request }: Request): Promise<boolean> {
  const signers = [...(approval?.votes ?? []), ...(approval?.decision ? [approval.decision] : [])]
  const hasSigned = signers.some(({ reviewedBy }) => reviewedBy.id === caller.id)
  if (hasSigned && (await ports.directory.person(caller.id))?.accountEnabled) return true
  return mayAdminister(ports, caller, request)
}

function end(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  read: Stored<Request>,
  reason: string,
): Promise<Request | undefined> {
  return changeRequest(
    ports,
    workflows,
    read,
    endedEarly(read.value, actor(caller), ports.now(), reason.trim()),
  )
}
