import {
  type Ask,
  activationDenials,
  type Circumstances,
  eligibilityFor,
  type SelfActivate,
  windowAsked,
} from '../domain/activation.ts'
import { approvalTimes } from '../domain/approval.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import { makeId } from '../domain/ids.ts'
import { nextStep } from '../domain/next-step.ts'
import { listedAfterChange, UNLISTED } from '../domain/open-work.ts'
import { guardKey, type Request } from '../domain/request.ts'
import { opened, type Step } from '../domain/request-steps.ts'
import { roleKey } from '../domain/role.ts'
import { leaveToTheSweep, tellChange } from '../live/change.ts'
import { circumstances } from '../live/circumstances.ts'
import type { Caller, Ports, Workflows } from '../ports.ts'
import { Refused, refuse } from './refused.ts'

/**
 * Judges a request to activate a role and, unless it is a dry run, opens it. Answers with the request as it is stored, or
 * as it would be. Throws `Refused` with every rule that failed.
 */
export async function requestActivation(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  body: SelfActivate,
): Promise<Request> {
  if (body.principalId && body.principalId !== caller.id)
    throw new Refused(
      400,
      'InvalidRoleAssignmentRequest',
      'A role is activated for oneself: principalId must be your own.',
    )
  const { provider, roleDefinitionId, scope, justification, ticketInfo, scheduleInfo } = body
  const ask: Ask = { role: { provider, roleDefinitionId, scope }, justification, ticketInfo, scheduleInfo }

  const live = await ports.store.readLive(caller.id)
  const c = await circumstances(ports, caller.id, ask, live.eligibilities, caller.proof)
  refuse(activationDenials(ask, { ...c, opening: true }), caller.canAnswerClaims)
  const another = live.requests.find(({ value }) => guardKey(value) === roleKey(ask.role))
  if (another) throw alreadyThere(another.value)

  const step = opened(newRequest(ports, caller, ask, c))
  return body.isValidationOnly ? step.request : open(ports, workflows, step)
}

/** First the lists, then the truth, then the outbox, and last the workflow; the sweep mends what a crash leaves undone. */
async function open(ports: Ports, workflows: Workflows, step: Step): Promise<Request> {
  const { request } = step
  await ports.views.list(request.id, request.listed, UNLISTED)
  if (!(await ports.store.openRequest(step))) {
    await ports.views.list(request.id, UNLISTED, request.listed)
    throw alreadyThere(undefined)
  }
  const next = nextStep(request, ports.now())
  const until = next.do === 'wait' ? next.until.toISOString() : request.createdDateTime
  await tellChange(ports, undefined, step)
  await leaveToTheSweep(ports, request, () =>
    workflows.start({ requestId: request.id, turn: request.turn, until }),
  )
  return request
}

function newRequest({ now, random }: Ports, caller: Caller, ask: Ask, c: Circumstances): Request {
  const at = now()
  const window = windowAsked(ask, at)
  const eligibility = eligibilityFor(ask, c) as Eligibility
  const demand = c.demands.approval
  const { startDateTime = null, expiration } = ask.scheduleInfo
  const fixed = startDateTime !== null || expiration.type === 'afterDateTime'
  const counted = !demand || fixed
  const request: Request = {
    ...ask.role,
    id: makeId('req', caller.id, at, random()),
    action: 'selfActivate',
    status: demand ? 'PendingApproval' : 'Granted',
    principal: { id: caller.id, displayName: c.requester?.displayName ?? caller.displayName },
    principalType: 'User',
    roleName: c.definition?.displayName ?? ask.role.roleDefinitionId,
    scopeName: c.definition?.scopeName ?? ask.role.scope,
    createdDateTime: at.toISOString(),
    justification: ask.justification?.trim() || null,
    ticketInfo: ask.ticketInfo
      ? {
          ticketNumber: ask.ticketInfo.ticketNumber ?? null,
          ticketSystem: ask.ticketInfo.ticketSystem ?? null,
        }
      : null,
    asked: { startDateTime: startDateTime ?? null, expiration },
    eligibilityId: eligibility.id,
    settingsVersion: c.demands.version,
    madeUnder: c.demands,
    proof: caller.proof,
    startsAt: counted ? window.start.toISOString() : null,
    endsAt: counted ? window.end.toISOString() : null,
    approval: demand && {
      approvers: demand.approvers,
      justificationRequired: demand.justification,
      byLink: demand.byLink,
      ...approvalTimes(demand, at, fixed ? window.end : null),
      remindedAt: null,
      decision: null,
    },
    grant: null,
    ending: null,
    failure: null,
    completedDateTime: null,
    turn: 1,
    changedIn: 0,
    listed: UNLISTED,
  }
  return { ...request, listed: listedAfterChange(request, at) }
}

/** At most one open request of a person for a role at a scope, in Microsoft's words for each case. */
function alreadyThere(other: Request | undefined): Refused {
  if (other && ['Provisioned', 'PendingRevocation', 'PendingProvisioning'].includes(other.status))
    return new Refused(400, 'RoleAssignmentExists', 'The Role assignment already exists.')
  const which = other ? ` Request ${other.id} is ${other.status}.` : ''
  return new Refused(
    400,
    'RoleAssignmentRequestExists',
    `There is an open request for this role already.${which}`,
  )
}
