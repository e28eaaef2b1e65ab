import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { type RoleProvider, Unavailable } from '../../src/ports.ts'
import { ada } from '../fakes/people.ts'
import { lasting, type World, world } from '../fakes/world.ts'

const MANY = 1000
/** So many activities a second: enough to run into the limits. */
const A_SECOND = 50

/** The tenant takes so many removals at once, and then so many a second; the others it answers 429. */
function limited({ clock, ports }: World, burst: number, perSecond: number) {
  const count = { done: 0, refused: 0 }
  let [left, at] = [burst, clock.now.getTime()]
  const { directory } = ports.providers as { directory: RoleProvider }
  const { remove } = directory
  directory.remove = async (id) => {
    const now = clock.now.getTime()
    left = Math.min(burst, left + ((now - at) / 1000) * perSecond)
    at = now
    if (left < 1) {
      count.refused++
      throw new Unavailable('Answered 429 TooManyRequests.')
    }
    left--
    count.done++
    await remove(id)
  }
  return count
}

/** So many people hold it until eleven; each has a workflow, and a host works on what is due as fast as it can. */
async function expires(burst: number, perSecond: number) {
  const w = world()
  const ids: string[] = []
  for (let n = 0; n < MANY; n++) {
    const id = `00000000-0000-4000-8000-${`${n}`.padStart(12, '0')}`
    w.tenant.people.set(id, { ...ada, id })
    ids.push((await w.assign(id, lasting('PT2H'))).id)
  }
  const waits = new Map<string, { turn: number; until: string }>()
  const step = async (requestId: string, turn: number) => {
    const { until } = await advance(w.ports, { requestId, turn })
    if (until) waits.set(requestId, { turn: turn + 1, until })
    else waits.delete(requestId)
  }
  for (const id of ids) await step(id, 2)
  const end = Date.parse(w.row(ids[0] as string).endsAt as string)
  w.at(new Date(end).toISOString())
  const count = limited(w, burst, perSecond)
  while (waits.size > 0) {
    const [next] = [...waits].sort(([, a], [, b]) => (a.until < b.until ? -1 : 1))
    const [id, { turn, until }] = next as [string, { turn: number; until: string }]
    w.at(new Date(Math.max(w.clock.now.getTime() + 1000 / A_SECOND, Date.parse(until))).toISOString())
    await step(id, turn)
  }
  const statuses = new Set(ids.map((id) => w.row(id).status))
  return { seconds: (w.clock.now.getTime() - end) / 1000, statuses: [...statuses], ...count }
}

describe('a thousand that end at one instant', () => {
  test('is nothing to Graph, which takes 3,000 writes in 150 seconds', async () => {
    const { seconds, ...rest } = await expires(3000, 20)
    expect(rest).toEqual({ statuses: ['Expired'], done: MANY, refused: 0 })
    expect(seconds).toBeLessThan(60)
  })

  test('is more than Azure takes, 200 and then 10 a second: it is asked again later, and all are through little after it could be', async () => {
    const { seconds, refused, ...rest } = await expires(200, 10)
    expect(rest).toEqual({ statuses: ['Expired'], done: MANY })
    expect(seconds).toBeLessThan(1.5 * ((MANY - 200) / 10))
    expect(refused).toBeLessThan(2 * MANY)
  })
})
