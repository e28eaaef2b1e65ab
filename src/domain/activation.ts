import { raised, SHORTEST } from './approval-progress.ts'
import type { AutoApproval } from './approval-rule.ts'
import { type Ask, windowAsked } from './ask.ts'
import { sameCondition } from './condition.ts'
import type { Denial } from './denial.ts'
import { type Eligibility, isCurrent, isNotOver } from './eligibility.ts'
import type { Person, Proof } from './person.ts'
import { isFilled } from './quorum.ts'
import type { Request } from './request.ts'
import { covers, type RoleDescription } from './role.ts'
import type { Demands } from './role-settings.ts'
import { durationMillis, inWords, MINUTE } from './schedule.ts'
import type { DeskAnswer } from './ticket-check.ts'
import { deskDenials, desksToAsk, ticketDenials } from './ticket-denials.ts'

/** All that the answer depends on, as it is now. */
export type Circumstances = {
  now: Date
  requester: Person | undefined
  /** It concerns a break-glass account, as the requester or as what the role is held over: those are only watched. */
  isBreakGlass?: boolean
  definition: RoleDescription | undefined
  /** Own and through groups that the requester is an active member of. */
  eligibilities: readonly Eligibility[]
  /** The scopes that the role's own lies in. Not known: nothing is covered but the scope itself. */
  scopesAbove?: readonly string[]
  demands: Demands
  proof: Proof
  /** A context that counts as a second factor in this tenant, if there is one. */
  mfaContext: string | null
  /** Judged for the first time: then an approval must still have its time. */
  opening?: boolean
  /** Judged again at the start: how short it has become and how far ahead it lay are no longer asked. */
  atStart?: boolean
  /** Could enough people approve, the requester left out? Null where nobody is asked. */
  approvers: boolean | null
  /** The condition by which it is approved at once; null: somebody is asked, or nobody has to be. */
  automatic?: AutoApproval | null
  /** What the desks say of the ticket, those that were asked. */
  said?: readonly DeskAnswer[]
}

/**
 * Every reason to refuse, so that a person can mend them all at once; empty means: go ahead. The one function
 * that decides: in the dry run, for the request, at the approval and at the start.
 */
export function activationDenials(ask: Ask, c: Circumstances): Denial[] {
  const known = [...denialsBeforeDesks(ask, c), ...approverSetDenials(c)]
  return [...known, ...deskDenials(desksToAsk(ask, c), c, known.length === 0)]
}

/** What refuses whatever a desk may say: who is refused by it need not be asked about. */
export function denialsBeforeDesks(ask: Ask, c: Circumstances): Denial[] {
  return [
    ...requesterDenials(c),
    ...breakGlassDenials(c),
    ...roleDenials(c),
    ...eligibilityDenials(ask, c),
    ...durationDenials(ask, c),
    ...justificationDenials(ask, c),
    ...ticketDenials(ask, c),
    ...proofDenials(c),
  ]
}

/** An approval that is asked for now must have been given, whatever was asked for when the request was made. */
export function stillApproved(
  { approval }: Pick<Request, 'approval'>,
  { demands, automatic }: Pick<Circumstances, 'demands' | 'automatic'>,
): Denial[] {
  const demand = demands.approval
  if (!demand) return []
  const no = (message: string): Denial[] => [{ rule: 'ApprovalRule', target: 'roleDefinitionId', message }]
  if (approval?.decision?.reviewResult !== 'Approved')
    return no('This role asks for an approval by now, and the request has none: ask again.')
  if (approval.decision.via === 'automatic')
    return automatic ? [] : no('It was approved automatically, and that does not hold any more: ask again.')
  const isSilent = (index: number) => approval.stages[index]?.isUnanswered === true
  const isSilenceEnough = demand.stages.every((stage, index) => stage.approvesUnanswered || !isSilent(index))
  const needs = demand.stages.map((stage, index) => (isSilent(index) ? 0 : stage.approvalsRequired))
  const isEnough = isSilenceEnough && isFilled(needs, raised(approval, demand).votes) // two of one person may be one by now
  return isEnough ? [] : no('This role asks for more approvals by now than the request has: ask again.')
}

/** The eligibility that this rests upon: one that covers the scope and the whole window, the nearest of several. */
export function eligibilityFor(
  ask: Ask,
  c: Pick<Circumstances, 'eligibilities' | 'scopesAbove' | 'now'>,
): Eligibility | undefined {
  const { start, end } = windowAsked(ask, c.now)
  return covering(ask, c).find((eligibility) => isCurrent(eligibility, start) && endsWithin(eligibility, end))
}

/** What covers the scope that is asked for, the nearest to it first. */
function covering(
  { role, condition }: Ask,
  { eligibilities, scopesAbove = [] }: Pick<Circumstances, 'eligibilities' | 'scopesAbove'>,
): Eligibility[] {
  const distance = ({ scope }: Eligibility) => [role.scope, ...scopesAbove].indexOf(scope)
  return eligibilities
    .filter((eligibility) => covers(eligibility, role, scopesAbove))
    .filter((eligibility) => condition === undefined || sameCondition(eligibility, { condition }))
    .sort((a, b) => distance(a) - distance(b))
}

const endsWithin = ({ endDateTime }: Eligibility, end: Date) =>
  endDateTime === null || end <= new Date(endDateTime)

function requesterDenials({ requester }: Circumstances): Denial[] {
  if (requester?.accountEnabled) return []
  const message = requester
    ? 'The account of the requester is disabled.'
    : 'The requester is not in the directory.'
  return [{ rule: 'RequesterRule', target: 'principalId', message }]
}

export function breakGlassDenials({ isBreakGlass }: Pick<Circumstances, 'isBreakGlass'>): Denial[] {
  if (!isBreakGlass) return []
  const message = 'This concerns a break-glass account: it is given nothing, and no role is given over it.'
  return [{ rule: 'BreakGlassRule', target: 'principalId', message }]
}

export function roleDenials({ definition }: Pick<Circumstances, 'definition'>): Denial[] {
  if (definition?.refusal) return [{ rule: 'RoleRule', target: 'scope', message: definition.refusal.message }]
  if (definition?.isEnabled) return []
  const message = definition ? 'This role is disabled in the tenant.' : 'There is no such role in the tenant.'
  return [{ rule: 'RoleRule', target: 'roleDefinitionId', message }]
}

function eligibilityDenials(ask: Ask, c: Circumstances): Denial[] {
  const { start, end } = windowAsked(ask, c.now)
  const forRole = covering(ask, c).filter((eligibility) => isNotOver(eligibility, c.now))
  const current = forRole.filter((eligibility) => isCurrent(eligibility, start))
  if (forRole.length === 0)
    return [
      {
        rule: 'EligibilityRule',
        target: 'roleDefinitionId',
        message: 'You are not eligible for this role at this scope.',
      },
    ]
  if (current.length === 0) {
    const [first] = forRole
    return [
      {
        rule: 'EligibilityRule',
        target: 'scheduleInfo.startDateTime',
        message: `You are eligible from ${first?.startDateTime}${first?.endDateTime ? ` until ${first.endDateTime}` : ''} only.`,
      },
    ]
  }
  if (current.some((eligibility) => endsWithin(eligibility, end))) return []
  const last = current
    .map(({ endDateTime }) => endDateTime as string)
    .sort()
    .at(-1)
  return [
    {
      rule: 'ExpirationRule',
      target: 'scheduleInfo.expiration',
      message: `An activation cannot outlast its eligibility: end at ${last} or before.`,
    },
  ]
}

function durationDenials(ask: Ask, { now, demands, atStart, opening }: Circumstances): Denial[] {
  const { startDateTime, expiration } = ask.scheduleInfo
  const asked = startDateTime ? new Date(startDateTime) : now
  const { start, end } = windowAsked(ask, now)
  const target = `scheduleInfo.expiration.${expiration.type === 'afterDuration' ? 'duration' : 'endDateTime'}`
  const length = end.getTime() - asked.getTime()
  const longest = durationMillis(demands.maximumDuration, asked)
  const denials: Denial[] = []
  if (length > longest)
    denials.push({
      rule: 'ExpirationRule',
      target,
      message: `At most ${demands.maximumDuration} (${inWords(longest)}) for this role; ${inWords(length)} asked for.`,
    })
  if (atStart) return denials
  if (end.getTime() - start.getTime() < SHORTEST)
    denials.push({ rule: 'ExpirationRule', target, message: 'At least 5 minutes, and they must lie ahead.' })
  const isFixed = startDateTime || expiration.type === 'afterDateTime'
  if (opening && isFixed && demands.approval && end.getTime() - now.getTime() < SHORTEST + TIME_TO_DECIDE)
    denials.push({
      rule: 'ExpirationRule',
      target,
      message: 'It needs an approval, which takes time: end at least 10 minutes ahead.',
    })
  if (start.getTime() - now.getTime() > LATEST_START)
    denials.push({
      rule: 'ExpirationRule',
      target: 'scheduleInfo.startDateTime',
      message: 'A start may lie at most 180 days ahead.',
    })
  return denials
}

/** As little as an approver can be given. Only an end that is fixed can leave less: others count from the approval. */
const TIME_TO_DECIDE = 5 * MINUTE

/** So far ahead may a start lie. */
export const LATEST_START = 180 * 24 * 60 * MINUTE

/** Reasons and proof are asked for in the same words of those who activate and of those who assign. */
export function justificationDenials(
  { justification }: Pick<Ask, 'justification'>,
  { demands }: { demands: Pick<Demands, 'justification'> },
): Denial[] {
  if (!demands.justification || justification?.trim()) return []
  return [{ rule: 'JustificationRule', target: 'justification', message: 'A justification is required.' }]
}

function proofDenials({ demands, proof, mfaContext }: Circumstances): Denial[] {
  const { mfa, contexts } = demands
  const missing = contexts.filter((context) => !proof.contexts.includes(context))
  if (missing.length > 0)
    return missing.map((context) => ({
      rule: 'AcrsRule',
      target: 'authorization',
      message: `Sign in again with the authentication context ${context}.`,
      claims: demandContext(context),
    }))
  if (!mfa || proof.mfa || (mfaContext && proof.contexts.includes(mfaContext))) return []
  return [
    {
      rule: 'MfaRule',
      target: 'authorization',
      message: 'Sign in again with a second factor.',
      claims: mfaContext ? demandContext(mfaContext) : '{"access_token":{"amr":{"values":["mfa"]}}}',
    },
  ]
}

/** What a client passes as `claims` to get a token of this authentication context. */
export const demandContext = (context: string) =>
  `{"access_token":{"acrs":{"essential":true,"value":"${context}"}}}`

function approverSetDenials({ approvers }: Circumstances): Denial[] {
  if (approvers !== false) return []
  return [
    {
      rule: 'ApprovalRule',
      target: 'roleDefinitionId',
      message:
        'This role needs an approval, and there are not enough people besides yourself who could give it (break-glass accounts do not count). Tell an administrator.',
    },
  ]
}
