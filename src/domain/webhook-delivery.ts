import { HOUR, later, MINUTE, plus } from './schedule.ts'

/** An event on its way to a webhook, where that did not go at once. */
export type Parcel = {
  webhookId: string
  eventId: string
  /** How often it was sent. */
  attempts: number
  /** Since when it is to go out. */
  since: string
  /** When it is sent again. */
  due: string
  reason: string | null
}

/** One that is sent no more, until somebody asks for it. */
export type DeadLetter = Omit<Parcel, 'due'> & { diedAt: string }

/** What became of one sending. */
export type Outcome = {
  verdict: Verdict
  reason: string
  /** For how long the endpoint asked to be left alone. */
  retryAfterSeconds?: number
}

/** `later`: the endpoint as a whole does not work. `refused`: this it does not take. `gone`: it wants no more of any. `busy`: we have too many on their way. */
export type Verdict = 'delivered' | 'later' | 'refused' | 'gone' | 'busy'

/** How an endpoint is; there is none as long as nothing has been sent. */
export type WebhookHealth = {
  /** In a row; and those of them in which the endpoint did not work, not only refused one. */
  consecutiveFailures: number
  outages: number
  failingSince: string | null
  /** The only event that has failed since: it may be the event, and not the endpoint. Null: there are several. */
  suspect: string | null
  /** Nothing is sent before. */
  notBefore: string | null
  lastSuccess: string | null
  lastFailure: string | null
  lastReason: string | null
  /** Somebody was told that there are dead letters, and nobody has dealt with them since. */
  hasDeadLetters: boolean
}

/** Nothing stands in the way. */
export const NO_FAILURE = {
  consecutiveFailures: 0,
  outages: 0,
  failingSince: null,
  suspect: null,
  notBefore: null,
}

export const UNTRIED: WebhookHealth = {
  ...NO_FAILURE,
  lastSuccess: null,
  lastFailure: null,
  lastReason: null,
  hasDeadLetters: false,
}

/** What an HTTP answer means. */
export function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return 'delivered'
  if (status === 410) return 'gone'
  return status >= 500 || [408, 421, 425, 429].includes(status) ? 'later' : 'refused'
}

const DELAYS = [30_000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR]
/** After this many refusals it is not asked again: the endpoint works, and does not want it. */
const REFUSALS = 4
const GIVEN_UP_AFTER = 3 * 24 * HOUR
/** An endpoint may ask us to wait, but not for ever. */
const LONGEST_PAUSE = 24 * HOUR
/** For so long one of us alone sends what waits. */
export const CLAIM = 2 * MINUTE

/** Why what was on its way to a webhook that was disabled meanwhile is a dead letter. */
export const UNSENT = 'The webhook was disabled before this was sent.'

/** After everything that is due one day. */
export const FAR = new Date('9999-12-31T00:00:00Z')

const delayAfter = (failures: number) => DELAYS[Math.min(failures, DELAYS.length) - 1] ?? HOUR

export function newParcel(webhookId: string, eventId: string, now: Date): Parcel {
  const at = now.toISOString()
  return { webhookId, eventId, attempts: 0, since: at, due: at, reason: null }
}

/** What becomes of one that was not taken: when it is sent again, or that it is not. */
export function afterFailure(
  parcel: Parcel,
  outcome: Outcome,
  now: Date,
): { again: Parcel } | { dead: DeadLetter } {
  const attempts = parcel.attempts + 1
  const tried: Parcel = { ...parcel, attempts, reason: outcome.reason }
  if (
    outcome.verdict === 'gone' ||
    (outcome.verdict === 'refused' && attempts >= REFUSALS) ||
    isTooOld(parcel, now)
  )
    return { dead: buried(tried, now) }
  return { again: { ...tried, due: plus(now, pause(attempts, outcome)).toISOString() } }
}

export const isTooOld = ({ since }: Parcel, now: Date) => now.getTime() - Date.parse(since) >= GIVEN_UP_AFTER

export function buried({ due: _, ...parcel }: Parcel, now: Date, reason = parcel.reason): DeadLetter {
  return { ...parcel, reason, diedAt: now.toISOString() }
}

/** As if it had never been sent. */
export function raised({ diedAt: _, ...letter }: DeadLetter, now: Date): Parcel {
  return { ...letter, ...newParcel(letter.webhookId, letter.eventId, now) }
}

const asksFor = ({ retryAfterSeconds = 0 }: Outcome) => Math.min(retryAfterSeconds * 1000, LONGEST_PAUSE)

const pause = (failures: number, outcome: Outcome) => Math.max(delayAfter(failures), asksFor(outcome))

/**
 * An endpoint that does not work is left alone for a while, by everything that is for it. What was on its way already when that was
 * noticed makes it no longer; and one event that is never taken holds the others up for seconds only.
 */
export function failed(health: WebhookHealth, eventId: string, outcome: Outcome, now: Date): WebhookHealth {
  const at = now.toISOString()
  const known = isHeld(health, now)
  const rest = {
    ...health,
    consecutiveFailures: health.consecutiveFailures + (known ? 0 : 1),
    failingSince: health.failingSince ?? at,
    lastFailure: at,
    lastReason: outcome.reason,
  }
  if (outcome.verdict !== 'later') return rest
  const isAlone = health.outages === 0 || health.suspect === eventId
  const outages = health.outages + (known ? 0 : 1)
  const asked = known ? asksFor(outcome) : pause(isAlone ? 1 : outages, outcome)
  const notBefore = later(plus(now, asked), new Date(health.notBefore ?? 0)).toISOString()
  return { ...rest, outages, suspect: isAlone ? eventId : null, notBefore }
}

/** It works, and nothing keeps others from being sent. */
export function succeeded(health: WebhookHealth, now: Date): WebhookHealth {
  return { ...health, ...NO_FAILURE, lastSuccess: now.toISOString() }
}

/** Is it news that it works? Otherwise it is noted once an hour: nothing is written for each delivery. */
export function isNews({ consecutiveFailures, lastSuccess }: WebhookHealth, now: Date): boolean {
  return consecutiveFailures > 0 || lastSuccess === null || now.getTime() - Date.parse(lastSuccess) >= HOUR
}

export const isHeld = ({ notBefore }: WebhookHealth, now: Date) =>
  notBefore !== null && Date.parse(notBefore) > now.getTime()

/**
 * When the sweep is to look at what waits: not before anything may be sent, and not at once. To the minute, so that many who put
 * something aside list it once.
 */
export function nextLook({ notBefore }: WebhookHealth, now: Date): string {
  const at = later(plus(now, MINUTE), new Date(notBefore ?? 0))
  return new Date(Math.ceil(at.getTime() / MINUTE) * MINUTE).toISOString()
}
