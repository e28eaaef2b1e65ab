import type { Journey } from './journeys.ts'
import { type Run, type RunOptions, run } from './run.ts'
import { nameOf, type Result, record, recorded, select } from './selection.ts'
import type { Stage } from './stage.ts'
import { summary } from './summary.ts'

/** One run of a journey with one thing going wrong. */
export type Case = {
  journey: Journey
  name: string
  /** The line of the summary that counts it, and where in that the thing goes wrong. */
  group: string
  point: string
  options: (stage: Stage) => RunOptions
  /** Ends that are true as well, because somebody gave up. */
  orEnds?: string[]
  /** Mails that nobody needs any more by the time they can be sent. */
  overtaken?: RegExp
  /** False when the thing that should go wrong never came up. */
  hit: () => boolean
}

export type Campaign = {
  title: string
  journeys: readonly Journey[]
  start: () => Promise<Stage>
  casesOf: (journey: Journey, reference: Run) => Case[]
  /** Only so many, on one stack. */
  few?: number | undefined
}

const STACKS = Number(process.env.STACKS ?? 2)
const LONGEST_RUN = 20 * 60_000
const BETWEEN_WORDS = 10_000

/**
 * Tells each journey once without any trouble, and then once for each thing that may go wrong on its way: on a few stacks at
 * a time, each used again and again until something failed on it. Says how far it is, adds up, and returns what failed.
 */
export async function campaign({ title, journeys, start, casesOf, few }: Campaign): Promise<string[]> {
  const first = await start()
  const told = new Map<Journey, Run>()
  try {
    for (const journey of journeys) told.set(journey, await reference(first, journey))
  } catch (error) {
    await first.stop()
    throw error
  }
  const cases = select(
    [...told].flatMap(([journey, run]) => casesOf(journey, run)),
    few,
  )
  const before = recorded()
  const results = cases.flatMap((each) => before.get(nameOf(each)) ?? []).filter(({ wrong }) => !wrong.length)
  const wentWell = new Set(results.map((result) => result.case))
  const left = cases.filter((each) => !wentWell.has(nameOf(each)))
  const tell = teller(title, left.length)

  async function work(stage: Stage): Promise<void> {
    let mine = stage
    try {
      for (let each = left.shift(); each; each = left.shift()) {
        const result = await outcomeOf(mine, each, told.get(each.journey) as Run)
        results.push(result)
        record(result)
        tell(result)
        if (result.wrong.length === 0) continue
        await mine.stop() // what is left of a failure is none of the next one's business
        mine = await start().catch(start)
      }
    } finally {
      await mine.stop()
    }
  }
  const others = Array.from({ length: few ? 0 : Math.min(STACKS, left.length) - 1 }, () => start().then(work))
  await Promise.all([work(first), ...others])
  process.stderr.write(`${summary(title, results, tell.seconds())}\n`)
  return results.flatMap((each) => (each.wrong.length ? [`${each.case}: ${each.wrong.join(' ')}`] : []))
}

/** A journey without any trouble, in a fresh process: what it calls, and what it tells people. */
async function reference(stage: Stage, journey: Journey): Promise<Run> {
  stage.kill()
  await stage.revive()
  const told = await run(stage, journey)
  if (told.wrong.length > 0 || told.status !== journey.end)
    throw new Error(`Even without trouble ${journey.name} ends as ${told.status}: ${told.wrong.join(' ')}`)
  return told
}

async function outcomeOf(stage: Stage, each: Case, told: Run): Promise<Result> {
  const from = Date.now()
  const printed = stage.host.output().length
  const doubles: Result['doubles'] = {}
  const result = await inTime(run(stage, each.journey, each.options(stage))).catch(
    (error) => `${error?.stack}`,
  )
  const wrong = typeof result === 'string' ? [result] : judge(each, result, told, doubles)
  const loud =
    stage.host
      .output()
      .slice(printed)
      .match(/^.*(Unexpected|uncaught|unhandled).*$/gm) ?? []
  wrong.push(...loud.map((line) => `The log says: ${line.slice(0, 600)}`))
  const { group, point } = each
  const seconds = (Date.now() - from) / 1000
  return { case: nameOf(each), group, point, hit: each.hit(), wrong, doubles, seconds }
}

/** One that never ends keeps the others from nothing but its stack. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new Error('It does not come to an end.')), LONGEST_RUN)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function judge(each: Case, result: Run, told: Run, doubles: Result['doubles']): string[] {
  const wrong = [...result.wrong]
  const asPlanned = result.status === each.journey.end
  if (!asPlanned && !each.orEnds?.includes(result.status))
    wrong.push(`It ended as ${result.status} and not as ${each.journey.end}. ${result.failure}`)
  const isWhole = result.requests === told.requests
  if (asPlanned && !isWhole && !each.orEnds)
    wrong.push(`Of ${told.requests} requests ${result.requests} were made.`)
  if (asPlanned && isWhole)
    for (const mail of new Set(told.mails)) {
      const isNeedless = each.overtaken?.test(mail) || isReminded(mail, result.mails)
      if (!isNeedless && !result.mails.includes(mail)) wrong.push(`A mail never went out: ${mail}`)
    }
  for (const mail of new Set(result.mails)) {
    const extra = count(result.mails, mail) - Math.max(1, count(told.mails, mail))
    const kind = mail.replace(/^[^:]*: PIM: /, '')
    if (extra > 0) doubles[kind] = (doubles[kind] ?? 0) + extra
  }
  return wrong
}

/** Whoever was to be asked when it was time to remind them was only reminded. */
const isReminded = (mail: string, mails: readonly string[]) =>
  /: PIM: Review /.test(mail) &&
  mails.includes(`${mail.replace('PIM: Review', 'PIM: Reminder:')} still waits`)

const count = (list: readonly string[], one: string) => list.filter((each) => each === one).length

/** Failures at once, and every now and then how far it is. */
function teller(title: string, all: number) {
  const started = Date.now()
  const seconds = () => Math.round((Date.now() - started) / 1000)
  let [said, done, failed] = [started, 0, 0]
  const tell = (result: Result) => {
    done++
    if (result.wrong.length > 0) {
      failed++
      process.stderr.write(`FAILED ${result.case}:\n    ${result.wrong.join('\n    ')}\n`)
    }
    if (Date.now() - said < BETWEEN_WORDS) return
    said = Date.now()
    const left = Math.round(((seconds() / done) * (all - done)) / 60)
    process.stderr.write(
      `${title}: ${done} of ${all}, ${all - done} to go, ${failed} failed, ${seconds()} s, ${left} min to go\n`,
    )
  }
  return Object.assign(tell, { seconds })
}
