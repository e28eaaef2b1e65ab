import { randomUUID } from 'node:crypto'
import type { Work } from '../clock/work.ts'
import type { Log } from '../log.ts'
import type { AppRegistry, Hook } from './core-module.ts'
import type { HostedFunction } from './functions.ts'
import type { TypedData } from './typed-data.ts'

export type Invocation = {
  data: TypedData
  triggerMetadata?: Record<string, TypedData>
  /** Milliseconds until the caller stops waiting; the handler itself cannot be stopped. */
  timeout?: number
}
export type Invoke = (fn: HostedFunction, invocation: Invocation) => Promise<TypedData | undefined>

type Options = { app: AppRegistry; log: Log; work: Work; clientData: () => string }

/** Runs one invocation through the programming model, hooks included, as the worker does. */
export function createInvoke({ app, log, work, clientData }: Options): Invoke {
  const appHookData = {}

  const runHooks = async (hooks: Hook[], context: Record<string, unknown>) => {
    for (const hook of hooks) await hook(context)
  }

  const run = async (fn: HostedFunction, { data, triggerMetadata = {} }: Invocation) => {
    let invocationContext: unknown
    const invocationId = randomUUID()
    const clients = fn.clients.map(({ name }) => ({ name, data: { string: clientData() } }))
    const coreContext = {
      invocationId,
      request: {
        invocationId,
        functionId: fn.metadata.functionId,
        inputData: [{ name: fn.trigger.name, data }, ...clients],
        triggerMetadata,
        traceContext: {},
        retryContext: null,
      },
      metadata: fn.metadata,
      state: undefined as string | undefined,
      log: (level: string, category: string, message: string) => {
        for (const hook of app.hooks.log) void hook({ level, category, message, invocationContext })
        log.fromFunction(level, fn.name, message)
      },
    }
    const model = app.model()
    if (!model) throw new Error('The app registered no programming model.')
    const invocation = await model.getInvocationModel(coreContext)
    const { context, inputs } = await invocation.getArguments()
    invocationContext = context
    const shared = { hookData: {}, appHookData, invocationContext: context }

    const before = { ...shared, functionCallback: fn.callback, inputs }
    coreContext.state = 'preInvocationHooks'
    await runHooks(app.hooks.preInvocation, before)
    coreContext.state = 'invocation'
    const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown }
    try {
      after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback)
    } catch (error) {
      after.error = toError(error)
    }
    coreContext.state = 'postInvocationHooks'
    await runHooks(app.hooks.postInvocation, after)
    coreContext.state = undefined
    if (after.error !== null && after.error !== undefined) throw after.error
    const response = (await invocation.getResponse(context, after.result)) as { returnValue?: TypedData }
    return response.returnValue
  }

  return async (fn, invocation) => {
    const ended = work.start(`${fn.type} ${fn.name}`)
    // A handler that outlives its time limit goes on unseen, but it keeps the host from being idle.
    const running = run(fn, invocation).finally(ended)
    return withTimeout(running, fn.name, invocation.timeout ?? Number.POSITIVE_INFINITY)
  }
}

async function withTimeout<T>(running: Promise<T>, name: string, timeout: number): Promise<T> {
  if (!Number.isFinite(timeout)) return running
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const seconds = new Date(timeout).toISOString().slice(11, 19)
    timer = setTimeout(
      () => reject(new Error(`Timeout value of ${seconds} was exceeded by function: ${name}`)),
      Math.min(timeout, 2 ** 31 - 1),
    )
  })
  return Promise.race([running, late]).finally(() => clearTimeout(timer))
}

/** The worker turns whatever was thrown into an Error. */
function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  if (thrown === undefined || thrown === null) return new Error('Unknown error')
  if (typeof thrown === 'object' && 'message' in thrown && 'stack' in thrown) return thrown as Error
  return new Error(typeof thrown === 'string' ? thrown : JSON.stringify(thrown))
}
