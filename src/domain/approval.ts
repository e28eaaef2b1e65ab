import { z } from 'zod'
import type { StageDemand } from './approval-demand.ts'
import { approverKey, everybodyIn, type StagePeople, userKey } from './approver.ts'
import { EligibilitySchedule } from './eligibility.ts'
import type { Actor } from './person.ts'
import { tally, type Voice } from './quorum.ts'
import { text } from './text.ts'
import { TicketInfo } from './ticket.ts'

/** An approver's answer, with Graph's verbs; the justification as the role's settings ask for it. */
export const Review = z.strictObject({
  reviewResult: z.enum(['Approve', 'Deny']),
  justification: text(1000).nullish(),
  scheduleInfo: EligibilitySchedule.optional().meta({
    description: 'Of an extension or a renewal: from when to when instead of what was asked for.',
  }),
  assignmentType: z.enum(['eligible', 'active']).optional().meta({
    description:
      'Of an extension or a renewal: as what. As the other type it is given anew, and the old one keeps its end.',
  }),
  ticketInfo: TicketInfo.nullish(),
  stageId: z.string().max(80).nullish().meta({
    description:
      'For which stage it is meant, by its id. Named, an answer that is sent twice never counts for the next stage too.',
  }),
})
export type Review = z.infer<typeof Review>

/** Through what somebody decides: the API, the page as who they signed in as, the mailed link; or Interim, by the settings. */
export type Via = 'api' | 'page' | 'link' | 'automatic' | 'timeOut'

/** How the whole of it ended. `reviewedBy`: whose answer was the last that it took. */
export type Decision = {
  reviewResult: 'Approved' | 'Denied'
  reviewedBy: Actor
  /** In whose place, while they are away. */
  onBehalfOf?: Actor
  reviewedDateTime: string
  justification: string | null
  via: Via
  /** What was given instead, where an extension was approved as the other type. */
  givenAs?: string
}

/** One approval, and the stages that it may count for (by their numbers): one of them if `once`, else each. */
export type Vote = Omit<Decision, 'reviewResult'> & Voice

/** A stage as it stands. Before it begins it has no times. */
export type Stage = StageDemand & {
  begunAt: string | null
  pendingUntil: string | null
  /** The next reminder; null: there is none to come. */
  remindAt: string | null
  reminders: number
  escalateAt: string | null
  escalatedAt: string | null
  /** It has all the approvals that it takes; or nobody has answered, and the settings are content with that. */
  completedAt: string | null
  isUnanswered?: true
  /** Who was found behind those approvers who have to be found out, when they were last asked. */
  found?: string[]
}

/** What has just happened in an approval, and in which stages: for those who are to be told. `n` counts. */
export type News = {
  what: 'asked' | 'reminded' | 'escalated' | 'voted' | 'advanced'
  stages: number[]
  at: string
  n: number
}

export type Approval = {
  mode: 'Serial' | 'Parallel'
  stages: Stage[]
  votes: Vote[]
  news: News
  /** The earliest instant at which a stage that is open now ends unanswered. */
  pendingUntil: string
  /** After this an approval would be of no use any more; null: the access is counted from it. */
  limit: string | null
  decision: Decision | null
}

/** The numbers of the stages that wait for answers now. */
export const openStages = ({ stages, decision }: Approval): number[] =>
  stages.flatMap(({ begunAt, completedAt }, index) =>
    begunAt !== null && completedAt === null && decision === null ? [index] : [],
  )

/**
 * The stages in which an answer may still matter: those that are open, and side by side also complete ones, for whoever may sign
 * in several makes way for whoever may in one alone.
 */
export const stagesToSpeakIn = ({ mode, stages, decision }: Approval): number[] =>
  stages.flatMap(({ begunAt, completedAt }, index) => {
    const isOpen = completedAt === null || mode === 'Parallel'
    return begunAt !== null && decision === null && isOpen ? [index] : []
  })

/** Does this stage shut out whoever has approved before it? */
export const excludes = ({ stages }: Pick<Approval, 'stages'>, index: number) =>
  stages[index]?.excludesEarlier === true

/**
 * Whether with this approval somebody has nothing more to say in a stage: it was for that one; or either of the two shuts out who
 * approves in another. In series a stage shuts out who has approved before it; side by side there is no before.
 */
export function isSpentIn(
  approval: Pick<Approval, 'mode' | 'stages'>,
  { stages }: Pick<Vote, 'stages'>,
  index: number,
): boolean {
  if (excludes(approval, index) || stages.includes(index)) return true
  return stages.some((each) => excludes(approval, each) && (approval.mode === 'Parallel' || index < each))
}

/** Whoever speaks, and in whose place. */
export const voicesOf = ({ reviewedBy, onBehalfOf }: Pick<Vote, 'reviewedBy' | 'onBehalfOf'>) => [
  reviewedBy.id,
  ...(onBehalfOf ? [onBehalfOf.id] : []),
]

/** How many approvals each stage takes. */
export const needsOf = ({ stages }: Pick<Approval, 'stages'>) =>
  stages.map(({ approvalsRequired, isUnanswered }) => (isUnanswered ? 0 : approvalsRequired))

/** Whose approvals count for each stage. */
export const votesByStage = (approval: Approval): Vote[][] =>
  tally(needsOf(approval), approval.votes).map((room) =>
    room.sort((a, b) => a - b).map((index) => approval.votes[index] as Vote),
  )

/** Those who are asked in a stage now, as lists: the escalation's only after it. */
export function askedIn({ people, escalatedAt }: Pick<Stage, 'people' | 'escalatedAt'>): StagePeople[] {
  return people.map(({ escalation, ...rest }) => (escalation && escalatedAt ? { ...rest, escalation } : rest))
}

/** Who has nothing more to say in a stage: has approved in it, or elsewhere where that shuts them out; and in whose place they did. */
export function answeredIn(
  approval: Pick<Approval, 'mode' | 'stages' | 'votes'>,
  index: number,
): Set<string> {
  return new Set(approval.votes.filter((vote) => isSpentIn(approval, vote, index)).flatMap(voicesOf))
}

/** What a stage is called: the first as its request, as clients of Graph expect it. */
export const stageId = (requestId: string, index: number) =>
  index === 0 ? requestId : `${requestId}.${index + 1}`

/** Keys of the lists on which those who are asked now find it. */
export function awaitingKeys(approval: Approval): string[] {
  const keys = stagesToSpeakIn(approval).flatMap((index) => {
    const stage = approval.stages[index] as Stage
    const named = askedIn(stage).flatMap(everybodyIn).map(approverKey)
    return [...named.filter((key) => /^(user|group)-/.test(key)), ...(stage.found ?? []).map(userKey)]
  })
  return [...new Set(keys)]
}
