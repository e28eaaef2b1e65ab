import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { paced, pacer } from '../../src/adapters/paced.ts'
import { backlogNow } from '../../src/api/backlog.ts'
import { PACES } from '../../src/domain/pace.ts'
import type { Request } from '../../src/domain/request.ts'
import { type Ports, type RoleProvider, Unavailable } from '../../src/ports.ts'
import { ada } from '../fakes/people.ts'
import { lasting, type World, world } from '../fakes/world.ts'

const MANY = 1000
const SOME = 450
/** So many activities a second: enough to run into the limits. */
const A_SECOND = 50
const RETRY_AFTER = 5

/** The tenant takes so many removals at once, and then so many a second; the others it answers 429, and says for how long. */
function limited({ clock, ports }: World, burst: number, perSecond: number) {
  const count = { done: 0, refused: 0, tooEarly: 0 }
  let [left, at] = [burst, clock.now.getTime()]
  const toldUntil = new Map<string, number>()
  const { directory } = ports.providers as { directory: RoleProvider }
  const { remove } = directory
  const limitedRemove = async (id: string) => {
    const now = clock.now.getTime()
    if (now < (toldUntil.get(id) ?? 0)) count.tooEarly++
    left = Math.min(burst, left + ((now - at) / 1000) * perSecond)
    at = now
    if (left < 0.99) {
      count.refused++
      toldUntil.set(id, now + RETRY_AFTER * 1000)
      throw new Unavailable('Answered 429 TooManyRequests.', RETRY_AFTER)
    }
    left--
    count.done++
    await remove(id)
  }
  return { count, provider: { ...directory, remove: limitedRemove } }
}

/** So many processes, each keeping to the limits by itself and knowing nothing of the others. */
function processes(w: World, provider: RoleProvider, pace: typeof PACES.azure, many: number): Ports[] {
  return Array.from({ length: many }, () => {
    const one = pacer(pace, () => w.clock.now.getTime())
    const of = () => one
    return { ...w.ports, providers: { directory: paced(provider, { removals: of, grants: of }) } }
  })
}

/** So many people hold it until eleven; each has a workflow, and hosts work on what is due as fast as they can. */
async function expires(burst: number, perSecond: number, pace: typeof PACES.azure, hosts = 1, many = MANY) {
  const w = world()
  const ids: string[] = []
  for (let n = 0; n < many; n++) {
    const id = `00000000-0000-4000-8000-${`${n}`.padStart(12, '0')}`
    w.tenant.people.set(id, { ...ada, id })
    ids.push((await w.assign(id, lasting('PT2H'))).id)
  }
  const { count, provider } = limited(w, burst, perSecond)
  const all = processes(w, provider, pace, hosts)
  let steps = 0
  const waits = new Map<string, { turn: number; until: string }>()
  const step = async (requestId: string, turn: number, ports?: Ports) => {
    const { until } = await advance(ports ?? (all[steps++ % hosts] as Ports), { requestId, turn })
    if (until) waits.set(requestId, { turn: turn + 1, until })
    else waits.delete(requestId)
  }
  for (const id of ids) await step(id, 2, w.ports)
  const end = Date.parse(w.row(ids[0] as string).endsAt as string)
  w.at(new Date(end).toISOString())
  const work = async (until = Number.POSITIVE_INFINITY) => {
    while (waits.size > 0) {
      let next: [string, { turn: number; until: string }] | undefined
      for (const each of waits) if (!next || each[1].until < next[1].until) next = each
      const [id, { turn, until: due }] = next as [string, { turn: number; until: string }]
      if (Date.parse(due) > until) return
      w.at(new Date(Math.max(w.clock.now.getTime() + 1000 / A_SECOND, Date.parse(due))).toISOString())
      await step(id, turn)
    }
  }
  const rows = () => ids.map((id) => w.row(id))
  const seconds = () => (w.clock.now.getTime() - end) / 1000
  return { w, ports: all[0] as Ports, work, rows, end, count, seconds, steps: () => steps }
}

const statuses = (rows: Request[]) => [...new Set(rows.map(({ status }) => status))]

describe('a thousand that end at one instant', () => {
  test('is nothing to Graph, which takes 3,000 writes in 150 seconds', async () => {
    const it = await expires(3000, 20, PACES.directory)
    await it.work()
    expect(statuses(it.rows())).toEqual(['Expired'])
    expect(it.count).toEqual({ done: MANY, refused: 0, tooEarly: 0 })
    expect(it.seconds()).toBeLessThan(30)
  })

  test('is more than Azure takes, 200 and then 10 a second: none too many is sent, each waits once, and all are through as soon as can be', async () => {
    const it = await expires(200, 10, PACES.azure)
    await it.work()
    expect(statuses(it.rows())).toEqual(['Expired'])
    expect(it.count).toEqual({ done: MANY, refused: 0, tooEarly: 0 })
    expect(it.seconds()).toBeLessThan(1.1 * ((MANY - 200) / 10))
    expect(Math.max(...it.rows().map(({ ending }) => ending?.attempts ?? 0))).toBe(1)
  })

  test('from several processes, who know nothing of each other, is sorted out by what Azure answers; nobody asks before they are told', async () => {
    const it = await expires(200, 10, PACES.azure, 3, SOME)
    await it.work()
    expect(statuses(it.rows())).toEqual(['Expired'])
    expect(it.count).toMatchObject({ done: SOME, tooEarly: 0 })
    expect(it.count.refused).toBeLessThan(SOME / 2)
    expect(it.seconds()).toBeLessThan(2 * ((SOME - 200) / 10))
    expect(it.w.post.notices.some(({ kinds }) => kinds.includes('removalFailing'))).toBe(false)
  })

  test('says how many wait, and when they will be through', async () => {
    const it = await expires(200, 10, PACES.azure)
    await it.work(it.end + 61_000)
    it.w.at(new Date(it.end + 61_000).toISOString())
    const swept = await sweep(it.ports, it.w.workflows)
    const left = it.rows().filter(({ status }) => status === 'PendingRevocation').length
    expect(left).toBeGreaterThan(100)
    expect(swept.waiting).toBe(left)
    expect(await backlogNow(it.ports)).toEqual({ waiting: left, throughAt: swept.throughAt })
    await it.work()
    expect(it.w.clock.now.getTime()).toBeLessThan(Date.parse(swept.throughAt as string) + 5000)
    await sweep(it.ports, it.w.workflows)
    it.w.at(new Date(it.w.clock.now.getTime() + 120_000).toISOString())
    await sweep(it.ports, it.w.workflows)
    expect(await backlogNow(it.ports)).toEqual({ waiting: 0, throughAt: null })
  })
})
