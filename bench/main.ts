import { parseArgs } from 'node:util'
import type { Figure, Scenario } from './figure.ts'
import { counts } from './scenarios/counts.ts'
import { host } from './scenarios/host.ts'
import { latency } from './scenarios/latency.ts'
import { audit, lists } from './scenarios/lists.ts'
import { memory } from './scenarios/memory.ts'
import { throughput } from './scenarios/throughput.ts'
import { table } from './table.ts'

const SCENARIOS: Record<string, Scenario> = { counts, host, latency, throughput, lists, audit, memory }

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    samples: { type: 'string', default: '40' },
    activations: { type: 'string', default: '1000' },
    eligibilities: { type: 'string', default: '100000' },
    events: { type: 'string', default: '100000' },
  },
})

const options = {
  samples: Number(values.samples),
  activations: Number(values.activations),
  eligibilities: Number(values.eligibilities),
  events: Number(values.events),
}
const wanted = values.only ?? Object.keys(SCENARIOS)
const unknown = wanted.filter((name) => !(name in SCENARIOS))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${Object.keys(SCENARIOS).join(', ')}.`)
  process.exit(1)
}

const results: Record<string, Figure[]> = {}
let failed = false
for (const name of wanted) {
  const from = Date.now()
  process.stderr.write(`${name} …\n`)
  try {
    results[name] = await (SCENARIOS[name] as Scenario)(options)
  } catch (error) {
    failed = true
    console.error(`${name} failed:`, error)
    continue
  }
  process.stderr.write(`\r${name}: ${((Date.now() - from) / 1000).toFixed(0)} s\n`)
  if (!values.json) console.log(`\n${name}\n${table((results[name] ?? []).map(asRow))}\n`)
}
if (values.json) console.log(JSON.stringify({ options, results }, null, 2))
process.exit(failed ? 1 : 0)

function asRow({ what, value, unit, floor, ratio, aim, note }: Figure) {
  return { figure: what, value, unit, floor, '× floor': ratio, aim, note }
}
