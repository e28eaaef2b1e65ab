import { performance } from 'node:perf_hooks'
import type { Figure, Scenario } from '../figure.ts'
import { times } from '../figure.ts'
import { gets, p50, percentile, storageFloor } from '../floor.ts'
import type { RoundTrip } from '../round-trip.ts'
import { activation, askForApproval, crowd, startWorld } from '../world.ts'

type Sample = { millis: number; trips: number; graph: number }

/**
 * From the click to the row that says so, seen by the proxy as it passes. The floor of each: as many bare round trips one
 * after another, through the same proxy, and as many bare calls of the tenant as there were of Graph.
 */
export const latency: Scenario = async ({ samples }) => {
  const world = await startWorld({ counted: true, env: { 'AzureWebJobs.sweep.Disabled': 'true' } })
  const { api, host, proxy, tenant } = world
  const floor = await storageFloor(proxy.connectionString)
  try {
    await askForApproval(world)
    const people = await crowd(world, samples + 5)
    const granted: Sample[] = []
    const removed: Sample[] = []

    /** From the start of a call until the row of this request says so; round trips of our own asking not counted. */
    const measure = async (id: string, status: string, start: () => Promise<unknown>): Promise<Sample> => {
      await host.idle()
      proxy.take()
      await tenant.control('DELETE', '/calls')
      const says = `\\"status\\":\\"${status}\\"`
      const isIt = ({ target, does, body }: RoundTrip) =>
        target === 'InterimTruth' && does === 'transact' && body.includes(id) && body.includes(says)
      const seen = proxy.seen(isIt)
      const from = performance.now()
      const started = start()
      const { at } = await seen
      const trips = proxy.take().filter((trip) => trip.at <= at && trip.does !== 'receive').length
      const graph = (await tenant.control('GET', '/calls?service=graph')).count
      await started
      return { millis: at - from, trips, graph }
    }

    const bare: number[] = []
    const bareGraph: number[] = []
    for (const who of people) {
      const { body } = await api.must(who, 'POST', 'requests', activation())
      await api.signIn('grace')
      const approve = () =>
        api.must('grace', 'POST', `approvals/${body.id}`, { reviewResult: 'Approve', justification: 'go on' })
      granted.push(await measure(body.id, 'Provisioned', approve))
      await host.idle()
      removed.push(await measure(body.id, 'Expired', () => host.jump('PT1H1S')))
      api.forget()
      bare.push(...(await floor.trips(10)))
      bareGraph.push(...(await gets(`${tenant.url}/control/clock`, 10, 1)))
    }
    const trip = p50(bare)
    const graphTrip = p50(bareGraph)
    return [
      times('one round trip, through the proxy', trip, trip),
      times('one call of the tenant', graphTrip, graphTrip),
      ...figuresOf('approve → granted', granted.slice(5), trip, graphTrip, '5 × floor (p50)'),
      ...figuresOf('end → removed', removed.slice(5), trip, graphTrip),
    ]
  } finally {
    floor.stop()
    await world.stop()
  }
}

function figuresOf(what: string, all: Sample[], trip: number, graphTrip: number, aim?: string): Figure[] {
  const trips = p50(all.map((one) => one.trips))
  const graph = p50(all.map((one) => one.graph))
  const floor = trips * trip + graph * graphTrip
  return [0.5, 0.95, 0.99].map((share) =>
    times(
      `${what} p${share * 100}`,
      percentile(
        all.map(({ millis }) => millis),
        share,
      ),
      floor,
      {
        note: `floor: ${trips} round trips and ${graph} calls of Graph, one after another`,
        ...(share === 0.5 && aim ? { aim } : {}),
      },
    ),
  )
}
