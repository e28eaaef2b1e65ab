import { createRequire } from 'node:module'
import { InvocationContext } from '@azure/functions'
import type { DurableClient, OrchestrationContext } from 'durable-functions'
import { EventType, type HistoryEvent } from '../../local/host/durable/history.ts'
import type { OrchestratorState } from '../../local/host/durable/orchestrator-state.ts'
import { type Outcome, replay as walk } from '../../local/host/durable/replay.ts'
import type { Activities } from '../../src/activities/index.ts'
import * as ours from '../../src/adapters/durable-functions.ts'
import type { Durable, Step } from '../../src/workflows/durable.ts'
import type { Given } from '../fakes/durable.ts'

type Orchestrate = (trigger: object, context: InvocationContext) => Promise<OrchestratorState>
const { createOrchestrator } = createRequire(import.meta.url)(
  'durable-functions/lib/src/util/testingUtils.js',
) as {
  createOrchestrator(workflow: (context: OrchestrationContext) => unknown): Orchestrate
}

/** How a workflow waits, and how its waits are ended. */
export type Adapter = Pick<typeof ours, 'durable' | 'durableWorkflows'>
type News = [name: keyof typeof EventType, fields: Partial<HistoryEvent>]

/** More history than any activation may make. */
const MOST_EPISODES = 3000

/**
 * Runs a workflow on the real durable-functions engine, which replays it from its history at every step, so that
 * whatever is not deterministic shows. Time jumps to the next doing or timer.
 */
export async function replay<Input, Result>(
  workflow: (d: Durable, input: Input) => Step<Result>,
  input: Input,
  { activities, announced, clock, doings = [], adapter = ours }: Given & { adapter?: Adapter },
): Promise<Result> {
  const orchestrate = createOrchestrator(function* (context) {
    return yield* workflow(adapter.durable(context), context.df.getInput<Input>())
  })
  const toDo = [...doings]
  const history: HistoryEvent[] = []
  /** What the workflow has yet to hear, an episode for each. */
  const news: News[] = []
  const timers = new Map<number, Date>()
  let heard = 0

  const record = (name: keyof typeof EventType, fields: Partial<HistoryEvent> = {}, id = -1) =>
    history.push({ EventType: EventType[name], EventId: id, Timestamp: clock.now.toISOString(), ...fields })

  const client = {
    raiseEvent: async (_id: string, Name: string, data: unknown) =>
      void news.push(['EventRaised', { Name, Input: JSON.stringify(data ?? null) }]),
  } as DurableClient

  async function raiseAnnouncements(): Promise<void> {
    for (const { turn } of announced.slice(heard))
      await adapter.durableWorkflows(client).announce('test', turn)
    heard = announced.length
  }

  async function runActivity({
    id,
    name,
    input: text,
  }: Outcome['decisions'][number] & { kind: 'TaskScheduled' }): Promise<void> {
    const run = activities[name as keyof Activities] as (given: unknown) => Promise<unknown>
    const [given] = JSON.parse(text) as [unknown]
    const ended: News = await run(given).then(
      (result) => ['TaskCompleted', { TaskScheduledId: id, Result: JSON.stringify(result ?? null) }],
      (error: Error) => [
        'TaskFailed',
        { TaskScheduledId: id, Reason: error.message, Details: `${error.stack}` },
      ],
    )
    await raiseAnnouncements() // whatever came while it ran is heard before its result
    news.push(ended)
  }

  async function letTimePass(): Promise<void> {
    const [id, at] = [...timers].sort(([, a], [, b]) => Number(a) - Number(b))[0] ?? []
    const doing = toDo[0]
    if (doing && (!at || new Date(doing[0]) < at)) {
      toDo.shift()
      if (new Date(doing[0]) > clock.now) clock.now = new Date(doing[0])
      await doing[1]()
      await raiseAnnouncements()
    } else if (at && id !== undefined) {
      timers.delete(id)
      if (at > clock.now) clock.now = new Date(at)
      news.push(['TimerFired', { TimerId: id, FireAt: at.toISOString() }])
    } else throw new Error('The workflow waits for something that will never come.')
  }

  record('OrchestratorStarted')
  record('ExecutionStarted', { Name: 'activation', Input: JSON.stringify(input) })
  await raiseAnnouncements()
  for (let episode = 0; episode < MOST_EPISODES; episode++) {
    const trigger = {
      history,
      input: structuredClone(input),
      instanceId: 'test',
      isReplaying: episode > 0,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: 3,
      maximumShortTimerDuration: '6.00:00:00',
      longRunningTimerIntervalDuration: '3.00:00:00',
    }
    const answer = await orchestrate(
      structuredClone(trigger),
      new InvocationContext({ functionName: 'activation' }),
    )
    const state = JSON.parse(JSON.stringify(answer)) as OrchestratorState // as it travels to the host
    if (state.error) throw new Error(state.error)
    const outcome = walk(history, state)
    if (outcome.fault) throw new Error(outcome.fault)
    if (state.isDone && outcome.walked && outcome.quiet) return state.output as Result

    for (const decision of outcome.decisions)
      if (decision.kind === 'TimerCreated') {
        record('TimerCreated', { FireAt: decision.fireAt }, decision.id)
        timers.set(decision.id, new Date(decision.fireAt))
      } else record('TaskScheduled', { Name: decision.name, Input: decision.input }, decision.id)
    record('OrchestratorCompleted')
    for (const timer of cancelled(state)) forget(timer)
    for (const decision of outcome.decisions)
      if (decision.kind === 'TaskScheduled') await runActivity(decision)

    while (news.length === 0) await letTimePass()
    record('OrchestratorStarted')
    record(...(news.shift() as News))
  }
  throw new Error('The workflow does not end.')

  /** A timer that was cancelled fires for nobody; leaving it out keeps time from jumping to it. */
  function forget(fireAt: string): void {
    for (const [id, at] of timers) if (at.getTime() === Date.parse(fireAt)) timers.delete(id)
  }
}

type Action = OrchestratorState['actions'][number][number]
const cancelled = (state: OrchestratorState): string[] => {
  const all = state.actions.flat().flatMap(function flat(action: Action): Action[] {
    return [action, ...(action.compoundActions ?? []).flatMap(flat)]
  })
  const stillOpen = new Set(
    all.filter((each) => each.actionType === 5 && !each.isCanceled).map((each) => each.fireAt),
  )
  return all.flatMap(({ isCanceled, fireAt }) =>
    isCanceled && fireAt && !stillOpen.has(fireAt) ? [fireAt] : [],
  )
}
