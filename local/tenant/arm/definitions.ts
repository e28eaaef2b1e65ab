import type { Answer } from '../http.ts'
import type { Ask } from './ask.ts'
import { listAnswer } from './paging.ts'
import { ArmProblem, scopeNotFound } from './problem.ts'
import { roleBody } from './shapes.ts'

/** Those that can be assigned at this scope: the built-in ones, and custom ones that name it or a scope above it. */
export function definitions(ask: Ask): Answer {
  const { azure, scope } = ask
  if (!azure.nameOf(scope)) throw scopeNotFound(scope)
  ask.demand('Microsoft.Authorization/roleDefinitions/read', scope)
  const where = ['/', ...azure.upwards(scope)]
  const there = [...azure.roles.values()].filter(({ assignableScopes }) =>
    assignableScopes.some((each) => where.includes(each.toLowerCase())),
  )
  return listAnswer(ask.call, there, roleBody(scope))
}

/** By its id, wherever it can be assigned. */
export function definition(ask: Ask): Answer {
  const role = ask.azure.roles.get(ask.name.toLowerCase())
  if (!role)
    throw new ArmProblem(
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${ask.name.replaceAll('-', '')}' does not exist.`,
    )
  return { status: 200, body: roleBody(ask.scope)(role) }
}
