import {
  type Approval,
  excludes,
  isSpentIn,
  type News,
  needsOf,
  openStages,
  type Stage,
  type Vote,
  voicesOf,
} from './approval.ts'
import type { ApprovalDemand, StageDemand } from './approval-demand.ts'
import type { Actor } from './person.ts'
import { tally } from './quorum.ts'
import { earlier, MINUTE, plus } from './schedule.ts'

/** The shortest activation there is, as at Microsoft: what an approval must leave at least. */
export const SHORTEST = 5 * MINUTE

/** When to remind, to escalate and to give up: never later than an approval could still be used. */
export function stageTimes(
  demand: Pick<StageDemand, 'timeoutMinutes' | 'remindEveryMinutes' | 'escalateAfterMinutes'>,
  now: Date,
  limit: Date | null,
): { pendingUntil: string; remindAt: string | null; escalateAt: string | null } {
  const asSet = plus(now, demand.timeoutMinutes * MINUTE)
  const end = limit ? earlier(asSet, limit) : asSet
  const halfway = new Date((now.getTime() + end.getTime()) / 2)
  const { remindEveryMinutes: every, escalateAfterMinutes: wait } = demand
  const remindAt = every === null ? halfway : plus(now, every * MINUTE)
  const asked = wait === null ? null : plus(now, wait * MINUTE)
  const isCutShort = end < asSet // then those it escalates to still get half of it
  const escalateAt = asked && isCutShort ? earlier(asked, halfway) : asked
  return {
    pendingUntil: end.toISOString(),
    remindAt: remindAt < end ? remindAt.toISOString() : null,
    escalateAt: escalateAt?.toISOString() ?? null,
  }
}

const waiting = (demand: StageDemand): Stage => ({
  ...demand,
  begunAt: null,
  pendingUntil: null,
  remindAt: null,
  reminders: 0,
  escalateAt: null,
  escalatedAt: null,
  completedAt: null,
})

const begun = (stage: Stage, now: Date, limit: Date | null): Stage => ({
  ...stage,
  ...stageTimes(stage, now, limit),
  begunAt: now.toISOString(),
})

/** It was complete, and takes more by now: those who have not answered are asked again, and have their time. */
const begunAnew = (stage: Stage, now: Date, limit: Date | null): Stage => {
  const again = { ...begun(stage, now, limit), completedAt: null }
  return stage.escalatedAt === null ? again : { ...again, escalateAt: null }
}

/** Begins an approval: all stages at once, or the first of them. `fixedEnd`: when access would end whenever it is approved. */
export function begin(
  { mode, stages }: Pick<ApprovalDemand, 'mode' | 'stages'>,
  now: Date,
  fixedEnd: Date | null,
): Approval {
  const limit = fixedEnd && plus(fixedEnd, -SHORTEST)
  const all = stages.map((stage, index) =>
    mode === 'Parallel' || index === 0 ? begun(waiting(stage), now, limit) : waiting(stage),
  )
  const approval: Approval = {
    mode,
    stages: all,
    votes: [],
    news: { what: 'asked', stages: [], at: now.toISOString(), n: 0 },
    pendingUntil: now.toISOString(),
    limit: limit?.toISOString() ?? null,
    decision: null,
  }
  return toldOf(approval, 'asked', openStages(approval), now)
}

function toldOf(approval: Approval, what: News['what'], stages: number[], now: Date): Approval {
  const ends = openStages(approval).map((index) => approval.stages[index]?.pendingUntil as string)
  return {
    ...approval,
    pendingUntil: ends.sort()[0] ?? approval.pendingUntil,
    news: { what, stages, at: now.toISOString(), n: approval.news.n + 1 },
  }
}

/** With other stages; nothing of what was answered is lost. */
const withStages = (approval: Approval, change: (stage: Stage, index: number) => Stage): Approval => ({
  ...approval,
  stages: approval.stages.map(change),
})

/** Reminds in these stages, and notes when next: as often as the settings say, else never again. */
export function remindedIn(approval: Approval, indexes: readonly number[], now: Date): Approval {
  const next = withStages(approval, (stage, index) => {
    if (!indexes.includes(index)) return stage
    const at = stage.remindEveryMinutes === null ? null : plus(now, stage.remindEveryMinutes * MINUTE)
    const isInTime = at !== null && at < new Date(stage.pendingUntil as string)
    return { ...stage, reminders: stage.reminders + 1, remindAt: isInTime ? at.toISOString() : null }
  })
  return toldOf(next, 'reminded', [...indexes], now)
}

/** From here on those it escalates to may decide as well; nobody who could before may not any more. */
export function escalatedIn(approval: Approval, indexes: readonly number[], now: Date): Approval {
  const next = withStages(approval, (stage, index) =>
    indexes.includes(index) ? { ...stage, escalateAt: null, escalatedAt: now.toISOString() } : stage,
  )
  return toldOf(next, 'escalated', [...indexes], now)
}

/** Who was found behind approvers that have to be found out. */
export const withFound = (approval: Approval, found: ReadonlyMap<number, string[]>): Approval =>
  withStages(approval, (stage, index) => {
    const people = found.get(index)
    return people ? { ...stage, found: people } : stage
  })

/** What an approval takes as the settings are now, where that is more than what it began with: the stricter holds. */
export function raised(approval: Approval, demand: ApprovalDemand | null): Approval {
  if (!demand) return approval
  const stages = approval.stages.map((stage, index) => {
    const other = demand.stages[index]
    if (!other) return stage
    const approvalsRequired = Math.max(stage.approvalsRequired, other.approvalsRequired)
    const excludesEarlier = stage.excludesEarlier || other.excludesEarlier
    return { ...stage, approvalsRequired, excludesEarlier }
  })
  const more = demand.stages.slice(stages.length).map(waiting) // the next answer begins them
  const all = [...stages, ...more]
  return { ...approval, stages: all, votes: countedBy({ ...approval, stages: all }, approval.votes) }
}

/** Where earlier approvers are not to count any more, whoever has approved twice counts for the first of it. */
function countedBy(approval: Pick<Approval, 'mode' | 'stages'>, votes: readonly Vote[]): Vote[] {
  return votes.map((vote, n) => {
    const own = votes.slice(0, n).filter((other) => haveOneVoice(other, vote))
    const left = vote.stages.filter((index) => !own.some((other) => isSpentIn(approval, other, index)))
    return { ...vote, stages: left, once: vote.once || left.some((index) => excludes(approval, index)) }
  })
}

const haveOneVoice = (one: Vote, other: Vote) => voicesOf(one).some((id) => voicesOf(other).includes(id))

/** What one more approval leads to: the stages that it completes, and the one that begins when another is complete. */
export function withVote(before: Approval, vote: Vote, now: Date): Progress {
  return settled({ ...before, votes: [...before.votes, inShort(vote)] }, now)
}

/** A row has its limits, and there may be many votes: every word of each is in the trail. */
function inShort(vote: Vote): Vote {
  const short = ({ id, displayName }: Actor): Actor => ({ id, displayName: cut(displayName, 64) })
  return {
    ...vote,
    reviewedBy: short(vote.reviewedBy),
    ...(vote.onBehalfOf && { onBehalfOf: short(vote.onBehalfOf) }),
    justification: vote.justification && cut(vote.justification, 250),
  }
}

/** No half of a character is left at the end. */
const cut = (words: string, most: number) =>
  words.length > most ? `${words.slice(0, most - 1).replace(/\p{Cs}$/u, '')}…` : words

/** Nobody has answered in these stages, and the settings take that for a yes. */
export function passedUnanswered(before: Approval, indexes: readonly number[], now: Date): Progress {
  const passed = withStages(before, (stage, index) =>
    indexes.includes(index) ? { ...stage, isUnanswered: true } : stage,
  )
  return settled(passed, now)
}

export type Progress = { approval: Approval; isComplete: boolean }

function settled(before: Approval, now: Date): Progress {
  const at = now.toISOString()
  const needs = needsOf(before)
  const counted = tally(needs, before.votes)
  const isFull = (index: number) => (counted[index]?.length ?? 0) >= (needs[index] ?? 0)
  const limit = before.limit ? new Date(before.limit) : null
  const done = withStages(before, (stage, index) => {
    if (stage.begunAt !== null && isFull(index)) return { ...stage, completedAt: stage.completedAt ?? at }
    return stage.completedAt === null ? stage : begunAnew(stage, now, limit)
  })
  if (done.stages.every(({ completedAt }) => completedAt !== null))
    return { approval: toldOf(done, 'voted', [], now), isComplete: true }
  const next = openStages(done).length > 0 ? -1 : done.stages.findIndex(({ begunAt }) => begunAt === null)
  const begins = ({ begunAt }: Stage, index: number) =>
    begunAt === null && (index === next || done.mode === 'Parallel')
  const advanced = withStages(done, (stage, index) =>
    begins(stage, index) ? begun(stage, now, limit) : stage,
  )
  const isNew = ({ begunAt, completedAt }: Stage) => begunAt === null || completedAt !== null
  const fresh = openStages(advanced).filter((index) => isNew(before.stages[index] as Stage))
  const [what, stages] =
    fresh.length > 0 ? (['advanced', fresh] as const) : (['voted', openStages(advanced)] as const)
  return { approval: toldOf(advanced, what, [...stages], now), isComplete: false }
}

/** An approval that whoever administers the role gives: of more time for an eligibility. */
export function administratorsDecide(now: Date, until: Date): Approval {
  const stage: StageDemand = {
    people: [],
    approvalsRequired: 1,
    excludesEarlier: false,
    justification: true,
    byLink: false,
    timeoutMinutes: Math.max(1, Math.ceil((until.getTime() - now.getTime()) / MINUTE)),
    escalateAfterMinutes: null,
    remindEveryMinutes: null,
    approvesUnanswered: false,
  }
  return begin({ mode: 'Serial', stages: [stage] }, now, plus(until, SHORTEST))
}
