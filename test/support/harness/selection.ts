import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { isThorough } from '../daily.ts'
import type { Case } from './campaign.ts'
import type { Journey } from './journeys.ts'

const { PLACE, SHARD, RECORD } = process.env

/** What became of one case; a line of the record. */
export type Result = {
  case: string
  group: string
  point: string
  hit: boolean
  wrong: string[]
  doubles: Record<string, number>
  seconds: number
}

export const nameOf = ({ journey, name }: Pick<Case, 'journey' | 'name'>) => `${journey.name}, ${name}`

/** Of the journeys of every day so many cases. */
export const FEW = isThorough ? 3 : 2

/** The cases that were asked for: by `PLACE`, and of those a part, such as `SHARD=2/5`. */
export function select(cases: readonly Case[], few?: number): Case[] {
  const named = cases.filter(({ name }) => !PLACE || new RegExp(PLACE).test(name))
  const [part = 1, of = 1] = (SHARD ?? '1/1').split('/').map(Number)
  const chosen = named.filter((each) => shardOf(nameOf(each), of) === part)
  return few === undefined ? chosen : spread(chosen, few)
}

/** The journeys by that name, or all; for every day one, thoroughly a sixth of them, and the other campaign tells others. */
export function journeysFor(
  all: readonly Journey[],
  { named, part }: { named: string | undefined; part: 0 | 1 | undefined },
): Journey[] {
  if (named) return all.filter(({ name }) => name.includes(named))
  if (part === undefined) return [...all]
  const ofEveryDay = all.filter(({ isForCampaigns }) => !isForCampaigns)
  return ofEveryDay.filter((_, i) => (isThorough ? i % 6 : i) === part)
}

/** By its name and not its place in a list: one call more or less, and all others are where they were. */
const shardOf = (name: string, of: number) =>
  1 + (createHash('sha256').update(name).digest().readUInt32BE() % of)

/** So many of them, one from each part, and anywhere in it: of as many journeys, places and kinds as there can be. */
function spread(all: readonly Case[], count: number): Case[] {
  return Array.from({ length: count }, (_, i) => {
    const part = all.slice((i * all.length) / count, ((i + 1) * all.length) / count)
    return part[shardOf(`${i}`, part.length) - 1]
  }).filter((each) => each !== undefined)
}

/** What was run before and went well, when somebody keeps a record; the rest is run again. */
export function recorded(): Map<string, Result> {
  const lines = RECORD && existsSync(RECORD) ? readFileSync(RECORD, 'utf8').split('\n') : []
  const results = lines.filter(Boolean).map((line) => JSON.parse(line) as Result)
  return new Map(results.map((each) => [each.case, each]))
}

export function record(result: Result): void {
  if (RECORD) appendFileSync(RECORD, `${JSON.stringify(result)}\n`)
}
