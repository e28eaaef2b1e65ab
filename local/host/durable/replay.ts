import { eventName, type HistoryEvent } from './history.ts'
import type { Action, OrchestratorState } from './orchestrator-state.ts'
import { createSteps, type Decision } from './steps.ts'
import { type Task, whenAll, whenAny } from './task.ts'

export type Outcome = {
  decisions: Decision[]
  /** Every step is behind it. */
  walked: boolean
  /** No activity and no timer that was not cancelled is open: only then may it end. */
  quiet: boolean
  /** The history and the orchestrator do not fit together, or it asks for what this host does not do. */
  fault: string | undefined
}

const UNSUPPORTED: Record<number, string> = {
  2: 'sub-orchestrations',
  3: 'sub-orchestrations',
  4: 'continueAsNew',
  7: 'entities',
  8: 'durable HTTP calls',
  9: 'entities',
  10: 'entities',
  13: 'entity locks',
  14: 'entity locks',
}

/**
 * Walks the orchestrator's steps once more against its history, counting as Durable Task does: each step with
 * an effect takes the next id, and what has no event under its id yet is a new decision.
 */
export function replay(history: HistoryEvent[], state: OrchestratorState): Outcome {
  const steps = state.actions[0] ?? []
  const todo = createSteps()
  let walked = false

  const begin = (action: Action): Task => {
    switch (action.actionType) {
      case 0:
        return todo.activity(action)
      case 1:
        return todo.retried(action)
      case 5:
        return todo.timer(action)
      case 6:
        return todo.wait(action)
      case 11:
        return whenAny((action.compoundActions ?? []).map(begin))
      case 12:
        return whenAll((action.compoundActions ?? []).map(begin))
      default:
        throw new Error(
          `The local host does not run ${UNSUPPORTED[action.actionType] ?? `action ${action.actionType}`}.`,
        )
    }
  }

  const walk = (index: number): void => {
    const step = steps[index]
    if (step) begin(step).whenSettled(() => walk(index + 1))
    else walked = true
  }

  const apply = (event: HistoryEvent) => {
    switch (eventName(event)) {
      case 'OrchestratorStarted':
        return todo.setNow(Date.parse(event.Timestamp))
      case 'ExecutionStarted':
        return walk(0)
      case 'TaskScheduled':
      case 'TimerCreated':
        return todo.confirm(event)
      case 'TaskCompleted':
        return todo.close(event.TaskScheduledId, 'done')
      case 'TaskFailed':
        return todo.close(event.TaskScheduledId, 'failed')
      case 'TimerFired':
        return todo.close(event.TimerId, 'done')
      case 'EventRaised':
        return todo.raise(event.Name as string)
      default:
        return
    }
  }

  let fault: string | undefined
  try {
    for (const event of history) apply(event)
  } catch (error) {
    fault = (error as Error).message
  }
  return { decisions: todo.undecided(), walked, quiet: todo.isQuiet(), fault }
}
