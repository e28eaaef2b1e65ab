import {
  type Eligibility,
  type EligibilitySchedule,
  type EligibilityWindow,
  isCurrent,
  isNotOver,
} from './eligibility.ts'
import { after, HOUR, later, MINUTE, plus } from './schedule.ts'

const DAY = 24 * HOUR

/** So long before the end its principal may ask for more, as at Microsoft. */
const EXTEND_WITHIN = 14 * DAY
/** So long after the end it is still listed, and may be renewed. */
export const RENEW_WITHIN = 30 * DAY
/** Nothing is assigned for less, and nothing is taken away sooner after it was assigned. */
export const SHORTEST_ASSIGNMENT = 5 * MINUTE

/** What is told as the end comes near, and how long before it; in this order. */
export const WARNINGS = [
  { warning: 'endsIn14Days', before: EXTEND_WITHIN },
  { warning: 'endsIn1Day', before: DAY },
  { warning: 'hasEnded', before: 0 },
] as const
export type Warning = (typeof WARNINGS)[number]['warning']

export type Life = 'future' | 'current' | 'expired'

export function lifeOf(window: EligibilityWindow, now: Date): Life {
  if (isCurrent(window, now)) return 'current'
  return isNotOver(window, now) ? 'future' : 'expired'
}

/** Near enough to its end that its principal may ask for more. */
export function mayBeExtended(window: EligibilityWindow, now: Date): boolean {
  const { endDateTime } = window
  return endDateTime !== null && isCurrent(window, now) && now >= plus(new Date(endDateTime), -EXTEND_WITHIN)
}

/** Over, but not for so long that it is forgotten. */
export function mayBeRenewed({ endDateTime }: EligibilityWindow, now: Date): boolean {
  if (endDateTime === null || now < new Date(endDateTime)) return false
  return now < plus(new Date(endDateTime), RENEW_WITHIN)
}

/** How many warnings of this end have no place any more: whoever is given five days knows that they are not fourteen. */
export function warningsPassed({ endDateTime }: Pick<Eligibility, 'endDateTime'>, now: Date): number {
  if (endDateTime === null) return 0
  return WARNINGS.filter(({ before }) => now >= plus(new Date(endDateTime), -before)).length
}

/** What an eligibility needs done at this instant; the sweep looks again at `until`. A permanent one is never looked at. */
export type NextLook =
  | { do: 'nothing' }
  | { do: 'wait'; until: Date }
  | { do: 'warn'; warning: Warning }
  | { do: 'forget' }

export function nextLook(eligibility: Eligibility, now: Date): NextLook {
  const { endDateTime, warned = 0 } = eligibility
  if (endDateTime === null) return { do: 'nothing' }
  const end = new Date(endDateTime)
  const passed = warningsPassed(eligibility, now)
  const latest = WARNINGS[passed - 1]
  if (latest && passed > warned) return { do: 'warn', warning: latest.warning } // what is overtaken is not told any more
  const next = WARNINGS[Math.max(passed, warned)]
  if (next) return { do: 'wait', until: plus(end, -next.before) }
  const forgottenAt = plus(end, RENEW_WITHIN)
  return now >= forgottenAt ? { do: 'forget' } : { do: 'wait', until: forgottenAt }
}

/**
 * The window that is asked for. Of a new one a duration counts from its start. Where `before` is moved, the start stays unless
 * another is asked for, and a duration counts from now: nobody gets the time that has gone by once more.
 */
export function windowFor(
  { startDateTime, expiration }: EligibilitySchedule,
  now: Date,
  before?: EligibilityWindow,
): EligibilityWindow {
  const stays = before && isNotOver(before, now) ? new Date(before.startDateTime) : now
  const start = startDateTime ? new Date(startDateTime) : stays
  const countedFrom = before ? later(start, now) : start
  const end =
    expiration.type === 'noExpiration'
      ? null
      : expiration.type === 'afterDuration'
        ? after(countedFrom, expiration.duration)
        : new Date(expiration.endDateTime)
  return { startDateTime: start.toISOString(), endDateTime: end?.toISOString() ?? null }
}

/** Long enough, and ahead. */
export function makesSense({ startDateTime, endDateTime }: EligibilityWindow, now: Date): boolean {
  if (endDateTime === null) return true
  const end = new Date(endDateTime)
  return end >= plus(new Date(startDateTime), SHORTEST_ASSIGNMENT) && end > now
}

export function endsLater(a: EligibilityWindow, b: EligibilityWindow): boolean {
  if (b.endDateTime === null) return false
  return a.endDateTime === null || Date.parse(a.endDateTime) > Date.parse(b.endDateTime)
}

/** Is there an instant of the window as it was that this one leaves out? */
export function shrinks(window: EligibilityWindow, before: EligibilityWindow): boolean {
  return endsLater(before, window) || Date.parse(window.startDateTime) > Date.parse(before.startDateTime)
}
