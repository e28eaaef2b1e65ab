import { AsyncLocalStorage } from 'node:async_hooks'
import type { InvocationContext } from '@azure/functions'
import type { Log } from '../ports.ts'

type Invocation = { context: Pick<InvocationContext, 'info' | 'warn' | 'error'>; fields: object }

const invocation = new AsyncLocalStorage<Invocation>()

/** Everything logged inside carries these fields (the request id among them) and goes to the function's own log. */
export function withLog<T>(
  context: Invocation['context'],
  fields: object,
  work: () => Promise<T>,
): Promise<T> {
  return invocation.run({ context, fields }, work)
}

/** Structured lines: one JSON object each. Never secrets, tokens or bodies. */
export function structuredLog(): Log {
  const write = (level: 'info' | 'warn' | 'error') => {
    return (message: string, fields: object = {}) => {
      const current = invocation.getStore()
      const line = JSON.stringify({ message, ...current?.fields, ...fields })
      if (current) current.context[level](line)
      else process.stderr.write(`${level} ${line}\n`) // outside an invocation there is no other log
    }
  }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
