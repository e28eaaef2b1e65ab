import { type Place, placeKey } from '../domain/governed.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import { closeIncident } from '../live/incidents.ts'
import { isGone, placesOf } from '../live/places.ts'
import { Impossible, type LookPlace, type Ports, Unavailable, type Workflows } from '../ports.ts'
import { type Compared, compare } from './compare.ts'

export type Scanned = Compared & { scopes: number; failed: number }

/**
 * Looks at every governed scope, one after the other, for at most so long; the next scan goes on where this one stopped. A
 * provider that does not answer, or asks us to wait, is left alone until then: removals have to get through.
 */
export async function scan(
  ports: Ports,
  workflows: Workflows,
  only?: Place,
  patience = 2 * MINUTE,
): Promise<Scanned> {
  const until = plus(ports.now(), patience)
  const all = only ? [only] : await placesOf(ports)
  const name = only ? `look-${placeKey(only).replaceAll('/', '~')}` : 'look'
  const left = await ports.findings.readPlace(name)
  const begun = placeOf(left)
  const scanned = { ...NOTHING }
  const away = new Set<string>()
  let stopped: LookPlace | undefined
  /** Where it was left, if it was. */
  async function look(place: Place, page: LookPlace | undefined): Promise<LookPlace | undefined> {
    if (away.has(place.provider)) return undefined
    const compared = await attempt(ports, away, place, () => compare(ports, workflows, place, page, until))
    count(scanned, compared)
    return compared?.left
  }
  const places = all.filter((each) => !begun || placeKey(each) >= begun.key)
  for (let n = 0, place = places[n]; place && !stopped; place = places[++n]) {
    const key = placeKey(place)
    const isLate = scanned.scopes > 0 && ports.now() >= until
    const rest = isLate
      ? { after: '', seen: [] }
      : await look(place, begun?.key === key ? begun.page : undefined)
    if (rest) stopped = { ...rest, after: `${key}\n${rest.after}` }
  }
  if (left || stopped) await ports.findings.writePlace(name, stopped)
  return { ...scanned, complete: !stopped && scanned.failed === 0 }
}

/** What one scope, or its provider, does not answer keeps the others from nothing. */
async function attempt<T>(
  ports: Ports,
  away: Set<string>,
  place: Place,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const known = error instanceof Unavailable || error instanceof Impossible
    if (known && (await isGone(ports, place))) await closeAll(ports, place)
    else if (error instanceof Unavailable) away.add(place.provider)
    ports.log[known ? 'warn' : 'error']('A scope could not be compared yet.', { ...place, error: `${error}` })
    return undefined
  }
}

/** What was held there went with it. */
async function closeAll(ports: Ports, place: Place): Promise<void> {
  for (const { id } of await ports.findings.standingAt(place)) await closeIncident(ports, id)
}

const NOTHING: Scanned = {
  complete: true,
  scopes: 0,
  failed: 0,
  held: 0,
  found: 0,
  gone: 0,
  closed: 0,
  restored: 0,
}

function count(scanned: Scanned, compared: Compared | undefined): void {
  if (!compared) {
    scanned.failed++
    return
  }
  scanned.scopes++
  for (const each of ['held', 'found', 'gone', 'closed', 'restored'] as const) scanned[each] += compared[each]
}

/** A place is the scope, and the page within it; without a page the scope is to begin. */
function placeOf(left: LookPlace | undefined): { key: string; page: LookPlace | undefined } | undefined {
  if (!left?.after) return undefined
  const end = left.after.indexOf('\n')
  const page = left.after.slice(end + 1)
  return { key: left.after.slice(0, end), page: page ? { after: page, seen: left.seen } : undefined }
}
