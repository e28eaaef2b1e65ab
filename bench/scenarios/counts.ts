import type { Scenario } from '../figure.ts'
import { count } from '../figure.ts'
import { countLife, type Phase, prepareLife } from '../life.ts'
import { startWorld } from '../world.ts'

const sum = (phases: readonly Phase[], of: (phase: Phase) => number) =>
  phases.reduce((all, phase) => all + of(phase), 0)

/** Round trips of one approved activation, as test/budget asserts them. */
export const counts: Scenario = async () => {
  const lifeOf = async (swept: boolean) => {
    const env: Record<string, string> = swept ? {} : { 'AzureWebJobs.sweep.Disabled': 'true' }
    const world = await startWorld({ counted: true, env })
    try {
      await prepareLife(world)
      await countLife(world, { swept })
      return await countLife(world, { swept })
    } finally {
      await world.stop()
    }
  }
  const plain = await lifeOf(false)
  const swept = await lifeOf(true)
  const own = sum(plain.phases, (phase) => phase.own.length)
  const visits = swept.sweeps.filter((visit) => visit.own.length > 1)
  const ownSwept = sum(swept.phases, (phase) => phase.own.length) - own + sum(visits, (v) => v.own.length - 1)
  const durable = plain.durable.roundTrips
  return [
    count('own round trips of an approved activation', own, { floor: 5, ratio: own / 5, aim: '16' }),
    ...plain.phases.map((phase) => count(`  ${phase.name}`, phase.own.length)),
    count('Durable’s, on Azure Storage', durable, {
      floor: 45,
      ratio: durable / 45,
      aim: '46',
      note: `${plain.durable.turns} turns, ${plain.durable.activities} activities`,
    }),
    count('both', own + durable, { floor: 50, ratio: (own + durable) / 50, aim: '62' }),
    count('more for the sweep’s visits: own', ownSwept, { note: `${visits.length} visits` }),
    count('more for the sweep’s visits: Durable’s', swept.durable.roundTrips - durable),
    count(
      'calls of Microsoft Graph',
      sum(plain.phases, (phase) => phase.graph),
    ),
    count(
      'embedded host’s, instead of Durable’s, with its queue triggers',
      sum(plain.phases, (phase) => phase.host),
    ),
  ]
}
