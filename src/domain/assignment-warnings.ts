import { WARNINGS } from './eligibility-life.ts'
import { INTERIM } from './person.ts'
import { isAssigned, type Request } from './request.ts'
import { event, type Step } from './request-steps.ts'
import { later, plus } from './schedule.ts'

/**
 * Of an active assignment people are warned as of an eligibility, 14 days and one day before its end; that it has ended they hear when
 * it was taken away. An activation is short, and warns of nothing.
 */
const [IN_14_DAYS, IN_1_DAY] = WARNINGS
const OF_ASSIGNMENTS = [IN_14_DAYS, IN_1_DAY] as const

type Warning = (typeof OF_ASSIGNMENTS)[number]['warning']
type Window = Pick<Request, 'startsAt' | 'endsAt'>

/** How many warnings have no place any more when it begins: whoever is given five days knows that they are not fourteen. */
export function warnedFromTheStart({ startsAt, endsAt }: Window, now: Date): number {
  return passed(endsAt, startsAt ? later(new Date(startsAt), now) : now)
}

/** The warning that is due now and was not given; what is overtaken is not told any more. */
export function warningDue(request: Request, now: Date): Warning | null {
  if (!isWarnedOf(request)) return null
  const count = passed(request.endsAt, now)
  return count > (request.warned ?? 0) ? (OF_ASSIGNMENTS[count - 1]?.warning ?? null) : null
}

/** When the next warning is due; null: none is left. */
export function nextWarningAt(request: Request): Date | null {
  const next = isWarnedOf(request) ? OF_ASSIGNMENTS[request.warned ?? 0] : undefined
  return next ? plus(new Date(request.endsAt as string), -next.before) : null
}

/** One warning of one end: its id says which, so that it is recorded, and told, once. */
export function warnedOfEnd(request: Request, warning: Warning, now: Date): Step {
  const next: Request = { ...request, warned: passed(request.endsAt, now) }
  const step = `${warning}-${request.changes ?? 0}`
  const details: [string, string][] = [['expiration', request.endsAt ?? 'never']]
  const activity = 'Member of role in PIM reminded (expiration)'
  return {
    request: next,
    events: [event(next, step, activity, INTERIM, now.toISOString(), { details })],
  }
}

const isWarnedOf = (request: Request) =>
  isAssigned(request) && request.status === 'Provisioned' && request.endsAt !== null

function passed(endsAt: string | null, now: Date): number {
  if (endsAt === null) return 0
  return OF_ASSIGNMENTS.filter(({ before }) => now >= plus(new Date(endsAt), -before)).length
}
