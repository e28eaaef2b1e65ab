import { type Approval, answeredIn, askedIn, needsOf, type Stage, stagesToSpeakIn } from './approval.ts'
import type { ApprovalDemand } from './approval-demand.ts'
import type { StagePeople } from './approver.ts'
import type { Actor } from './person.ts'
import { tally } from './quorum.ts'
import type { Request } from './request.ts'

/** Is this person named by each of these lists, as the directory is now? */
export type Named = (personId: string, people: readonly StagePeople[]) => boolean

/** In which stages somebody may speak: for themselves, or in the place of another. */
export type Seat = {
  onBehalfOf: Actor | null
  stages: number[]
  once: boolean
  /** The stages for which alone their approval would bring the request nearer to a decision. */
  usefulIn: number[]
  /** There are such stages. A denial always brings it nearer. */
  isUseful: boolean
}

/** Who asks for a seat: a person, and those in whose place they may speak today. */
export type Speaker = { id: string; delegators: readonly Actor[] }

/**
 * The seat that this person may take in a request that waits, the own before another's; undefined: none. Both the list that the
 * request was made under and the one in force must name whose seat it is: who was taken off must not decide, nor who was put on it
 * since. Nobody speaks for a request of their own, in whosever place; and nobody twice, nor does one seat.
 */
export function seatOf(
  { approval, principal }: Pick<Request, 'approval' | 'principal'>,
  speaker: Speaker,
  inForce: ApprovalDemand | null,
  named: Named,
): Seat | undefined {
  if (!approval || speaker.id === principal.id) return undefined
  const seats = candidates(speaker, principal.id).flatMap((onBehalfOf): Seat[] => {
    const voices = [speaker.id, ...(onBehalfOf ? [onBehalfOf.id] : [])]
    const stages = stagesToSpeakIn(approval).filter(
      (index) =>
        names(approval, index, onBehalfOf?.id ?? speaker.id, inForce, named) &&
        !hasSpoken(approval, index, voices),
    )
    if (stages.length === 0) return []
    const once = stages.some((index) => approval.stages[index]?.excludesEarlier)
    const usefulIn = stages.filter((index) => isUseful(approval, { stages: [index], once: true }))
    return [{ onBehalfOf, stages, once, usefulIn, isUseful: usefulIn.length > 0 }]
  })
  return seats.find((seat) => seat.isUseful) ?? seats[0]
}

/** The same seat for an answer that is meant for these of its stages alone: it counts there, and is moved nowhere else. */
export function seatIn(seat: Seat, isMeant: (stage: number) => boolean): Seat | undefined {
  const [stages, usefulIn] = [seat.stages.filter(isMeant), seat.usefulIn.filter(isMeant)]
  return stages.length > 0 ? { ...seat, stages, usefulIn, isUseful: usefulIn.length > 0 } : undefined
}

/** Is this person, or one whose place they take, asked in a stage that has begun? Whether there is still something to say does not matter. */
export function isAsked(
  { approval, principal }: Pick<Request, 'approval' | 'principal'>,
  speaker: Speaker,
  inForce: ApprovalDemand | null,
  named: Named,
): boolean {
  if (!approval || speaker.id === principal.id) return false
  return candidates(speaker, principal.id).some((onBehalfOf) =>
    approval.stages.some(
      ({ begunAt }, index) =>
        begunAt !== null && names(approval, index, onBehalfOf?.id ?? speaker.id, inForce, named),
    ),
  )
}

const candidates = ({ delegators }: Speaker, requesterId: string) => [
  null,
  ...delegators.filter(({ id }) => id !== requesterId),
]

function names(
  approval: Approval,
  index: number,
  personId: string,
  inForce: ApprovalDemand | null,
  named: Named,
): boolean {
  const stage = approval.stages[index] as Stage
  const asked = askedIn(stage)
  if (asked.length === 0 || !named(personId, asked)) return false
  return inForce === null || listsInForce(inForce, index, stage).some((lists) => named(personId, lists))
}

/** The stage of the same number; where there is none any more, any that is left. */
function listsInForce({ stages }: ApprovalDemand, index: number, { escalatedAt }: Stage): StagePeople[][] {
  const same = stages[index]
  return (same ? [same] : stages).map(({ people }) => askedIn({ people, escalatedAt }))
}

function hasSpoken(approval: Approval, index: number, voices: readonly string[]): boolean {
  const answered = answeredIn(approval, index)
  return voices.some((id) => answered.has(id))
}

function isUseful(approval: Approval, voice: { stages: number[]; once: boolean }): boolean {
  const needs = needsOf(approval)
  const count = (votes: readonly { stages: readonly number[]; once: boolean }[]) =>
    tally(needs, votes).reduce((sum, room) => sum + room.length, 0)
  return count([...approval.votes, voice]) > count(approval.votes)
}
