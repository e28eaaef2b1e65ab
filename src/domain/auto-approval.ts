import { Temporal } from 'temporal-polyfill'
import { type AutoApproval, WEEKDAYS, type WorkingHours } from './approval-rule.ts'
import { durationMillis } from './schedule.ts'

/** What a condition is measured by: when the access would begin and for how long, and who asks with what. */
export type Facts = {
  start: Date
  end: Date
  /** A ticket was given, and passed every check that the role makes. */
  hasTicket: boolean
  /** Those of the groups that are asked about in which the requester is now. */
  memberOf: readonly string[]
}

/**
 * The condition by which a request is approved at once: the first of each list that fits. Null: a list has none that does, or
 * there is none.
 */
export function automaticApproval(
  lists: readonly (readonly AutoApproval[])[],
  facts: Facts,
): AutoApproval | null {
  const fitting = lists.map((list) => list.find((condition) => fits(condition, facts)))
  return fitting.every((each) => each !== undefined) ? (fitting[0] ?? null) : null
}

function fits(condition: AutoApproval, { start, end, hasTicket, memberOf }: Facts): boolean {
  const { maximumDuration, workingHours, onCallGroupId, isTicketRequired } = condition
  return (
    (!maximumDuration || end.getTime() - start.getTime() <= durationMillis(maximumDuration, start)) &&
    (!workingHours || isWithin(workingHours, start)) &&
    (!onCallGroupId || memberOf.includes(onCallGroupId)) &&
    (!isTicketRequired || hasTicket)
  )
}

/** By the clock on the wall there, in summer and in winter. Over midnight the hours belong to the day on which they begin. */
function isWithin({ timeZone, days, from, until }: WorkingHours, instant: Date): boolean {
  const there = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone)
  const minute = there.hour * 60 + there.minute
  const [begins, ends] = [from, until].map(minutesOf) as [number, number]
  const worksOn = (dayOfWeek: number) =>
    days.includes(WEEKDAYS[(dayOfWeek + 6) % 7] as (typeof WEEKDAYS)[number])
  if (begins < ends) return worksOn(there.dayOfWeek) && minute >= begins && minute < ends
  return (worksOn(there.dayOfWeek) && minute >= begins) || (worksOn(there.dayOfWeek - 1) && minute < ends)
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}

/** The groups that have to be asked about. */
export const onCallGroups = (lists: readonly (readonly AutoApproval[])[]) => [
  ...new Set(lists.flat().flatMap(({ onCallGroupId }) => onCallGroupId ?? [])),
]
