import { activationDenials, type Circumstances, eligibilityFor } from '../domain/activation.ts'
import { type Approval, openStages } from '../domain/approval.ts'
import { begin, SHORTEST, withFound } from '../domain/approval-progress.ts'
import type { AutoApproval } from '../domain/approval-rule.ts'
import type { Found } from '../domain/approval-steps.ts'
import { type Ask, type SelfActivate, type SelfExtend, windowAsked } from '../domain/ask.ts'
import { type Conditioned, sameCondition, withCondition } from '../domain/condition.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import { makeId } from '../domain/ids.ts'
import { newRequest, ticketOf } from '../domain/new-request.ts'
import { isDue, nextStep } from '../domain/next-step.ts'
import { UNLISTED } from '../domain/open-work.ts'
import { INTERIM } from '../domain/person.ts'
import { isAboutSchedule, isActivation, type Request } from '../domain/request.ts'
import { opened, type Step } from '../domain/request-steps.ts'
import { type Role, sameRole } from '../domain/role.ts'
import { plus } from '../domain/schedule.ts'
import { foundBehind } from '../live/approvers.ts'
import { leaveToTheSweep, listWhileAnswered, tellChange } from '../live/change.ts'
import { circumstances } from '../live/circumstances.ts'
import { evaluationsOf } from '../live/ticket-desks.ts'
import type { Answered, Caller, Ports, Workflows } from '../ports.ts'
import { watchUse } from './break-glass.ts'
import { Refused, refuse } from './refused.ts'

/**
 * Judges a request to activate a role and, unless it is a dry run, opens it. Answers with the request as it is stored, or
 * as it would be. Throws `Refused` with every rule that failed.
 */
export async function requestActivation(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  body: SelfActivate | SelfExtend,
): Promise<Request> {
  if (body.principalId && body.principalId !== caller.id)
    throw new Refused(
      400,
      'InvalidRoleAssignmentRequest',
      'A role is activated for oneself: principalId must be your own.',
    )
  const { provider, roleDefinitionId, scope, justification, ticketInfo, scheduleInfo } = body
  const role: Role = { provider, roleDefinitionId, scope }
  const isExtension = body.action === 'selfExtend'
  const live = await ports.store.readLive(caller.id)
  const own = live.requests
    .map(({ value }) => value)
    .filter((each) => sameRole(each, role) && isActivation(each))
  const asked = { role, justification, ticketInfo, scheduleInfo }
  const continues = !isExtension && own.some((each) => isContinuedBy(each, asked, ports.now()))
  const ask: Ask = { ...asked, extends: isExtension, continues }
  const c = await circumstances(ports, caller.id, ask, live.eligibilities, caller.proof, {
    isValidationOnly: body.isValidationOnly,
  })
  if (!body.isValidationOnly)
    await watchUse(ports, {
      by: caller,
      principal: caller,
      role: { ...ask.role, displayName: c.definition?.displayName ?? roleDefinitionId },
      what: 'activation asked for',
    })
  refuse(activationDenials(ask, { ...c, opening: true }), caller.canAnswerClaims)
  refuseOtherCondition(eligibilityFor(ask, c) as Eligibility, role, live.requests)
  if (isExtension) refuseNothingToExtend(own, windowAsked(ask, c.now).end, c.now)
  const another = own.find((each) => !(isExtension ? isRunning(each, c.now) : follows(each, ask, c)))
  if (another || own.length > 1) throw alreadyThere(another ?? own[0])

  const found = await foundNow(ports, caller, ask, c)
  const step = opened(requestFor(ports, caller, ask, c, own, found))
  if (body.isValidationOnly) return step.request
  const done = await openRequest(ports, workflows, step)
  if (!done) throw alreadyThere(undefined)
  return done
}

const isRunning = (request: Request, now: Date) =>
  request.status === 'Provisioned' && !isDue(request.endsAt, now)

/** What is extended must be running, and is to last longer than it does. One extension at a time: `own` may be no more than one. */
function refuseNothingToExtend(own: readonly Request[], end: Date, now: Date): void {
  const running = own.find((each) => isRunning(each, now))
  if (!running)
    throw new Refused(
      400,
      'RoleAssignmentDoesNotExist',
      'There is no running activation of this role to extend.',
    )
  if (end <= new Date(running.endsAt as string))
    throw new Refused(
      400,
      'InvalidRoleAssignmentRequestSchedule',
      'To extend is to end later than it does.',
      {
        details: [
          {
            code: 'ExpirationRule',
            target: 'scheduleInfo.expiration',
            message: `It is active until ${running.endsAt} already.`,
          },
        ],
      },
    )
}

/** Asked for in advance, and to begin without a break that is worth the name: the role is active for longer, as by an extension. */
function isContinuedBy({ endsAt }: Request, ask: Ask, now: Date): boolean {
  if (endsAt === null || isDue(endsAt, now)) return false
  return windowAsked(ask, now).start < plus(new Date(endsAt), SHORTEST)
}

/** Known to begin when the other has ended, at that very instant or later: it may be asked for in advance. */
function follows(other: Request, ask: Ask, c: Circumstances): boolean {
  const isFixed = !c.demands.approval || ask.scheduleInfo.startDateTime
  if (!isFixed || !other.endsAt || other.status === 'PendingRevocation') return false
  return windowAsked(ask, c.now).start >= new Date(other.endsAt)
}

/**
 * First the lists, then the truth, then the outbox, and last the workflow; the sweep mends what a crash leaves undone.
 * Undefined, and nothing opened, where another stands under its guard.
 */
export async function openRequest(
  ports: Ports,
  workflows: Workflows,
  step: Step,
  answers?: Answered,
): Promise<Request | undefined> {
  const { request } = step
  if (answers) await listWhileAnswered(ports, answers)
  await ports.views.list(request.id, request.listed, UNLISTED)
  if (!(await ports.store.openRequest(step, answers))) {
    await ports.views.list(request.id, UNLISTED, request.listed)
    return undefined
  }
  const next = nextStep(request, ports.now())
  const until = next.do === 'wait' ? next.until.toISOString() : request.createdDateTime
  await tellChange(ports, undefined, step)
  if (answers) await tellChange(ports, answers.read.value, answers.step)
  await leaveToTheSweep(ports, request, () =>
    workflows.start({ requestId: request.id, turn: request.turn, until }),
  )
  return request
}

/** What is noted of those that are open already. */
const beside = (own: readonly Request[], ask: Ask): Pick<Request, 'guard' | 'extendsId' | 'continues'> => ({
  ...(own.some(({ guard }) => !guard) && { guard: 'next' }),
  ...(ask.extends && own[0] && { extendsId: own[0].id }),
  ...(ask.continues && { continues: true }),
})

function requestFor(
  { now, random }: Ports,
  caller: Caller,
  ask: Ask,
  c: Circumstances,
  own: readonly Request[],
  found: Found,
): Request {
  const at = now()
  const window = windowAsked(ask, at)
  const eligibility = eligibilityFor(ask, c) as Eligibility
  const { startDateTime = null, expiration } = ask.scheduleInfo
  const fixed = startDateTime !== null || expiration.type === 'afterDateTime'
  const approval = approvalFor(c, found, fixed ? window.end : null, at)
  const counted = !approval || approval.decision !== null || fixed
  return newRequest(
    {
      ...ask.role,
      id: makeId('req', caller.id, at, random()),
      action: ask.extends ? 'selfExtend' : 'selfActivate',
      ...beside(own, ask),
      status: approval && !approval.decision ? 'PendingApproval' : 'Granted',
      principal: { id: caller.id, displayName: c.requester?.displayName ?? caller.displayName },
      principalType: 'User',
      roleName: c.definition?.displayName ?? ask.role.roleDefinitionId,
      scopeName: c.definition?.scopeName ?? ask.role.scope,
      justification: ask.justification?.trim() || null,
      ticketInfo: ticketOf(ask.ticketInfo),
      ...evaluationsOf(c),
      asked: { startDateTime: startDateTime ?? null, expiration },
      eligibilityId: eligibility.id,
      ...withCondition(eligibility),
      settingsVersion: c.demands.version,
      madeUnder: c.demands,
      proof: caller.proof,
      startsAt: counted ? window.start.toISOString() : null,
      endsAt: counted ? window.end.toISOString() : null,
      approval,
    },
    at,
  )
}

/** There is but one assignment of a role at a scope: what is held under another condition leaves no place beside it. */
export function refuseOtherCondition(
  wanted: Conditioned,
  role: Role,
  open: readonly { value: Request }[],
): void {
  const other = open.find(
    ({ value }) => sameRole(value, role) && !isAboutSchedule(value) && !sameCondition(value, wanted),
  )
  if (other)
    throw new Refused(
      400,
      'RoleAssignmentExists',
      `The Role assignment already exists, under another condition: request ${other.value.id} is ${other.value.status}.`,
    )
}
/** Behind approvers whom only a look finds: who is asked first. */
async function foundNow(ports: Ports, caller: Caller, ask: Ask, c: Circumstances): Promise<Found> {
  const demand = c.demands.approval
  if (!demand || c.automatic) return new Map()
  const approval = begin(demand, c.now, null)
  return foundBehind(ports, { ...ask.role, principal: caller, approval }, openStages(approval))
}

/** What it waits for, begun; or given already, where the settings let it pass. */
function approvalFor(
  { demands: { approval: demand }, automatic }: Circumstances,
  found: Found,
  fixedEnd: Date | null,
  at: Date,
): Approval | null {
  if (!demand) return null
  const begun = begin(demand, at, fixedEnd)
  return automatic ? approvedBy(automatic, begun, at) : withFound(begun, found)
}

/** Approved at once, as the settings say, in their own words. */
const approvedBy = ({ description }: AutoApproval, begun: Approval, at: Date): Approval => ({
  ...begun,
  stages: [],
  decision: {
    reviewResult: 'Approved',
    reviewedBy: INTERIM,
    reviewedDateTime: at.toISOString(),
    justification: description,
    via: 'automatic',
  },
})

/** At most one at a time, and one that follows or extends it, in Microsoft's words for each case. */
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
