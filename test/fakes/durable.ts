import type { Activities } from '../../src/activities/index.ts'
import type { Durable, Step } from '../../src/workflows/durable.ts'

/** What people do at an instant. */
export type Doing = readonly [at: string, act: () => Promise<unknown>]

/** What runs a workflow in a test, and what happens around it. */
export type Given = {
  activities: Activities
  /** What is announced here reaches the workflow, also while an activity runs. */
  announced: readonly { turn: number }[]
  /** The time that the activities see too. */
  clock: { now: Date }
  doings?: readonly Doing[]
}

export const ATTEMPTS = 4

/** Runs a workflow against real activities on a clock that jumps to whatever happens next. */
export async function runWorkflow<Input, Result>(
  workflow: (d: Durable, input: Input) => Step<Result>,
  input: Input,
  { activities, announced, clock, doings = [] }: Given,
): Promise<Result> {
  const toDo = [...doings]

  /** Time passes until an instant, or until something that is done meanwhile makes it stop. */
  async function pass(until: Date, stop: () => boolean): Promise<boolean> {
    while (!stop()) {
      const next = toDo[0]
      if (!next || new Date(next[0]) >= until) {
        if (until > clock.now) clock.now = new Date(until)
        return false
      }
      toDo.shift()
      if (new Date(next[0]) > clock.now) clock.now = new Date(next[0])
      await next[1]()
    }
    return true
  }

  const durable: Durable = {
    get now() {
      return new Date(clock.now)
    },
    *run(name, argument) {
      for (let attempt = 1; ; attempt++)
        try {
          return yield () =>
            (activities[name] as (given: unknown) => Promise<unknown>)(structuredClone(argument))
        } catch (error) {
          if (attempt === ATTEMPTS) throw error
          const again = new Date(clock.now.getTime() + 5000 * 2 ** (attempt - 1))
          yield () => pass(again, () => false)
        }
    },
    *changed(turn, deadline) {
      return yield () => pass(deadline, () => announced.some((each) => each.turn === turn))
    },
    *sleep(until) {
      yield () => pass(until, () => false)
    },
  }

  const steps = workflow(durable, structuredClone(input))
  let step = steps.next()
  while (!step.done) {
    try {
      step = steps.next(structuredClone(await (step.value as () => Promise<unknown>)()))
    } catch (error) {
      step = steps.throw(error)
    }
  }
  return step.value
}
