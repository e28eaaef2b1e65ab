import { performance } from 'node:perf_hooks'
import type { Figure, Scenario } from '../figure.ts'
import { times } from '../figure.ts'
import { p50, storageFloor } from '../floor.ts'
import { LOADED_PRINCIPAL, LOADED_ROLE, loadEligibilities, loadEvents } from '../load.ts'
import { loadAround } from '../load-around.ts'
import { makeEligible, people, startWorld, type World } from '../world.ts'

type List = [what: string, who: string, path: string]

const LISTS: List[] = [
  ['my roles', 'ada', 'me/roles'],
  ['a page of a role’s eligibilities', 'katherine', `eligibilities?roleDefinitionId=${LOADED_ROLE}`],
  ['a page of all eligibilities', 'katherine', 'eligibilities'],
  ['a page of who holds a role', 'katherine', `assignments?roleDefinitionId=${LOADED_ROLE}&top=10`],
  ['a page of a person’s requests', 'katherine', `requests?principalId=${LOADED_PRINCIPAL}&top=10`],
  ['a page of incidents', 'katherine', 'incidents?top=10'],
  ['a page of what is governed', 'katherine', 'governed?top=10'],
]

/** An eighth of these is more than the storage gives in one answer; more than that takes Azurite a quarter of an hour. */
const MOST_AROUND = 10_000

/** With few and with many of other people's eligibilities stored. */
export const lists: Scenario = async ({ eligibilities, samples }) => {
  const figures: Figure[] = []
  for (const size of [100, eligibilities]) {
    const world = await startWorld({
      counted: true,
      env: { 'AzureWebJobs.drift.Disabled': 'true' },
      async load(storage) {
        await loadEligibilities(storage, size)
        await loadAround(storage, Math.min(size, MOST_AROUND), people.grace.id)
      },
    })
    try {
      await makeEligible(world, people.ada.id)
      figures.push(...(await measure(world, LISTS, `${size.toLocaleString('en')} stored`, samples)))
    } finally {
      await world.stop()
    }
  }
  return figures
}

/** A page of the audit trail with few and with many events stored. */
export const audit: Scenario = async ({ events, samples }) => {
  const figures: Figure[] = []
  for (const size of [10_000, events]) {
    const world = await startWorld({
      counted: true,
      load: (storage) => loadEvents(storage, size),
    })
    try {
      const before = new Date(Date.now() - 5 * 86_400_000).toISOString()
      const pages: List[] = [
        ['newest page of the audit trail', 'dorothy', 'audit'],
        ['a page of it, five days back', 'dorothy', `audit?to=${before}`],
      ]
      figures.push(...(await measure(world, pages, `${size.toLocaleString('en')} stored`, samples)))
    } finally {
      await world.stop()
    }
  }
  return figures
}

async function measure(world: World, all: List[], stored: string, samples: number): Promise<Figure[]> {
  const { api, host, proxy } = world
  const floor = await storageFloor(proxy.connectionString)
  const figures: Figure[] = []
  for (const [what, who, path] of all) {
    await api.must(who, 'GET', path)
    await host.idle()
    proxy.take()
    const { body } = await api.must(who, 'GET', path)
    const trips = proxy.take().filter(({ by }) => by === 'own').length
    const shown = (body.value ?? body.eligible).length
    if (shown === 0) throw new Error(`${path} shows nothing.`)
    const took: number[] = []
    const bare: number[] = []
    for (let n = 0; n < samples; n++) {
      const from = performance.now()
      await api.must(who, 'GET', path)
      took.push(performance.now() - from)
      bare.push(...(await floor.trips(2)))
    }
    const note = `${trips} round trips, ${shown} shown`
    figures.push(times(`${what}, ${stored}`, p50(took), trips * p50(bare), { note }))
  }
  floor.stop()
  return figures
}
