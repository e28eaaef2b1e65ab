import type { DurableClient, OrchestrationContext, Task } from 'durable-functions'
import { RetryOptions } from 'durable-functions'
import { HOUR, plus } from '../domain/schedule.ts'
import { Unavailable, type Workflows } from '../ports.ts'
import type { Durable } from '../workflows/durable.ts'

/**
 * A name for each wait, never used again: a wait that has lost to its timer still stands in line, and swallows for good
 * an event of its name that comes while an activity runs.
 */
const changedEvent = (turn: number) => `changed-${turn}`

/**
 * A wait of more than six days the host cuts into pieces of three, and when such a wait is cut short by an event it and the library
 * count the rest differently: the workflow fails, or waits for ever. So no wait is that long; who has waited in vain waits again.
 */
const LONGEST_WAIT = 5 * 24 * HOUR

/** What a workflow may do, on durable-functions. With src/adapters and functions/, the only code that knows it. */
export function durable({ df }: OrchestrationContext): Durable {
  const retry = new RetryOptions(5_000, 4) // below two seconds the host does not wait at all
  retry.backoffCoefficient = 2
  const soon = (instant: Date) => {
    const longest = plus(df.currentUtcDateTime, LONGEST_WAIT)
    return instant < longest ? instant : longest
  }

  return {
    get now() {
      return df.currentUtcDateTime
    },
    *run(activity, input) {
      return yield df.callActivityWithRetry(activity, retry, input)
    },
    *changed(turn, deadline) {
      const announcement = df.waitForExternalEvent(changedEvent(turn))
      const timer = df.createTimer(soon(deadline))
      const winner: Task = yield df.Task.any([announcement, timer])
      if (winner === timer) return false
      timer.cancel() // an orchestration with an open timer is not done before it has fired
      return true
    },
    *sleep(until) {
      for (let isOver = false; !isOver; ) {
        const next = soon(until)
        yield df.createTimer(next)
        isOver = next >= until // not by the clock: timers come a little early
      }
    },
  }
}

/** The running workflows, on durable-functions. An instance has the id of its request. */
export function durableWorkflows(client: DurableClient): Workflows {
  return {
    async start(input) {
      try {
        await client.startNew('activation', { instanceId: input.requestId, input })
      } catch (error) {
        if (!/status code: 409|already exists/.test(`${error}`))
          throw new Unavailable(`The workflow could not be started: ${error}`)
      }
    },
    async announce(requestId, turn) {
      try {
        await client.raiseEvent(requestId, changedEvent(turn), null)
      } catch (error) {
        // Nobody waits under this id: not started yet, or purged. The row is the truth, and the sweep sees to the rest.
        if (!/No instance with ID|status code: 404/.test(`${error}`))
          throw new Unavailable(`The workflow could not be told: ${error}`)
      }
    },
  }
}
