import type { Journey } from './journeys.ts'
import { type Run, type RunOptions, run } from './run.ts'
import type { Stage } from './stage.ts'

/** One run of a journey with one thing going wrong. */
export type Case = {
  journey: Journey
  name: string
  options: (stage: Stage) => RunOptions
  /** Ends that are true as well, because somebody gave up. */
  orEnds?: string[]
  /** False when the thing that should go wrong never came up. */
  hit: () => boolean
}

export type Outcome = {
  missed: number
  doubles: Map<string, number>
  failures: string[]
  seconds: number
  runs: number
}

const STACKS = 2

/** A journey without any trouble, in a fresh process: what it calls, and what it tells people. */
export async function reference(stage: Stage, journey: Journey): Promise<Run> {
  stage.kill()
  await stage.revive()
  const told = await run(stage, journey)
  if (told.wrong.length > 0 || told.status !== journey.end)
    throw new Error(`Even without trouble ${journey.name} ends as ${told.status}: ${told.wrong.join(' ')}`)
  return told
}

/** Runs all cases on as many stacks, tells how far it is, and adds up. */
export async function campaign(
  title: string,
  stages: readonly Stage[],
  cases: readonly Case[],
  told: ReadonlyMap<Journey, Run>,
): Promise<Outcome> {
  const outcome: Outcome = { missed: 0, doubles: new Map(), failures: [], seconds: 0, runs: cases.length }
  const started = Date.now()
  let next = 0
  let done = 0
  let said = started

  async function work(stage: Stage): Promise<void> {
    for (let each = cases[next++]; each; each = cases[next++]) {
      const printed = stage.host.output().length
      const result = await run(stage, each.journey, each.options(stage)).catch(
        (error) => `${error?.stack ?? error}`,
      )
      if (!each.hit()) outcome.missed++
      const wrong =
        typeof result === 'string' ? [result] : judge(each, result, told.get(each.journey) as Run, outcome)
      const loud =
        stage.host
          .output()
          .slice(printed)
          .match(/^.*(Unexpected|uncaught|unhandled).*$/gm) ?? []
      wrong.push(...loud.map((line) => `The log says: ${line.slice(0, 600)}`))
      if (wrong.length > 0) {
        const failure = `${each.journey.name}, ${each.name}:\n    ${wrong.join('\n    ')}`
        outcome.failures.push(failure)
        process.stderr.write(`FAILED ${failure}\n`)
      }
      done++
      if (Date.now() - said > 10_000) {
        said = Date.now()
        const seconds = Math.round((said - started) / 1000)
        process.stderr.write(
          `${title}: ${done} of ${cases.length}, ${outcome.failures.length} failed, ${seconds} s\n`,
        )
      }
    }
  }
  await Promise.all(stages.slice(0, STACKS).map(work))
  outcome.seconds = Math.round((Date.now() - started) / 1000)
  return outcome
}

function judge(each: Case, result: Run, told: Run, outcome: Outcome): string[] {
  const wrong = [...result.wrong]
  const asPlanned = result.status === each.journey.end
  if (!asPlanned && !each.orEnds?.includes(result.status))
    wrong.push(`It ended as ${result.status} and not as ${each.journey.end}. ${result.failure}`)
  if (asPlanned)
    for (const mail of new Set(told.mails))
      if (!result.mails.includes(mail)) wrong.push(`A mail never went out: ${mail}`)
  for (const mail of new Set(result.mails)) {
    const extra = count(result.mails, mail) - Math.max(1, count(told.mails, mail))
    const kind = mail.replace(/^[^:]*: PIM: /, '')
    if (extra > 0) outcome.doubles.set(kind, (outcome.doubles.get(kind) ?? 0) + extra)
  }
  return wrong
}

const count = (list: readonly string[], one: string) => list.filter((each) => each === one).length

export function summary(title: string, { runs, missed, failures, doubles, seconds }: Outcome): string {
  const twice = [...doubles].map(([kind, n]) => `${n} × ${kind}`).join(', ') || 'none'
  return `${title}: ${runs} runs (${missed} not reached), ${failures.length} failed, ${seconds} s; mails that came again: ${twice}`
}
