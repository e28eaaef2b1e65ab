import {
  type Digest,
  digestOf,
  LISTS,
  type Line,
  type List,
  type ListName,
  MOST_LINES,
  SOON_DAYS,
} from '../domain/digest.ts'
import { endsKey, pastDueKey, pendingKey } from '../domain/open-work.ts'
import {
  awaitsDecision,
  isAboutSchedule,
  isAssigned,
  isOpen,
  isPastDue,
  mayHold,
  type Request,
} from '../domain/request.ts'
import { type NamedRole, type Provider, titleOf } from '../domain/role.ts'
import { HOUR, plus } from '../domain/schedule.ts'
import { short, together } from '../domain/tally.ts'
import { utcDaysOf, weekOf, weekWindow } from '../domain/week.ts'
import type { Ports } from '../ports.ts'
import { atOnce } from './at-once.ts'

/**
 * What happened in a week: eight rows, whatever happened. With `standing` also what waits now: a page of each list, and each
 * line's own row; lists only point.
 */
export async function digestOfWeek(ports: Ports, week: string, standing: boolean): Promise<Digest> {
  const now = ports.now()
  const window = weekWindow(week, ports.digestTime.timeZone)
  const [days, lists] = await Promise.all([
    Promise.all(utcDaysOf(window).map((day) => ports.tallies.read(day, week))),
    standing ? standingNow(ports) : {},
  ])
  return digestOf(
    {
      week,
      from: window.from.toISOString(),
      to: window.to.toISOString(),
      asOf: standing ? now.toISOString() : null,
    },
    together(days.filter((each) => each !== undefined)),
    lists,
  )
}

/** Counts what is new of a week's days, up to now. False: the time was up. */
export async function countWeek(ports: Ports, week: string, until: Date): Promise<boolean> {
  const { timeZone } = ports.digestTime
  const { from, to } = weekWindow(week, timeZone)
  const weekOfEvent = (at: Date) => weekOf(at, timeZone)
  // An event of the next instant may be another's clock's: a day too many costs one empty look.
  for (const day of utcDaysOf({ from, to: to < ports.now() ? to : plus(ports.now(), 1) }))
    while (!(await ports.tallies.count(day, weekOfEvent))) if (ports.now() >= until) return false
  return true
}

type Lists = Partial<Record<ListName, List>>

async function standingNow(ports: Ports): Promise<Partial<Record<Provider, Lists>>> {
  const providers = (['directory', 'azure', 'group'] as const).filter((name) => ports.providers[name])
  const all = await Promise.all(
    providers.map(async (provider) => {
      const lists = await Promise.all(
        LISTS.map(async (name): Promise<[ListName, List]> => [name, await SOURCES[name](ports, provider)]),
      )
      return [provider, Object.fromEntries(lists)] as const
    }),
  )
  return Object.fromEntries(all)
}

/** Where each list comes from: one page of something that is sorted already. */
const SOURCES: Record<ListName, (ports: Ports, provider: Provider) => Promise<List>> = {
  async overdue(ports, provider) {
    const { items: ids } = await ports.views.awaiting(pastDueKey({ provider }), PAGE)
    const requests = await requestsOf(ports, ids.slice(0, MOST_LINES))
    const now = ports.now()
    const items = requests
      .filter((each) => isPastDue(each, now))
      .map((each) => lineOf(each, each.endsAt as string))
    return { items, hasMore: ids.length > MOST_LINES }
  },

  async pending(ports, provider) {
    const { items: ids } = await ports.views.awaiting(pendingKey({ provider }), PAGE)
    const requests = await requestsOf(ports, ids.slice(0, MOST_LINES))
    const items = requests.filter(awaitsDecision).map((each) => lineOf(each, each.createdDateTime))
    return { items, hasMore: ids.length > MOST_LINES }
  },

  async alerts({ findings }, provider) {
    const { items } = await findings.incidents(provider, 'active', PAGE)
    const lines = items.slice(0, MOST_LINES).map((each): Line => {
      const { id, principal, detectedDateTime: at } = each
      return { id, kind: 'incident', ...named(each), who: actorIn(principal), at }
    })
    return { items: lines, hasMore: items.length > MOST_LINES }
  },

  async expiringSoon(ports, provider) {
    const now = ports.now()
    const until = plus(now, SOON_DAYS * 24 * HOUR)
    const ids = await ports.views.ending(endsKey({ provider }), now, until, PAGE.top)
    const lines = await atOnce(8, ids.slice(0, MOST_LINES), (id) => endingLine(ports, id))
    const items = lines.filter((line) => line !== undefined && new Date(line.at) <= until)
    return { items: items as Line[], hasMore: ids.length > MOST_LINES }
  },
}

/** One more than is shown tells whether there are more. */
const PAGE = { top: MOST_LINES + 1, after: null }

async function requestsOf({ store }: Ports, ids: readonly string[]): Promise<Request[]> {
  const found = await atOnce(8, ids, (id) => store.findRequest(id))
  return found.flatMap((read) => (read && isOpen(read.value) ? [read.value] : []))
}

async function endingLine({ store }: Ports, id: string): Promise<Line | undefined> {
  if (!id.startsWith('elig-')) {
    const request = (await store.findRequest(id))?.value
    return request?.endsAt && mayHold(request) ? lineOf(request, request.endsAt) : undefined
  }
  const eligibility = (await store.findEligibility(id))?.value
  if (!eligibility?.endDateTime) return undefined
  const who = actorIn({ id: eligibility.principalId, displayName: eligibility.principalName })
  return { id, kind: 'eligibility', ...named(eligibility), who, at: eligibility.endDateTime }
}

function lineOf(request: Request, at: string): Line {
  const kind = isAboutSchedule(request) ? 'moreTime' : isAssigned(request) ? 'assignment' : 'activation'
  return { id: request.id, kind, ...named(request), who: actorIn(request.principal), at }
}

const named = (role: NamedRole) => ({ title: short(titleOf(role)), scopeName: short(role.scopeName) })
const actorIn = ({ id, displayName }: Line['who']) => ({ id, displayName: short(displayName) })
