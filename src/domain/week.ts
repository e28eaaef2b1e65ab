import { Temporal } from 'temporal-polyfill'
import { z } from 'zod'

/** A week of the calendar, Monday to Sunday, as ISO 8601 names it: `2026-W47`. */
export const WeekId = z
  .string()
  .regex(/^2[01]\d\d-W(0[1-9]|[1-4]\d|5[0-3])$/, {
    message: 'must be an ISO 8601 week such as 2026-W47',
    abort: true,
  })
  .refine((week) => weekIdOf(mondayOf(week)) === week, { message: 'must be a week that its year has' })

/** When the digest of a week goes out: on the Monday after it, at this hour of the tenant's clock. */
export type DigestTime = { timeZone: string; hour: number }

/** The week that an instant lies in, by the clock of a time zone. */
export function weekOf(at: Date, timeZone: string): string {
  return weekIdOf(localDate(at, timeZone))
}

/** From when to when a week lasts there; 167 or 169 hours where clocks change. */
export function weekWindow(week: string, timeZone: string): { from: Date; to: Date } {
  const monday = mondayOf(week)
  const begin = (date: Temporal.PlainDate) => new Date(date.toZonedDateTime(timeZone).epochMilliseconds)
  return { from: begin(monday), to: begin(monday.add({ days: 7 })) }
}

/** The days in UTC, as `2026-11-16`, that a window touches: how events are stored. */
export function utcDaysOf({ from, to }: { from: Date; to: Date }): string[] {
  const days: string[] = []
  const first = Date.parse(`${from.toISOString().slice(0, 10)}T00:00:00Z`)
  for (let day = first; day < to.getTime(); day += 86_400_000)
    days.push(new Date(day).toISOString().slice(0, 10))
  return days
}

/** Its Monday and its Sunday, as `2026-11-16`. */
export const endsOfWeek = (week: string) => ({
  monday: mondayOf(week).toString(),
  sunday: mondayOf(week).add({ days: 6 }).toString(),
})

export const weekBefore = (week: string) => weekIdOf(mondayOf(week).subtract({ days: 7 }))

/**
 * The digest that is to be out by now: the week that it tells of, since when, and until when it is begun: to the end of the
 * week after. One for every instant: whoever slept through a Monday sends it later in that week, and nobody sends two.
 */
export function digestDue(
  now: Date,
  { timeZone, hour }: DigestTime,
): { week: string; at: Date; until: Date } {
  const of = (monday: Temporal.PlainDate) => ({
    week: weekIdOf(monday.subtract({ days: 7 })),
    at: atHour(monday, timeZone, hour),
    until: weekWindow(weekIdOf(monday), timeZone).to,
  })
  const today = localDate(now, timeZone)
  const monday = today.subtract({ days: today.dayOfWeek - 1 })
  const due = of(monday)
  return due.at <= now ? due : of(monday.subtract({ days: 7 }))
}

const localDate = (at: Date, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate()

/** An hour that a clock skips is the one after; of one that it shows twice, the first. */
const atHour = (date: Temporal.PlainDate, timeZone: string, hour: number) =>
  new Date(date.toZonedDateTime({ timeZone, plainTime: { hour } }).epochMilliseconds)

const weekIdOf = ({ yearOfWeek, weekOfYear }: Temporal.PlainDate) =>
  `${yearOfWeek}-W${`${weekOfYear}`.padStart(2, '0')}`

/** The fourth of January lies in the first week of its year. */
function mondayOf(week: string): Temporal.PlainDate {
  const fourth = new Temporal.PlainDate(Number(week.slice(0, 4)), 1, 4)
  return fourth.subtract({ days: fourth.dayOfWeek - 1 }).add({ days: 7 * (Number(week.slice(6)) - 1) })
}
