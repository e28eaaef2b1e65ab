import { performance } from 'node:perf_hooks'
import type { Scenario } from '../figure.ts'
import { cpuMillis, storageFloor } from '../floor.ts'
import { activation, askForApproval, crowd, inLanes, startWorld, type World } from '../world.ts'

const LANES = 16

/** The whole life, of many at once: asked for, approved, granted, and all ended at one instant. */
export const throughput: Scenario = async ({ activations }) => {
  const env = { 'AzureWebJobs.sweep.Disabled': 'true' }
  const few = await startWorld({ counted: true, env })
  const trips = await (async () => {
    try {
      await askForApproval(few)
      const people = await crowd(few, 20)
      await few.host.idle()
      few.proxy.take()
      await lives(few, people)
      return few.proxy.take().length / people.length
    } finally {
      await few.stop()
    }
  })()

  const world = await startWorld({ env })
  const floor = await storageFloor(world.storage)
  try {
    await askForApproval(world)
    const people = await crowd(world, activations)
    await lives(world, people.slice(0, 5)) // warm
    const before = await rate(floor, 2000)
    const pids = { host: world.host.pid, storage: world.azurite.pid, tenant: world.tenant.pid }
    const used = () => Object.values(pids).map(cpuMillis)
    const cpuBefore = used()
    const { opened, granted, ended } = await lives(world, people.slice(5))
    const cpu = used().map((millis, n) => (millis - (cpuBefore[n] as number)) / (people.length - 5))
    const after = await rate(floor, 2000)
    const most = (before + after) / 2 / trips
    const size = people.length - 5
    const perSecond = (millis: number) => (size / millis) * 1000
    const all = perSecond(opened + granted + ended)
    return [
      { what: 'bare round trips, 16 at once', value: (before + after) / 2, unit: '/s' },
      {
        what: `activations through the whole life (${size})`,
        value: all,
        unit: '/s',
        floor: most,
        ratio: most / all,
        note: `floor: ${trips.toFixed(0)} round trips each (own, and the embedded host’s) at that rate`,
      },
      { what: '  requests', value: perSecond(opened), unit: '/s' },
      { what: '  approved and granted', value: perSecond(granted), unit: '/s' },
      { what: '  ended, all due at one instant', value: perSecond(ended), unit: '/s' },
      ...Object.keys(pids).map((name, n) => ({
        what: `processor time of an activation: ${name}`,
        value: cpu[n] as number,
        unit: 'ms',
      })),
    ]
  } finally {
    floor.stop()
    await world.stop()
  }
}

async function rate(floor: Awaited<ReturnType<typeof storageFloor>>, size: number): Promise<number> {
  const from = performance.now()
  await floor.trips(size, LANES)
  return (size / (performance.now() - from)) * 1000
}

/** Each of these people once, through the whole life; milliseconds of its three parts. */
export async function lives(world: World, people: readonly string[]) {
  const { api, host } = world
  api.forget()
  await host.idle()
  await inLanes(LANES, people, async (who) => void (await world.tenant.token(who)))
  const ids: string[] = []
  const from = performance.now()
  await inLanes(LANES, people, async (who) => {
    ids.push((await api.must(who, 'POST', 'requests', activation())).body.id)
  })
  await host.idle()
  const opened = performance.now()
  await inLanes(LANES, ids, async (id) => {
    await api.must('grace', 'POST', `approvals/${id}`, { reviewResult: 'Approve', justification: 'go on' })
  })
  await host.idle()
  const granted = performance.now()
  await host.jump('PT1H5M')
  await host.idle()
  const ended = performance.now()
  api.forget()
  const { body } = await api.must('katherine', 'GET', `requests/${ids.at(-1)}`)
  const { body: others } = await api.must('katherine', 'GET', `requests/${ids[0]}`)
  for (const { status } of [body, others].filter(({ status }) => status !== 'Expired'))
    throw new Error(`A request is ${status}, not Expired.`)
  return { opened: opened - from, granted: granted - opened, ended: ended - granted }
}
