import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { startAzurite } from '../../local/azurite.ts'
import { type HostProcess, spawnHost } from '../../local/host/spawn.ts'
import { ROOT } from '../../local/stack.ts'
import type { Scenario } from '../figure.ts'
import { times } from '../figure.ts'
import { bareServer, cpuMillis, gets, p50, percentile, residentMegabytes, storageFloor } from '../floor.ts'
import { startWorld } from '../world.ts'

/** The embedded host against Microsoft's own, with the figures measured there: half of each is aimed at. */
const THEIRS = { launch: 2500, three: 120, hundred: 3500, get: 1.6, getsPerSecond: 1750, megabytes: 450 }
/** What this host writes for an instance of three activities: its start (two rows at once), four turns, its end. */
const ROUND_TRIPS_OF_THREE = 6

export const host: Scenario = async ({ samples }) => {
  const azurite = await startAzurite()
  const bare = await bareServer()
  const floor = await storageFloor(azurite.connectionString)
  try {
    const start = () =>
      spawnHost({
        root: fileURLToPath(new URL('bench/three', `file://${ROOT}/`)),
        env: {
          AzureWebJobsStorage: azurite.connectionString,
          TASKHUB_NAME: `Bench${Date.now()}`,
          LOCAL_HOST_LOG: 'quiet',
        },
      })
    const launches: number[] = []
    const launchCpu: number[] = []
    for (let n = 0; n < 3; n++) {
      const from = performance.now()
      const one = await start()
      await gets(`${one.url}/api/ping`, 1, 1)
      launches.push(performance.now() - from)
      launchCpu.push(cpuMillis(one.pid))
      await one.kill()
    }
    const node: number[] = []
    for (let n = 0; n < 3; n++) {
      const from = performance.now()
      const one = await bareServer()
      await gets(one.url, 1, 1)
      node.push(performance.now() - from)
      one.stop()
    }

    const three = await start()
    await gets(`${three.url}/api/ping`, 500, 16)
    const beforeGets = cpuMillis(three.pid)
    const ownGet: number[] = []
    const bareGet: number[] = []
    let ownMillis = 0
    for (let n = 0; n < 4; n++) {
      const from = performance.now()
      ownGet.push(...(await gets(`${three.url}/api/ping`, 1000, 16)))
      ownMillis += performance.now() - from
      bareGet.push(...(await gets(bare.url, 1000, 16)))
    }

    const oneGet = await gets(`${three.url}/api/ping`, 1000, 1)
    const bareOneGet = await gets(bare.url, 1000, 1)
    const cpuOfGet = (cpuMillis(three.pid) - beforeGets) / (ownGet.length + oneGet.length)

    const ones: number[] = []
    const bareTrips: number[] = []
    for (let n = 0; n < samples; n++) {
      ones.push(await runThree(three, 1))
      bareTrips.push(...(await floor.trips(10)))
    }
    await runThree(three, 100)
    const beforeHundreds = cpuMillis(three.pid)
    const hundreds = [await runThree(three, 100), await runThree(three, 100), await runThree(three, 100)]
    const cpuOfHundred = (cpuMillis(three.pid) - beforeHundreds) / hundreds.length
    const from = performance.now()
    await floor.trips(100 * ROUND_TRIPS_OF_THREE, 16)
    const hundredFloor = performance.now() - from
    const megabytes = residentMegabytes(three.pid)
    await three.kill()

    const half = (figure: number, unit = 'ms') => `${figure / 2} ${unit}`
    return [
      times('launch → first answer, three activities', p50(launches), p50(node), {
        aim: half(THEIRS.launch),
        note: 'floor: node and a bare server',
      }),
      { what: '  its processor time', value: p50(launchCpu), unit: 'ms' },
      ...(await launchOfInterim(p50(node))),
      times('an instance of three activities p50', p50(ones), ROUND_TRIPS_OF_THREE * p50(bareTrips), {
        aim: half(THEIRS.three),
        note: `floor: ${ROUND_TRIPS_OF_THREE} bare round trips`,
      }),
      times('a hundred of them at once', p50(hundreds), hundredFloor, {
        aim: half(THEIRS.hundred),
        note: 'floor: their round trips, 16 at once',
      }),
      { what: '  the host’s processor time', value: cpuOfHundred, unit: 'ms' },
      times('GET p50, 16 at once', p50(ownGet), p50(bareGet), {
        aim: half(THEIRS.get),
        note: 'floor: bare node:http',
      }),
      {
        what: 'GETs a second, 16 at once',
        value: (ownGet.length * 1000) / ownMillis,
        unit: '/s',
        aim: `${THEIRS.getsPerSecond * 2} /s`,
        note: 'whoever asks takes a processor of the two',
      },
      times('GET p50, one at a time', p50(oneGet), p50(bareOneGet), { aim: half(THEIRS.get) }),
      times('GET p95, 16 at once', percentile(ownGet, 0.95), percentile(bareGet, 0.95)),
      { what: '  the host’s processor time of each', value: cpuOfGet, unit: 'ms' },
      { what: 'memory after this', value: megabytes, unit: 'MB', aim: half(THEIRS.megabytes, 'MB') },
    ]
  } finally {
    floor.stop()
    bare.stop()
    await azurite.stop()
  }
}

async function launchOfInterim(node: number) {
  const world = await startWorld()
  try {
    const launches: number[] = []
    const cpu: number[] = []
    for (let n = 0; n < 3; n++) {
      await world.host.kill()
      const from = performance.now()
      await world.host.restart()
      await gets(`${world.host.url}/api/health`, 1, 1)
      launches.push(performance.now() - from)
      cpu.push(cpuMillis(world.host.pid))
    }
    return [
      times('launch → first answer, Interim', p50(launches), node, { aim: `${THEIRS.launch / 2} ms` }),
      { what: '  its processor time', value: p50(cpu), unit: 'ms' },
      { what: '  its memory at rest', value: residentMegabytes(world.host.pid), unit: 'MB' },
    ]
  } finally {
    await world.stop()
  }
}

/** So many at once, from the first start until all have ended. */
async function runThree(host: HostProcess, size: number): Promise<number> {
  const base = `${host.url}/runtime/webhooks/durabletask`
  const from = performance.now()
  const ids = await Promise.all(
    Array.from({ length: size }, async () => {
      const answer = await fetch(`${base}/orchestrators/three`, { method: 'POST' })
      return ((await answer.json()) as { id: string }).id
    }),
  )
  await host.idle()
  const millis = performance.now() - from
  for (const id of ids)
    if ((await statusOf(`${base}/instances/${id}`)) !== 'Completed') throw new Error(`${id} has not ended.`)
  return millis
}

const statusOf = async (url: string) =>
  ((await (await fetch(url)).json()) as { runtimeStatus: string }).runtimeStatus
