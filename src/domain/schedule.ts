import { Temporal } from 'temporal-polyfill'
import { z } from 'zod'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** An ISO-8601 duration, as Graph writes them: `PT8H`, `PT480M`, `P1D`. Neither negative nor empty. */
export const Duration = z.string().max(40).refine(isPositiveDuration, {
  message: 'must be a positive ISO 8601 duration such as PT8H or PT30M',
})

/** An instant, ISO-8601 with `Z` or an offset, years 2000 to 2199; kept in UTC to the millisecond. */
export const Instant = z.iso
  .datetime({
    offset: true,
    message: 'must be an ISO 8601 instant with a time zone, such as 2030-01-01T09:00:00Z',
  })
  .refine((text) => /^2[01]\d\d-/.test(text) && !Number.isNaN(Date.parse(text)), {
    message: 'must lie between the years 2000 and 2199',
  })
  .transform((text) => new Date(text).toISOString())

/** Our answers name every field of a schedule, those that say nothing as null: so they may come back. */
export const absent = z.null().optional()

const AfterDuration = z.strictObject({
  type: z.literal(['afterDuration', 'AfterDuration']),
  duration: Duration,
  endDateTime: absent,
})
const AfterDateTime = z.strictObject({
  type: z.literal(['afterDateTime', 'AfterDateTime']),
  endDateTime: Instant,
  duration: absent,
})
const NoExpiration = z.strictObject({
  type: z.literal(['noExpiration', 'NoExpiration']),
  duration: absent,
  endDateTime: absent,
})

/** What a request asks for: Graph's expiration pattern. ARM and many clients write its type in PascalCase. */
export const Expiration = z.discriminatedUnion('type', [AfterDuration, AfterDateTime]).transform(timed)
export type Expiration = z.infer<typeof Expiration>

/** The same, or for good. */
export const AnyExpiration = z
  .discriminatedUnion('type', [NoExpiration, AfterDuration, AfterDateTime])
  .transform((asked) =>
    asked.duration || asked.endDateTime ? timed(asked) : { type: 'noExpiration' as const },
  )

/** In Graph's own case, with the one field that its type is about. */
type Timed = { duration?: string | null | undefined; endDateTime?: string | null | undefined }
function timed({ duration, endDateTime }: Timed) {
  return duration
    ? { type: 'afterDuration' as const, duration }
    : { type: 'afterDateTime' as const, endDateTime: endDateTime as string }
}

export const ScheduleInfo = z.strictObject({
  startDateTime: Instant.nullish(),
  expiration: Expiration,
  recurrence: absent,
})
export type ScheduleInfo = z.infer<typeof ScheduleInfo>

function isPositiveDuration(text: string): boolean {
  try {
    const duration = Temporal.Duration.from(text)
    return duration.sign > 0 && durationMillis(text, new Date(0)) <= 20 * 366 * 24 * HOUR
  } catch {
    return false
  }
}

/** `start` plus an ISO duration, counted in UTC by the calendar (so P1M is a month). Throws on a malformed duration. */
export function after(start: Date, duration: string): Date {
  const zoned = Temporal.Instant.fromEpochMilliseconds(start.getTime()).toZonedDateTimeISO('UTC')
  return new Date(zoned.add(Temporal.Duration.from(duration)).epochMilliseconds)
}

/** How long an ISO duration is when it begins at `start`, in milliseconds. */
export function durationMillis(duration: string, start: Date): number {
  return after(start, duration).getTime() - start.getTime()
}

export function plus(instant: Date, millis: number): Date {
  return new Date(instant.getTime() + millis)
}

export function earlier(a: Date, b: Date): Date {
  return a < b ? a : b
}

export function later(a: Date, b: Date): Date {
  return a > b ? a : b
}

/** Begin and end of what an expiration asks for, if it begins at `start`. */
export function windowOf(start: Date, expiration: Expiration): { start: Date; end: Date } {
  const end =
    expiration.type === 'afterDuration' ? after(start, expiration.duration) : new Date(expiration.endDateTime)
  return { start, end }
}

/** A length of time in words a person reads at a glance: `1 h 30 min`. */
export function inWords(millis: number): string {
  const minutes = Math.round(millis / MINUTE)
  const parts = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor((minutes % 1440) / 60), 'h'],
    [minutes % 60, 'min'],
  ] as const
  return (
    parts
      .filter(([n]) => n > 0)
      .map(([n, unit]) => `${n} ${unit}`)
      .join(' ') || '0 min'
  )
}
