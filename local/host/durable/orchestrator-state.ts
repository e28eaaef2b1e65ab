import type { TypedData } from '../worker/typed-data.ts'
import { fromTyped } from '../worker/typed-data.ts'

export type RetryOptions = {
  firstRetryIntervalInMilliseconds: number
  maxNumberOfAttempts: number
  backoffCoefficient?: number
  maxRetryIntervalInMilliseconds?: number
  retryTimeoutInMilliseconds?: number
}

/** One step of an orchestrator, as the SDK lists it. */
export type Action = {
  actionType: number
  functionName?: string
  input?: unknown
  fireAt?: string
  isCanceled?: boolean
  externalEventName?: string
  retryOptions?: RetryOptions
  compoundActions?: Action[]
}

/** What the SDK answers after a replay: every step so far, and how it stands. */
export type OrchestratorState = {
  isDone: boolean
  actions: Action[][]
  output?: unknown
  customStatus?: unknown
  error?: string
  /** The function itself is broken, or one of its hooks: nothing is known of its steps. */
  broken?: true
}

const LABEL = '\n\n$OutOfProcData$:'

/** A failed orchestrator arrives as an error whose message carries the state behind a label. */
export async function readOrchestratorState(
  invoking: Promise<TypedData | undefined>,
): Promise<OrchestratorState> {
  try {
    return fromTyped(await invoking) as OrchestratorState
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const label = message.indexOf(LABEL)
    if (label < 0) return { isDone: false, actions: [[]], error: message, broken: true }
    return JSON.parse(message.slice(label + LABEL.length)) as OrchestratorState
  }
}
