import type { Eligibility } from './eligibility.ts'
import { isNotOver } from './eligibility.ts'
import { mayBeRenewed } from './eligibility-life.ts'
import { isAboutSchedule, mayHold, type Request } from './request.ts'
import type { NamedRole } from './role.ts'
import { windowOf } from './schedule.ts'

/** What of somebody's access has a time. `end` null: an instant. */
export type Entry = {
  /** The same whatever becomes of it, so that a calendar moves what it shows. */
  uid: string
  /** Higher each time that its times were moved. */
  sequence: number
  changedAt: string
  kind: 'active' | 'scheduled' | 'asked' | 'eligibleFrom' | 'eligibleUntil'
  start: string
  end: string | null
  role: NamedRole
  reason: string | null
}

/**
 * One's own: what is active and when it ends, what is going to start, what is asked for from a day on, and when one begins and
 * ceases to be eligible. What has no time (for good; at once, when approved) is in no calendar.
 */
export function calendarOf(
  { eligibilities, requests }: { eligibilities: readonly Eligibility[]; requests: readonly Request[] },
  now: Date,
): Entry[] {
  const entries = [
    ...requests.flatMap(ofRequest),
    ...eligibilities.flatMap((each) => ofEligibility(each, now)),
  ]
  return entries.sort((a, b) => (a.start === b.start ? (a.uid < b.uid ? -1 : 1) : a.start < b.start ? -1 : 1))
}

function ofRequest(request: Request): Entry[] {
  const times = timesOf(request)
  if (isAboutSchedule(request) || !times) return []
  const { id, createdDateTime, approval, grant, changes = 0 } = request
  const decidedAt = approval?.decision?.reviewedDateTime
  return [
    {
      uid: id,
      sequence: (decidedAt ? 1 : 0) + (grant ? 1 : 0) + changes,
      changedAt: grant?.grantedAt ?? decidedAt ?? createdDateTime,
      kind: mayHold(request) ? 'active' : request.status === 'Granted' ? 'scheduled' : 'asked',
      ...times,
      role: request,
      reason: request.justification,
    },
  ]
}

function timesOf({ startsAt, endsAt, asked, status }: Request): { start: string; end: string } | undefined {
  if (startsAt) return endsAt ? { start: startsAt, end: endsAt } : undefined
  const { startDateTime, expiration } = asked
  if (status !== 'PendingApproval' || !startDateTime || expiration.type === 'noExpiration') return undefined
  const { start, end } = windowOf(new Date(startDateTime), expiration)
  return start < end ? { start: start.toISOString(), end: end.toISOString() } : undefined
}

function ofEligibility(eligibility: Eligibility, now: Date): Entry[] {
  const { id, startDateTime, endDateTime, createdDateTime, changes = 0, justification } = eligibility
  const base = {
    sequence: changes,
    changedAt: createdDateTime,
    end: null,
    role: eligibility,
    reason: justification,
  }
  const entries: Entry[] = []
  if (new Date(startDateTime) > now)
    entries.push({ ...base, uid: `${id}.start`, kind: 'eligibleFrom', start: startDateTime })
  if (endDateTime && (isNotOver(eligibility, now) || mayBeRenewed(eligibility, now)))
    entries.push({ ...base, uid: `${id}.end`, kind: 'eligibleUntil', start: endDateTime })
  return entries
}
