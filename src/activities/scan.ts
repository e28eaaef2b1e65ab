import { type Place, placeKey } from '../domain/governed.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
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
  const name = only ? `look-${fileName(only)}` : 'look'
  const left = await ports.findings.readPlace(name)
  const scanned: Scanned = {
    complete: true,
    scopes: 0,
    failed: 0,
    held: 0,
    found: 0,
    gone: 0,
    closed: 0,
    restored: 0,
  }
  const begun = left?.after ? placeAndPage(left.after) : undefined
  const away = new Set<string>()
  let stopped: LookPlace | undefined
  for (const place of all) {
    const key = placeKey(place)
    if (begun && key < begun.key) continue
    if (away.has(place.provider)) continue
    if (scanned.scopes > 0 && ports.now() >= until) {
      stopped = { after: `${key}\n`, seen: [] }
      break
    }
    const resumed = begun?.key === key && begun.page !== '' ? { after: begun.page, seen: left?.seen ?? [] } : undefined
    try {
      const { left: rest, complete, ...counts } = await compare(ports, workflows, place, resumed, until)
      scanned.scopes++
      for (const each of COUNTED) scanned[each] += counts[each]
      if (complete) continue
      stopped = { after: `${key}\n${rest?.after}`, seen: rest?.seen ?? [] }
      break
    } catch (error) {
      scanned.failed++
      if (error instanceof Unavailable) away.add(place.provider)
      else if (!(error instanceof Impossible)) ports.log.error('A comparison failed.', { ...place, error: `${error}` })
      ports.log.warn('A scope could not be compared yet.', { ...place, error: `${error}` })
    }
  }
  if (left || stopped) await ports.findings.writePlace(name, stopped)
  return { ...scanned, complete: !stopped && scanned.failed === 0 }
}

const COUNTED = ['held', 'found', 'gone', 'closed', 'restored'] as const

/** What is governed by the settings of this installation, and what was brought under management; in a fixed order. */
export async function placesOf({ findings, drift }: Ports): Promise<Place[]> {
  const all = [...drift.places, ...(await findings.governed())]
  const byKey = new Map(all.map(({ provider, scope }) => [placeKey({ provider, scope }), { provider, scope }]))
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place)
}

const fileName = (place: Place) => placeKey(place).replaceAll('/', '~')

function placeAndPage(text: string): { key: string; page: string } {
  const [key = '', ...page] = text.split('\n')
  return { key, page: page.join('\n') }
}
