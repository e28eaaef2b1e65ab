import { openStages, type Stage } from './approval.ts'
import { nextWarningAt } from './assignment-warnings.ts'
import { isForGood, type Request } from './request.ts'
import { earlier, later, MINUTE, plus } from './schedule.ts'

/**
 * What this request needs done, at this instant. The whole life of an activation is in this table; the workflow
 * sleeps until `at` and does it, and so does the sweep when the workflow is gone.
 */
export type NextStep =
  | { do: 'wait'; until: Date }
  | { do: 'remind' }
  | { do: 'escalate' }
  | { do: 'timeOut' }
  | { do: 'grant' }
  | { do: 'remove' }
  | { do: 'nothing' }

/** The host's timers may fire up to a second early (whole seconds); waiting out the rest would cost a turn each. */
const EARLY = 1000

/** Not granted any more when so little is left: a late answer of the tenant could outlive the end. */
export const TOO_LATE_TO_GRANT = 1 * MINUTE

/** Its time has come, or comes within this second. */
export const isDue = (instant: string | null, now: Date) =>
  instant !== null && now.getTime() + EARLY >= Date.parse(instant)

export function nextStep(request: Request, now: Date): NextStep {
  const due = (instant: string | null) => isDue(instant, now)
  if (isForGood(request)) return { do: 'nothing' }
  switch (request.status) {
    case 'PendingAdminDecision':
    case 'PendingApproval':
      return whilePending(request.approval as NonNullable<Request['approval']>, now)
    case 'Granted':
    case 'PendingProvisioning':
      return due(request.startsAt) ? { do: 'grant' } : waitUntil(request.startsAt as string)
    case 'Provisioned':
      return due(request.endsAt) ? { do: 'remove' } : waitUntil(request.endsAt as string)
    case 'PendingRevocation':
      return due(request.ending?.retryAt ?? null)
        ? { do: 'remove' }
        : waitUntil(request.ending?.retryAt as string)
    default:
      return { do: 'nothing' }
  }
}

const waitUntil = (instant: string) => ({ do: 'wait', until: new Date(instant) }) as const

/** The earliest of what its open stages wait for; of several at once the one that changes most. */
function whilePending(approval: NonNullable<Request['approval']>, now: Date): NextStep {
  const open = openStages(approval).map((index) => approval.stages[index] as Stage)
  const instants = (of: (stage: Stage) => string | null) => open.map(of).filter((each) => each !== null)
  const ends = instants(({ pendingUntil }) => pendingUntil)
  const escalations = instants(({ escalateAt }) => escalateAt)
  const reminders = instants(({ remindAt }) => remindAt)
  const due = (all: string[]) => all.some((instant) => isDue(instant, now))
  if (due(ends)) return { do: 'timeOut' }
  if (due(escalations)) return { do: 'escalate' }
  if (due(reminders)) return { do: 'remind' }
  return waitUntil([...ends, ...escalations, ...reminders].sort()[0] ?? approval.pendingUntil)
}

/**
 * How long until the next attempt to take something away: soon at first, then every quarter of an hour, for ever. What stays
 * because nobody else holds the role is looked at every five minutes. Whoever asked us to wait so many seconds is not asked
 * before, nor by a timer that fires early: the first time just then, for a thousand who end at once are each given a time of
 * their own.
 */
export function removalRetryAt(
  attempts: number,
  now: Date,
  isLast = false,
  retryAfterSeconds: number | null = null,
): Date {
  if (isLast) return plus(now, 5 * MINUTE)
  const patience = plus(now, Math.min(10_000 * 2 ** attempts, 15 * MINUTE))
  if (retryAfterSeconds === null) return patience
  const told = plus(now, retryAfterSeconds * 1000 + EARLY)
  return attempts === 0 ? told : later(told, patience)
}

/**
 * When the sweep looks at this request by itself: at its end to the second, elsewhere a minute after the instant at which
 * its workflow should have acted, so that the two seldom do the same at once.
 */
export function attentionAt(request: Request, now: Date): Date {
  const next = nextStep(request, now)
  if (next.do !== 'wait') return plus(now, MINUTE)
  const grace = request.status === 'Provisioned' ? 0 : MINUTE
  const warnAt = nextWarningAt(request)
  const at = plus(next.until, grace)
  return later(warnAt ? earlier(at, warnAt) : at, plus(now, MINUTE))
}
