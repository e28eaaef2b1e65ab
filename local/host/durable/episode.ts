import type { HostedFunction } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { eventName, type HistoryEvent, newEvent } from './history.ts'
import type { Instance, Status } from './instance.ts'
import { type OrchestratorState, readOrchestratorState } from './orchestrator-state.ts'
import { replay } from './replay.ts'
import type { Decision } from './steps.ts'

/** The instance after an episode, and what it newly asks for; both are to be written before anything is done. */
export type Episode = { next: Instance; scheduled: HistoryEvent[] }
export type RunEpisode = (instance: Instance, arrived: HistoryEvent[]) => Promise<Episode>

export function createEpisodes(orchestrators: Map<string, HostedFunction>, invoke: Invoke): RunEpisode {
  return async (instance, arrived) => {
    const messages = [...instance.waiting, ...arrived]
    const terminated = messages.find((event) => eventName(event) === 'ExecutionTerminated')
    if (terminated) return { next: terminate(instance, terminated), scheduled: [] }
    const control = messages.findLast((event) => isControl(event))
    const suspended = control ? eventName(control) === 'ExecutionSuspended' : instance.status === 'Suspended'
    if (suspended) return { next: suspend(instance, messages, control), scheduled: [] }
    return run(instance, messages)
  }

  async function run(instance: Instance, messages: HistoryEvent[]): Promise<Episode> {
    const history = [...instance.history, newEvent('OrchestratorStarted'), ...messages]
    const orchestrator = orchestrators.get(instance.name.toLowerCase())
    const state = orchestrator
      ? await readOrchestratorState(
          invoke(orchestrator, { data: { string: orchestratorInput(instance, history) } }),
        )
      : unknownOrchestrator(instance.name)
    const outcome = state.broken
      ? { decisions: [], walked: true, quiet: true, fault: state.error }
      : replay(history, state)
    const scheduled = outcome.fault === undefined ? outcome.decisions.map(toEvent) : []
    const running: Instance = {
      ...instance,
      status: 'Running',
      output: null,
      waiting: [],
      history: [...history, ...scheduled, newEvent('OrchestratorCompleted')],
      updated: Date.now(),
      customStatus: state.customStatus === undefined ? instance.customStatus : state.customStatus,
    }
    const failure = outcome.fault ?? state.error
    if (failure !== undefined && (outcome.fault !== undefined || (outcome.walked && outcome.quiet)))
      return {
        next: end(running, 'Failed', `Orchestrator function '${instance.name}' failed: ${failure}`),
        scheduled,
      }
    if (state.isDone && outcome.walked && outcome.quiet)
      return { next: end(running, 'Completed', state.output), scheduled }
    return { next: running, scheduled }
  }

  function unknownOrchestrator(name: string): OrchestratorState {
    const known = [...orchestrators.values()].map((fn) => `'${fn.name}'`).join(', ')
    const error = `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function. Additional info: The following are the known orchestrator functions: ${known}`
    return { isDone: false, actions: [[]], error, broken: true }
  }
}

const isControl = (event: HistoryEvent) =>
  ['ExecutionSuspended', 'ExecutionResumed'].includes(eventName(event))

function orchestratorInput(instance: Instance, history: HistoryEvent[]): string {
  const played = instance.history.length
  return JSON.stringify({
    history: history.map((event, index) => ({ ...event, IsPlayed: index < played })),
    input: instance.input === null ? null : JSON.parse(instance.input),
    instanceId: instance.id,
    isReplaying: played > 0,
    parentInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  })
}

function toEvent(decision: Decision): HistoryEvent {
  if (decision.kind === 'TimerCreated')
    return newEvent('TimerCreated', { FireAt: decision.fireAt }, decision.id)
  return newEvent('TaskScheduled', { Name: decision.name, Version: '', Input: decision.input }, decision.id)
}

function end(instance: Instance, status: Status, output: unknown): Instance {
  const text = output === undefined || output === null ? null : JSON.stringify(output)
  const completed = newEvent('ExecutionCompleted', { OrchestrationStatus: status, Result: text })
  return {
    ...instance,
    status,
    output: text,
    waiting: [],
    history: [...instance.history, completed],
    updated: Date.now(),
  }
}

function terminate(instance: Instance, event: HistoryEvent): Instance {
  const reason = event.Input ?? null
  return end({ ...instance, history: [...instance.history, event] }, 'Terminated', reason)
}

/** Nothing is seen by the orchestrator until it is resumed; the reason stands in its output meanwhile. */
function suspend(instance: Instance, messages: HistoryEvent[], control: HistoryEvent | undefined): Instance {
  return {
    ...instance,
    status: 'Suspended',
    output: control ? JSON.stringify(control.Reason ?? null) : instance.output,
    history: [...instance.history, ...messages.filter(isControl)],
    waiting: messages.filter((event) => !isControl(event)),
    updated: Date.now(),
  }
}
