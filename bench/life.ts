import { type DurableCost, durableCost } from './durable-cost.ts'
import type { RoundTrip } from './round-trip.ts'
import { activation, askForApproval, makeEligible, people, ROLE, type World } from './world.ts'

export type Phase = {
  name: string
  own: RoundTrip[]
  /** What the host that ran it did: the embedded one, not the real one. */
  host: number
  graph: number
  mail: number
}
export type CountedLife = {
  /** Open, decide, grant, end, and what the outbox's consumer does after each. */
  phases: Phase[]
  /** Visits of the sweep, and what its ticks cost that find nothing. */
  sweeps: Phase[]
  durable: DurableCost
}

/**
 * One approved activation from the request to the end, step by step, each step alone: queues are held while it is taken,
 * and the sweep, where it is not disabled, ticks in between. Run once before, it warms the caches of a day. Every step
 * comes half a minute or more after the one before, so that what is remembered for seconds only is read again.
 */
export async function countLife(world: World, { swept }: { swept: boolean }): Promise<CountedLife> {
  const { host, proxy, api, tenant } = world
  const phases: Phase[] = []
  const sweeps: Phase[] = []

  async function counted(name: string, step: () => Promise<unknown>): Promise<Phase> {
    proxy.take()
    await tenant.control('DELETE', '/calls')
    await step()
    await host.idle()
    const trips = proxy.take()
    const calls = async (service: string) =>
      (await tenant.control('GET', `/calls?service=${service}`)).count as number
    const [graph, mail] = [await calls('graph'), await calls('mail')]
    const own = trips.filter(({ by }) => by === 'own')
    return { name, own, host: trips.length - own.length, graph, mail }
  }

  /** A step with the queues held, and then what they bring. */
  async function phase(name: string, step: () => Promise<unknown>): Promise<void> {
    proxy.holdQueues(true)
    phases.push(await counted(name, step))
    proxy.holdQueues(false)
    phases.push(await counted(`${name}: outbox`, () => host.idle()))
    api.forget()
  }
  /** To the next tick of the sweep, or, where there is none, as long as nothing of it is missed. */
  const pass = async (name: string) => {
    const to = swept ? afterTick(hostNow) : new Date(hostNow.getTime() + 30_000)
    const passed = await counted(name, () => host.moveTo(to.toISOString()))
    if (swept) sweeps.push(passed)
    hostNow = to
    api.forget()
  }

  let hostNow = await clockOf(world)
  hostNow = afterTick(hostNow)
  await host.moveTo(hostNow.toISOString())
  api.forget()

  let id = ''
  await phase('open', async () => {
    id = (await api.must('ada', 'POST', 'requests', activation())).body.id
  })
  await pass('sweep after open')
  await pass('sweep, nothing due')
  let endsAt = ''
  await phase('decide + grant', async () => {
    const review = { reviewResult: 'Approve', justification: 'go on' }
    await api.must('grace', 'POST', `approvals/${id}`, review)
    await host.idle()
    const { body } = await api.must('ada', 'GET', `requests/${id}`)
    if (body.status !== 'Provisioned') throw new Error(`It is ${body.status}, not Provisioned.`)
    endsAt = body.scheduleInfo.expiration.endDateTime
  })
  await pass('sweep after decide')
  const shortly = new Date(Date.parse(endsAt) - 8000).toISOString()
  await counted('walk', () => host.moveTo(shortly))
  hostNow = new Date(shortly)
  await phase('end', () => host.moveTo(new Date(Date.parse(endsAt) + 1000).toISOString()))
  hostNow = new Date(Date.parse(endsAt) + 1000)
  await pass('sweep after end')
  await pass('sweep, nothing due')
  const durable = await durableCost(host, id)
  return { phases: splitDecision(phases), sweeps, durable }
}

/** The decision ends with its write into the truth; what follows is the workflow's. Asking for the status is ours. */
function splitDecision(phases: Phase[]): Phase[] {
  return phases.flatMap((phase) => {
    if (phase.name !== 'decide + grant') return [phase]
    const asked = phase.own.slice(0, -1)
    const told = asked.findIndex(({ does, target }) => does === 'transact' && target === 'InterimTruth') + 1
    return [
      { ...phase, name: 'decide', own: asked.slice(0, told) },
      { ...phase, name: 'grant', own: asked.slice(told), host: 0, graph: 0, mail: 0 },
    ]
  })
}

const TICK = 300_000

/** Ten seconds past a tick of the sweep, so that none comes while a step is taken. */
const afterTick = (from: Date) => new Date((Math.floor(from.getTime() / TICK) + 1) * TICK + 10_000)

async function clockOf({ host }: World): Promise<Date> {
  const { now } = (await (await fetch(`${host.url}/admin/clock`)).json()) as { now: string }
  return new Date(now)
}

/**
 * Ada, eligible for the role that the approvers' group approves; and a new day, early in the morning, so that no life
 * that follows passes midnight and everything that is noted once a day is new.
 */
export async function prepareLife(world: World): Promise<void> {
  await askForApproval(world)
  await makeEligible(world, people.ada.id, ROLE)
  await world.host.idle()
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  await world.host.jump(`${tomorrow}T01:00:10Z`)
  world.api.forget()
}
