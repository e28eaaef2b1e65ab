import type { HostedFunction } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { fromTyped, type TypedData } from '../worker/typed-data.ts'
import { type HistoryEvent, newEvent } from './history.ts'

/** Runs the activity a TaskScheduled event asks for and answers the event of its end. */
export async function runActivity(
  fn: HostedFunction,
  scheduled: HistoryEvent,
  instanceId: string,
  invoke: Invoke,
  timeout: number,
): Promise<HistoryEvent> {
  const TaskScheduledId = scheduled.EventId
  const data = activityInput(scheduled)
  const triggerMetadata = { instanceId: { string: instanceId }, data }
  try {
    const result = fromTyped(await invoke(fn, { data, triggerMetadata, timeout }))
    const Result = result === undefined || result === null ? null : JSON.stringify(result)
    return newEvent('TaskCompleted', { TaskScheduledId, Result })
  } catch (error) {
    return newEvent('TaskFailed', { TaskScheduledId, ...failure(fn.name, error) })
  }
}

/** A boolean arrives as text, capitalised as .NET writes it. */
function activityInput(scheduled: HistoryEvent): TypedData {
  const [argument] = JSON.parse(scheduled.Input as string) as [unknown]
  if (argument === null) return {}
  if (typeof argument === 'string') return { string: argument }
  if (typeof argument === 'boolean') return { string: argument ? 'True' : 'False' }
  return { string: JSON.stringify(argument) }
}

/** Reason and Details as the orchestrator sees them on the real host, two blanks and .NET's words included. */
function failure(name: string, error: unknown) {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return {
    Reason: `Activity function '${name}' failed:  ${message}`,
    Details: JSON.stringify({
      $type: 'System.Exception, System.Private.CoreLib',
      ClassName: 'System.Exception',
      Message: ` ${message}`,
      InnerException: {
        $type: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script',
        ClassName: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException',
        Message: `Result: Failure\nException: ${message}\nStack: ${stack ?? ''}`,
      },
    }),
    FailureDetails: null,
  }
}
