import {
  type AdminRemove,
  type AdminUpdate,
  assignmentWindow,
  RENEW_WITHIN,
  rescheduled,
  SHORTEST_ASSIGNMENT,
} from '../domain/assignment.ts'
import { ENDABLE, endedEarly } from '../domain/early-end.ts'
import type { EligibilitySchedule, EligibilityWindow } from '../domain/eligibility.ts'
import { isAssigned, isOpen, mayHold, type Request } from '../domain/request.ts'
import { canceled } from '../domain/request-steps.ts'
import { titleOf } from '../domain/role.ts'
import { plus } from '../domain/schedule.ts'
import { changeRequest } from '../live/change.ts'
import type { Caller, Ports, Stored, Workflows } from '../ports.ts'
import { askedOf, assignAnew, exists, judgeAssigning } from './assigning.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { refuseForOneself } from './for-oneself.ts'
import { idOfAssignment } from './meant.ts'
import { doesNotExist, Refused } from './refused.ts'
import { actor, again, refuseIfLast } from './withdrawals.ts'

/** Moves the window of an assignment, or gives one that has expired again. */
export async function updateAssignment(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  body: AdminUpdate,
): Promise<Request> {
  const id = await idOfAssignment(ports, caller, body)
  if (body.action === 'adminRenew') return renew(ports, workflows, caller, id, body)
  return again(async () => {
    const { read, now, asked: pending } = await target(ports, caller, id)
    const request = read.value
    if (!isAssigned(request))
      throw new Refused(
        400,
        'InvalidRoleAssignmentRequest',
        'The end of an activation does not move: whoever has activated it extends it by selfExtend.',
      )
    if (request.status !== 'Granted' && request.status !== 'Provisioned') throw doesNotExist()
    refuseWhileAsked(pending)
    const running = request.status === 'Provisioned' ? request.startsAt : null
    const window = assignmentWindow(withStart(body.scheduleInfo, request), now, running)
    await judgeAssigning(ports, caller, request, body, window, now)
    if (body.action === 'adminExtend' && !endsLater(window, request.endsAt))
      throw new Refused(
        400,
        'InvalidRoleAssignmentRequestSchedule',
        'To extend is to end later than it does. To shorten it, send adminUpdate.',
      )
    const reason = body.justification?.trim() || null
    const asked = askedOf(body.scheduleInfo)
    const step = rescheduled(
      request,
      body.action as 'adminUpdate' | 'adminExtend',
      { asked, window, reason },
      actor(caller),
      now,
    )
    return body.isValidationOnly ? step.request : changeRequest(ports, workflows, read, step)
  })
}

/** A start that has yet to come stays, unless another is asked for. */
const withStart = (schedule: EligibilitySchedule, { startsAt }: Request): EligibilitySchedule => ({
  ...schedule,
  startDateTime: schedule.startDateTime ?? startsAt,
})

const endsLater = ({ endDateTime }: EligibilityWindow, endsAt: string | null) =>
  endsAt !== null && (endDateTime === null || Date.parse(endDateTime) > Date.parse(endsAt))

async function renew(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  id: string,
  body: AdminUpdate,
): Promise<Request> {
  const { read, now, asked } = await target(ports, caller, id)
  const { value } = read
  refuseWhileAsked(asked)
  if (!isAssigned(value)) throw doesNotExist()
  if (isOpen(value)) throw exists()
  if (value.status !== 'Expired' || now > plus(new Date(value.endsAt as string), RENEW_WITHIN))
    throw new Refused(
      400,
      'RoleAssignmentDoesNotExist',
      `This assignment is ${value.status}: only what has expired within 30 days is renewed. Assign it anew.`,
    )
  const { provider, roleDefinitionId, scope } = value
  return (await assignAnew(ports, workflows, caller, {
    ...body,
    action: 'adminRenew',
    role: { provider, roleDefinitionId, scope },
    condition: value.condition,
    principalId: value.principal.id,
  })) as Request
}

/**
 * Takes an assignment away, or somebody's activation; not in its first five minutes. Before its start it is withdrawn, and while it
 * is being given it is taken back. Whatever else covers the role goes on.
 */
export async function removeAssignment(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  body: AdminRemove,
): Promise<Request> {
  const id = await idOfAssignment(ports, caller, body)
  return again(async () => {
    const { read, now, asked, open } = await target(ports, caller, id)
    const { status, grant } = read.value
    if (!ENDABLE.includes(status) && status !== 'PendingApproval') throw doesNotExist()
    if (status === 'Provisioned' && now < plus(new Date(grant?.grantedAt as string), SHORTEST_ASSIGNMENT))
      throw new Refused(
        400,
        'ActiveDurationTooShort',
        'The Active duration is too short. Miniumum Required is 5 minutes.',
      )
    if (mayHold(read.value)) await refuseIfLast(ports, read.value, open)
    const step = endedEarly(read.value, actor(caller), now, body.justification?.trim() || null)
    const withdrawn = asked && { read: asked, step: canceled(asked.value, actor(caller), now) }
    return changeRequest(ports, workflows, read, step, withdrawn)
  })
}

/** What its holder has asked about this assignment, and nobody has answered. */
export const askedAboutAssignment = (open: readonly Stored<Request>[], id: string) =>
  open.find(({ value }) => value.targetId === id)

function refuseWhileAsked(asked: Stored<Request> | undefined): void {
  if (asked)
    throw new Refused(
      400,
      'PendingRoleAssignmentRequest',
      `There is an already existing pending role assignment extension: decide request ${asked.value.id} first.`,
    )
}

/** The assignment, what its holder has asked about it, and what else they have open. */
async function target(ports: Ports, caller: Caller, id: string) {
  const read = await ports.store.findRequest(id)
  if (!read) throw doesNotExist()
  await refuseUnlessAdministrator(ports, caller, read.value)
  const { principal, principalType: type } = read.value
  await refuseForOneself(ports, caller, principal.id, type)
  const named = { ...read.value, displayName: titleOf(read.value) }
  await refuseBreakGlass(ports, caller, { ...principal, type }, named, 'change of an assignment asked for')
  const { requests: open } = await ports.store.readLive(principal.id)
  return { read, now: ports.now(), open, asked: askedAboutAssignment(open, id) }
}
