import { Temporal } from 'temporal-polyfill'
import { type AutoApproval, WEEKDAYS, type WorkingHours } from './approval-rule.ts'
import { beganAt, type Span } from './automatic-stretch.ts'
import { durationMillis } from './schedule.ts'
import type { DeskAnswer } from './ticket-check.ts'

/** A condition of the settings; or that a desk says so, which they let it. */
export type AutoCondition = AutoApproval & { byDesk?: string }

/** What a condition is measured by: when the access would begin and for how long, and who asks with what. */
export type Facts = {
  start: Date
  end: Date
  /** A ticket was given, and passed every check that the role makes. */
  hasTicket: boolean
  /** Those of the groups that are asked about in which the requester is now. */
  memberOf: readonly string[]
  /** When the requester had the role without anybody's approval. */
  before?: readonly Span[]
  /** What desks have said of the ticket. */
  said?: readonly DeskAnswer[]
}

/**
 * The condition by which a request is approved at once: the first of each list that fits. Null: a list has none that does, or
 * there is none.
 */
export function automaticApproval(
  lists: readonly (readonly AutoCondition[])[],
  facts: Facts,
): AutoApproval | null {
  const fitting = lists.map((list) => list.find((condition) => fits(condition, facts)))
  const [first] = fitting
  if (!first || !fitting.every((each) => each !== undefined)) return null
  const { byDesk, ...condition } = first
  const reason = byDesk && autoApprovedBy(byDesk, facts)?.reason
  return reason ? { ...condition, description: `${condition.description}: ${reason}` } : condition
}

/** Only where it has said exactly that. */
function autoApprovedBy(desk: string, { said = [] }: Facts) {
  const found = said.find((each) => each.desk === desk)
  return found?.outcome === 'AutoApproved' ? found : undefined
}

function fits(condition: AutoCondition, facts: Facts): boolean {
  const { start, end, hasTicket, memberOf, before = [] } = facts
  const { maximumDuration, workingHours, onCallGroupId, isTicketRequired, byDesk } = condition
  return (
    (!maximumDuration || isShort(durationMillis(maximumDuration, start), start, end, before)) &&
    (!workingHours || isWithin(workingHours, start, end)) &&
    (!onCallGroupId || memberOf.includes(onCallGroupId)) &&
    (!isTicketRequired || hasTicket) &&
    (!byDesk || autoApprovedBy(byDesk, facts) !== undefined)
  )
}

const isShort = (longest: number, start: Date, end: Date, before: readonly Span[]) =>
  end.getTime() - beganAt(start, longest, before).getTime() <= longest

/** From its first minute to its last, through as many days as follow each other without a pause. */
function isWithin(hours: WorkingHours, start: Date, end: Date): boolean {
  let reached: Date | null = start
  for (let days = 0; reached && reached < end && days < MOST_DAYS; days++)
    reached = endOfHours(hours, reached)
  return reached !== null && reached >= end
}

/** More than any activation lasts. */
const MOST_DAYS = 400

/**
 * Until when work goes on there; null: nobody works. By the clock on the wall, in summer and in winter. Over midnight the hours
 * belong to the day on which they begin.
 */
function endOfHours({ timeZone, days, from, until }: WorkingHours, instant: Date): Date | null {
  const there = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone)
  const minute = there.hour * 60 + there.minute
  const [begins, ends] = [from, until].map(minutesOf) as [number, number]
  const worksOn = (dayOfWeek: number) =>
    days.includes(WEEKDAYS[(dayOfWeek + 6) % 7] as (typeof WEEKDAYS)[number])
  const at = (daysOn: number) =>
    new Date(
      there
        .toPlainDate()
        .add({ days: daysOn + Math.floor(ends / 1440) })
        .toZonedDateTime({
          timeZone,
          plainTime: Temporal.PlainTime.from({ hour: Math.floor(ends / 60) % 24, minute: ends % 60 }),
        }).epochMilliseconds,
    )
  if (begins < ends) return worksOn(there.dayOfWeek) && minute >= begins && minute < ends ? at(0) : null
  if (worksOn(there.dayOfWeek) && minute >= begins) return at(1)
  return worksOn(there.dayOfWeek - 1) && minute < ends ? at(0) : null
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}

/** The groups that have to be asked about. */
export const onCallGroups = (lists: readonly (readonly AutoApproval[])[]) => [
  ...new Set(lists.flat().flatMap(({ onCallGroupId }) => onCallGroupId ?? [])),
]
