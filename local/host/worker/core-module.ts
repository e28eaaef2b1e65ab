import Module from 'node:module'
import type { Log } from '../log.ts'

/** What `@azure/functions` gets when it asks for `@azure/functions-core`: the worker's side of the app. */
export type Binding = { name: string; type: string; direction: string; [option: string]: unknown }
export type Metadata = {
  name: string
  functionId?: string
  bindings: Record<string, Binding>
  retryOptions?: unknown
}
export type Callback = (...args: unknown[]) => unknown
export type Registered = { metadata: Metadata; callback: Callback }
export type Hook = (context: Record<string, unknown>) => unknown
export type HookName = 'preInvocation' | 'postInvocation' | 'appStart' | 'appTerminate' | 'log'

export type ProgrammingModel = {
  getInvocationModel(context: unknown): InvocationModel | Promise<InvocationModel>
  getCapabilities?(capabilities: object): unknown
}
export type InvocationModel = {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>
  invokeFunction(context: unknown, inputs: unknown[], callback: Callback): Promise<unknown>
  getResponse(context: unknown, result: unknown): Promise<unknown>
}

export type AppRegistry = {
  functions: Map<string, Registered>
  hooks: Record<HookName, Hook[]>
  model(): ProgrammingModel | undefined
  lock(): void
}

const VERSION = '4.0.0-interim-local'

class Disposable {
  #end: (() => void) | undefined
  constructor(end: () => void) {
    this.#end = end
  }
  static from(...several: { dispose(): void }[]) {
    return new Disposable(() => {
      for (const each of several) each.dispose()
    })
  }
  dispose() {
    this.#end?.()
    this.#end = undefined
  }
}

/** Answers the core module to every copy of the library in this process. Install before the app loads. */
export function installCoreModule(log: Log): AppRegistry {
  const functions = new Map<string, Registered>()
  const hooks: Record<HookName, Hook[]> = {
    preInvocation: [],
    postInvocation: [],
    appStart: [],
    appTerminate: [],
    log: [],
  }
  let model: ProgrammingModel | undefined
  let locked = false

  const core = {
    version: VERSION,
    hostVersion: VERSION,
    Disposable,
    setProgrammingModel: (given: ProgrammingModel) => {
      model = given
    },
    getProgrammingModel: () => model,
    log: (level: string, _category: string, message: string) => log.fromFunction(level, 'worker', message),
    registerHook(name: HookName, hook: Hook) {
      const list = hooks[name]
      // The library recognises exactly this error, and does without hooks an older host does not know.
      if (!list)
        throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), {
          isAzureFunctionsSystemError: true,
        })
      list.push(hook)
      return new Disposable(() => list.splice(list.indexOf(hook), 1))
    },
    registerFunction(metadata: Metadata, callback: Callback) {
      if (locked) throw new Error('A function can only be registered during app startup.')
      const id = (metadata.functionId ?? metadata.name).toLowerCase()
      if (functions.has(id))
        throw new Error(`A function with id "${metadata.name}" has already been registered.`)
      functions.set(id, { metadata: { ...metadata, functionId: id }, callback })
      return new Disposable(() => functions.delete(id))
    },
  }

  const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown }
  const load = loader._load
  loader._load = function (this: unknown, request, ...rest) {
    return request === '@azure/functions-core' ? core : load.call(this, request, ...rest)
  }

  return {
    functions,
    hooks,
    model: () => model,
    lock: () => {
      locked = true
    },
  }
}
