import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CountedLife, countLife, type Phase, prepareLife } from '../../bench/life.ts'
import { LOADED_PRINCIPAL, LOADED_ROLE, loadEligibilities } from '../../bench/load.ts'
import { loadAround } from '../../bench/load-around.ts'
import { lineOf, type RoundTrip } from '../../bench/round-trip.ts'
import { table } from '../../bench/table.ts'
import { groups, makeEligible, people, startWorld, type World } from '../../bench/world.ts'

/**
 * What an approved activation costs, in storage round trips: the same number on every machine, and may only fall. Durable's are
 * those that the real storage back end would need.
 */
const BUDGET = {
  life: { own: 16, total: 61 },
  /** More where nobody has read the role's settings for a quarter of a minute: once for the request, once for the decision. */
  coldSettings: 3, // the third: whether the notification rules want it told that it has ended
  /**
   * More where no process has told of anything for a quarter of a minute: who wants to hear of it, once for each time that something is
   * told; and where approvers are told, who stands in for them. */
  coldWebhooks: 3 + 2,
  /** What the sweep adds by looking after each change, while everything goes well. */
  sweeps: { own: 13, durable: 2 },
  perVisit: 5,
  /** Notes on which days something is found: all, the role, the requester, the approver, Interim. */
  firstOfTheDay: 5,
  /** What is governed, what stands, what of ours may be held, and where the last look was left: no word of those who hold it rightly. */
  comparison: 5,
}

/** They have times of their own, and prices of their own. */
const WITHOUT_DRIFT = { 'AzureWebJobs.drift.Disabled': 'true', 'AzureWebJobs.digest.Disabled': 'true' }

/** Without sweeps: what the life itself costs. */
const worlds: World[] = []
afterAll(() => Promise.all(worlds.map((world) => world.stop())))

async function worldForLife(env: Record<string, string> = {}): Promise<World> {
  const world = await startWorld({ counted: true, env })
  worlds.push(world)
  await prepareLife(world)
  return world
}

/** The life is counted in it, and then a comparison: whatever was given has ended. */
let quietWorld: Promise<World> | undefined
const quiet = () => {
  quietWorld ??= worldForLife({ 'AzureWebJobs.sweep.Disabled': 'true', ...WITHOUT_DRIFT })
  return quietWorld
}

describe('an approved activation costs', () => {
  let first: CountedLife
  let plain: CountedLife
  let swept: CountedLife
  beforeAll(async () => {
    const [unswept, watched] = await Promise.all([quiet(), worldForLife(WITHOUT_DRIFT)])
    first = await countLife(unswept, { swept: false })
    plain = await countLife(unswept, { swept: false })
    await countLife(watched, { swept: true })
    swept = await countLife(watched, { swept: true })
  })

  it('no more round trips of its own and of Durable than it did', () => {
    const settings = plain.phases.flatMap((phase) => phase.own).filter(isSettings).length
    const own = sum(plain.phases) - settings
    const total = own + plain.durable.roundTrips
    print('An approved activation, its own round trips', plain.phases)
    const { turns, activities, timers, events, stale, roundTrips } = plain.durable
    console.log(
      `Durable on Azure Storage: ${turns} turns, ${activities} activities, ${timers} timers, ${events} events, ${stale} stale: ${roundTrips}`,
    )
    console.log(
      `own ${own} (at most ${BUDGET.life.own}), with Durable's ${total} (at most ${BUDGET.life.total}); and ${settings} that read settings, none where somebody has read them seconds ago`,
    )
    expect(own).toBeLessThanOrEqual(BUDGET.life.own)
    expect(total).toBeLessThanOrEqual(BUDGET.life.total)
    expect(settings).toBeLessThanOrEqual(BUDGET.coldSettings)
    const webhooks = plain.phases.flatMap((phase) => phase.own).filter(isWebhooks).length
    expect(webhooks).toBeLessThanOrEqual(BUDGET.coldWebhooks)
  })

  it('no more for the first of a day', () => {
    const more = sum(first.phases) - sum(plain.phases)
    console.log(`The first activation of a day for a role and a person: ${more} more`)
    expect(more).toBeLessThanOrEqual(BUDGET.firstOfTheDay)
  })

  it('no more visits of the sweep, and each no more', () => {
    const visits = swept.sweeps.filter(({ own }) => own.length > 1)
    print('What the sweep adds', swept.sweeps)
    const inLife = sum(swept.phases) - sum(plain.phases)
    const own = visits.reduce((all, visit) => all + counted(visit) - 1, 0) + inLife
    const starts = visits.length - 1 // it asks whether the workflow of an open request runs: one look each
    const durable = swept.durable.roundTrips - plain.durable.roundTrips + starts
    console.log(
      `${visits.length} visits, with ${inLife} more in the life itself: own ${own} (at most ${BUDGET.sweeps.own}), Durable ${durable} (at most ${BUDGET.sweeps.durable})`,
    )
    expect(visits).toHaveLength(3)
    for (const visit of visits) expect(counted(visit) - 1).toBeLessThanOrEqual(BUDGET.perVisit)
    expect(own).toBeLessThanOrEqual(BUDGET.sweeps.own)
    expect(durable).toBeLessThanOrEqual(BUDGET.sweeps.durable)
  })

  it('nothing while the sweep finds nothing due', () => {
    for (const tick of swept.sweeps.filter(({ name }) => name === 'sweep, nothing due'))
      expect(tick.own.map(({ does }) => does)).toEqual(['query'])
  })
})

describe('a comparison costs', () => {
  it('five round trips of its own for a scope with nothing new, however much stands', async () => {
    const world = await quiet()
    const scan = async () => (await world.api.must('katherine', 'POST', 'drift/scan', { scope: '/' })).body
    expect(await scan()).toMatchObject({
      complete: true,
      found: 4 /* of six, two are break-glass accounts */,
    })
    await world.host.idle()
    world.proxy.take()
    expect(await scan()).toMatchObject({ held: 6, found: 0 })
    const own = world.proxy.take().filter(({ by }) => by === 'own')
    console.log(`A comparison with nothing new: ${own.map(lineOf).join('; ')}`)
    expect(own.length).toBeLessThanOrEqual(BUDGET.comparison)
  })
})

describe('lists cost the same however much is stored:', () => {
  const FEW = 100
  const MORE_THAN_A_PAGE = 1_500
  const MANY = 8_200 // of everything else an eighth: more than the storage gives in one answer
  const lists: [name: string, who: string, path: string][] = [
    ['my roles', 'ada', 'me/roles'],
    ['my requests', 'ada', 'requests'],
    ['what awaits me', 'margaret', 'approvals'],
    ['a page of much that awaits me', 'grace', 'approvals?top=3'],
    ['a page of all eligibilities', 'katherine', 'eligibilities'],
    ['a page of a role’s', 'katherine', `eligibilities?roleDefinitionId=${LOADED_ROLE}&top=3`],
    ['one principal’s', 'katherine', `eligibilities?principalId=${LOADED_PRINCIPAL}`],
    ['who holds a role', 'katherine', `assignments?roleDefinitionId=${LOADED_ROLE}&top=3`],
    ['what a person holds', 'katherine', `assignments?principalId=${LOADED_PRINCIPAL}`],
    ['a person’s requests', 'katherine', `requests?principalId=${LOADED_PRINCIPAL}&top=3`],
    ['incidents', 'katherine', 'incidents?top=3'],
    ['what is governed', 'katherine', 'governed?top=3'],
    ['making a group’s member eligible', 'katherine', 'POST eligibilities'],
  ]
  type Costs = Map<string, string[]>
  let cheap: Costs
  let dear: Costs
  beforeAll(async () => {
    const world = await startWorld({
      counted: true,
      env: { 'AzureWebJobs.sweep.Disabled': 'true', ...WITHOUT_DRIFT },
    })
    worlds.push(world)
    await makeEligible(world, people.ada.id)
    const costsWith = async (size: number, ...joining: [Person, Person]): Promise<Costs> => {
      await loadEligibilities(world.storage, Math.min(size, MORE_THAN_A_PAGE))
      await loadAround(world.storage, size, people.grace.id)
      const costs: Costs = new Map()
      for (const [, who, path] of lists) costs.set(path, await cost(world, who, path, joining))
      return costs
    }
    cheap = await costsWith(FEW, people.barbara, people.radia)
    dear = await costsWith(MANY, people.linus, people.gina)
  })

  it.each(lists)('%s', (_, __, path) => {
    const [before, after] = [cheap.get(path), dear.get(path)]
    console.log(`${path}: ${before?.length} round trips with ${FEW}, ${after?.length} with ${MANY}`)
    expect(after).toEqual(before)
    expect(after?.length).toBeLessThanOrEqual(MOST[path] ?? 2)
  })
})

/** What they show is read one by one: three, and whether the settings of their role still ask for it. */
const MOST: Record<string, number> = {
  // What awaits me stands in four lists: my own, and those of who administers Azure roles, groups and directory roles.
  approvals: 4,
  'approvals?top=3': 4 + 3,
  [`assignments?roleDefinitionId=${LOADED_ROLE}&top=3`]: 1 + 3,
  // Settings, the person's partition, the group's place, the note of the group, what is due, and the writing.
  'POST eligibilities': 9,
}

type Person = { id: string }

/** The second call's: the first may warm a cache. */
async function cost(
  { host, proxy, api }: World,
  who: string,
  path: string,
  [first, second]: [Person, Person],
): Promise<string[]> {
  const call = async ({ id: principalId }: Person) =>
    path.startsWith('POST ')
      ? api.must(who, 'POST', path.slice(5), {
          ...{ principalId, provider: 'group', roleDefinitionId: 'member' },
          scope: `/groups/${groups.payroll.id}`,
          scheduleInfo: { expiration: { type: 'afterDuration', duration: 'P30D' } },
        })
      : api.must(who, 'GET', path)
  await call(first)
  await host.idle()
  proxy.take()
  await call(second)
  return proxy
    .take()
    .filter(({ by }) => by === 'own')
    .map(lineOf)
    .sort() // what is read at once is read in any order
}

const isSettings = ({ does, keys }: RoundTrip) => does === 'get' && keys[0]?.startsWith('settings|')

/** By a clock that nobody moves: whether it is read again depends on how fast this runs. */
const isWebhooks = ({ does, keys }: RoundTrip) =>
  does === 'query' && (keys[0]?.startsWith('hook-') || keys[0]?.startsWith('dele|'))

const counted = ({ own }: Phase) => own.filter((trip) => !isWebhooks(trip)).length

const sum = (phases: Phase[]) => phases.reduce((all, phase) => all + counted(phase), 0)

function print(title: string, phases: Phase[]): void {
  const rows = phases.flatMap(({ name, own, graph }) => [
    { step: name, own: own.length, graph, 'where they go': own[0] ? lineOf(own[0]) : '' },
    ...own.slice(1).map((trip) => ({ step: '', own: '', graph: '', 'where they go': lineOf(trip) })),
  ])
  console.log(`\n${title}\n${table(rows)}`)
}
