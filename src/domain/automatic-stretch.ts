import { isActivation, isOpen, type Request } from './request.ts'

/** From when to when somebody has had a role that nobody approved. */
export type Span = { from: Date; until: Date }

/** When a request gave its role, or will have given it, by a condition of the settings alone; null: it did not. */
export function automaticSpan(request: Request): Span | null {
  const { approval, startsAt, endsAt, completedDateTime, grant } = request
  if (!isActivation(request) || approval?.decision?.via !== 'automatic') return null
  if (!startsAt || !endsAt || !(isOpen(request) || grant)) return null
  const until = completedDateTime && completedDateTime < endsAt ? completedDateTime : endsAt
  return { from: new Date(startsAt), until: new Date(until) }
}

/**
 * When the access began that would go on at `start`: what comes after a break shorter than the longest that is let pass is no new
 * access, so that nobody strings short ones together that need no approval.
 */
export function beganAt(start: Date, longestMillis: number, before: readonly Span[]): Date {
  const earlier = before
    .filter(({ from }) => from < start)
    .sort((a, b) => b.until.getTime() - a.until.getTime())
  return earlier.reduce(
    (began, { from, until }) =>
      until.getTime() > began.getTime() - longestMillis && from < began ? from : began,
    start,
  )
}
