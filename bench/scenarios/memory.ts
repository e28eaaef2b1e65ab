import { TableClient, type TransactionAction } from '@azure/data-tables'
import type { Figure, Scenario } from '../figure.ts'
import { askForApproval, crowd, startWorld, type World } from '../world.ts'
import { lives } from './throughput.ts'

const PARTS = 10

/**
 * What a host keeps, in memory and in storage, of activations that are over. After the first tenth what is over is taken out of the
 * storage between the rounds: Azurite looks at every row at every query, and ten thousand lives would take it hours.
 */
export const memory: Scenario = async ({ activations }) => {
  const atOnce = Math.min(100, Math.ceil(activations / PARTS))
  const probe = new URL('./heap-probe.js', import.meta.url).href
  const env = { 'AzureWebJobs.sweep.Disabled': 'true', NODE_OPTIONS: `--import ${probe}` }
  const world = await startWorld({ env })
  try {
    await askForApproval(world)
    const people = await crowd(world, atOnce)
    const rest = await heap(world)
    const rounds = Math.ceil(activations / atOnce)
    const samples: { done: number; heapUsed: number; rss: number }[] = []
    let state = { rows: 0, bytes: 0 }
    let purged = 0
    let left = 0
    for (let round = 1; round <= rounds; round++) {
      await lives(world, people)
      if (round % Math.ceil(rounds / PARTS) === 0 || round === rounds)
        samples.push({ done: round * atOnce, ...(await heap(world)) })
      process.stderr.write(`\r${round * atOnce} activations `)
      if (samples.length === 0) continue
      if (samples.length === 1 && state.rows === 0) {
        state = await hostState(world)
        purged = await purge(world)
        left = (await hostState(world)).rows
      } else await purge(world)
      await forgetWhatIsOver(world)
    }
    const first = samples[0] as (typeof samples)[0]
    const last = samples.at(-1) as (typeof samples)[0]
    const middle = samples[Math.floor(samples.length / 2)] as (typeof samples)[0]
    const slope = (what: string, from: typeof first, to: typeof first): Figure => ({
      what,
      value: (to.heapUsed - from.heapUsed) / 1024 / (to.done - from.done || 1),
      unit: 'KB/activation',
    })
    const finished = first.done
    const mb = (bytes: number) => bytes / 1024 / 1024
    const figure = (what: string, value: number, unit: string, note = ''): Figure => ({
      what,
      value,
      unit,
      note,
    })
    return [
      figure('memory at rest, heap in use', mb(rest.heapUsed), 'MB'),
      figure('memory at rest, resident', mb(rest.rss), 'MB'),
      ...samples.map(({ done, heapUsed, rss }) =>
        figure(
          `after ${done} activations, heap in use`,
          mb(heapUsed),
          'MB',
          `resident ${mb(rss).toFixed(0)} MB`,
        ),
      ),
      slope('slope of the heap, from the first tenth to the last', first, last),
      { ...slope('slope of the heap, second half', middle, last), aim: '0' },
      figure(
        'host’s own state, of a finished activation',
        state.bytes / finished,
        'bytes',
        `${state.rows} rows`,
      ),
      figure('purged of them by one filter', purged, '', `${left} rows left`),
    ]
  } finally {
    await world.stop()
  }
}

async function heap({ host }: World): Promise<{ heapUsed: number; rss: number }> {
  await host.idle()
  const from = host.output().length
  process.kill(host.pid, 'SIGUSR2')
  for (;;) {
    const said = /heap-probe (\{.*\})/.exec(host.output().slice(from))?.[1]
    if (said) return JSON.parse(said)
    await new Promise((again) => setTimeout(again, 20))
  }
}

async function hostState({ storage }: World): Promise<{ rows: number; bytes: number }> {
  const table = TableClient.fromConnectionString(storage, 'interimLocalInstances', {
    allowInsecureConnection: true,
  })
  let rows = 0
  let bytes = 0
  for await (const row of table.listEntities()) {
    rows++
    bytes += JSON.stringify(row).length
  }
  return { rows, bytes }
}

/** Requests that are over with their records, and the index of these. */
async function forgetWhatIsOver({ storage }: World): Promise<void> {
  const table = (name: string) =>
    TableClient.fromConnectionString(storage, name, { allowInsecureConnection: true })
  for (const name of ['InterimEvents', 'InterimEventDays']) {
    await table(name).deleteTable()
    await table(name).createTable()
  }
  for (const [name, over] of [
    ['InterimTruth', /^(past|audit|live\|req)\|/],
    ['InterimOpen', /^(due|await)\|/],
  ] as const) {
    const partitions = new Map<string, TransactionAction[]>()
    for await (const row of table(name).listEntities()) {
      const { partitionKey = '', rowKey = '' } = row
      if (!over.test(rowKey)) continue
      partitions.set(partitionKey, [
        ...(partitions.get(partitionKey) ?? []),
        ['delete', { partitionKey, rowKey }],
      ])
    }
    for (const actions of partitions.values())
      for (let start = 0; start < actions.length; start += 100)
        await table(name).submitTransaction(actions.slice(start, start + 100))
  }
}

async function purge({ host }: World): Promise<number> {
  const filter = 'createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Completed,Failed,Terminated'
  const answer = await fetch(`${host.url}/runtime/webhooks/durabletask/instances?${filter}`, {
    method: 'DELETE',
  })
  return ((await answer.json()) as { instancesDeleted: number }).instancesDeleted
}
