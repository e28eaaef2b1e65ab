import type { Answer } from '../http.ts'
import type { Ask } from './ask.ts'
import { listAnswer } from './paging.ts'
import { scopeNotFound } from './problem.ts'

/** With `$filter=atScope()`: those of this scope and of what it lies in. */
export function locks(ask: Ask): Answer {
  const { azure, scope, call } = ask
  ask.demand('Microsoft.Authorization/locks/read', scope)
  if (!azure.nameOf(scope)) throw scopeNotFound(scope)
  const where = azure.upwards(scope)
  const there = azure.locks.filter((lock) => where.includes(lock.scope.toLowerCase()))
  return listAnswer(call, there, (lock) => ({
    id: `${lock.scope}/providers/Microsoft.Authorization/locks/lock`,
    type: 'Microsoft.Authorization/locks',
    name: 'lock',
    properties: { level: lock.level },
  }))
}
