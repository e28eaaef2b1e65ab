import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { principalNamed, UnknownName } from '../directory/names.ts'
import { type Answer, type Call, json } from '../http.ts'
import type { Tenant } from '../tenant.ts'
import { type Azure, assignmentKey, kindOf } from './azure.ts'
import type { AzureRole } from './model.ts'
import { scopes } from './seed-azure.ts'
import { assignmentBody } from './shapes.ts'

/** Changes made “outside”, in the Azure portal. Scopes go by their ids, those of the seed by their short names too. */
const assignment = z.strictObject({
  principal: z.string(),
  role: z.string(),
  scope: z.string(),
  condition: z.string().optional(),
  /** So many more, of nobody in particular: to reach a limit. */
  times: z.int().positive().max(5000).default(1),
})
const lock = z.strictObject({
  scope: z.string(),
  level: z.enum(['CanNotDelete', 'ReadOnly']).default('CanNotDelete'),
})
const subscription = z.strictObject({
  subscriptionId: z.guid().default(() => randomUUID()),
  displayName: z.string(),
  parent: z.string().optional(),
  resourceGroups: z.array(z.string()).default([]),
})

const scopeNamed = (name: string) => (scopes as Record<string, string>)[name] ?? name

function roleNamed(azure: Azure, name: string): AzureRole {
  const all = [...azure.roles.values()]
  const found = all.find((r) =>
    [r.name, r.roleName].some((each) => each.toLowerCase() === name.toLowerCase()),
  )
  if (found) return found
  throw new UnknownName(
    `There is no Azure role “${name}”. There are: ${all.map(({ roleName }) => roleName).join(', ')}.`,
  )
}

/** `PUT` and `DELETE /control/azure/locks`, `POST` and `DELETE …/role-assignments`, `POST` and `DELETE …/subscriptions`. */
export function azureControl(call: Call, tenant: Tenant, what: string): Answer | undefined {
  const { azure } = tenant
  const given = json(call) ?? Object.fromEntries(call.query)
  switch (`${call.method} ${what}`) {
    case 'POST role-assignments':
      return give(tenant, assignment.parse(given))
    case 'DELETE role-assignments':
      return take(tenant, assignment.parse(given))
    case 'PUT locks': {
      const { scope, level } = lock.parse(given)
      azure.locks.push({ scope: scopeNamed(scope), level })
      return { status: 204 }
    }
    case 'DELETE locks': {
      const { scope } = lock.parse(given)
      const kept = azure.locks.filter((each) => each.scope !== scopeNamed(scope))
      azure.locks.splice(0, azure.locks.length, ...kept)
      return { status: 204 }
    }
    case 'POST subscriptions': {
      const { subscriptionId, displayName, parent = 'contoso', resourceGroups } = subscription.parse(given)
      if (!azure.chain(parent).length) throw new UnknownName(`There is no management group “${parent}”.`)
      const id = `/subscriptions/${subscriptionId}`
      azure.subscriptions.set(subscriptionId.toLowerCase(), { subscriptionId, displayName, parent })
      for (const name of resourceGroups)
        azure.resourceGroups.set(`${id}/resourcegroups/${name}`.toLowerCase(), {
          id: `${id}/resourceGroups/${name}`,
          name,
        })
      return { status: 201, body: { id, subscriptionId, displayName, parent } }
    }
    case 'DELETE subscriptions':
      return end(azure, scopeNamed(z.strictObject({ scope: z.string() }).parse(given).scope))
    default:
      return undefined
  }
}

/** A subscription that is deleted takes all with it that was given in it. */
function end(azure: Azure, scope: string): Answer {
  const inside = (id: string) => `${id.toLowerCase()}/`.startsWith(`${scope.toLowerCase()}/`)
  azure.subscriptions.delete(scope.split('/')[2]?.toLowerCase() ?? '')
  for (const map of [azure.resourceGroups, azure.resources])
    for (const id of [...map.keys()]) if (inside(id)) map.delete(id)
  for (const held of azure.assignments.values())
    if (inside(held.scope)) azure.assignments.delete(assignmentKey(held.scope, held.name))
  return { status: 204 }
}

function give({ azure, directory }: Tenant, given: z.infer<typeof assignment>): Answer {
  const role = roleNamed(azure, given.role)
  const scope = scopeNamed(given.scope)
  for (let more = 1; more < given.times; more++)
    azure.assign({
      name: randomUUID(),
      scope,
      role: role.name,
      principalId: randomUUID(),
      principalType: 'User',
    })
  const principal = directory.principal(principalNamed(directory, given.principal).id)
  if (!principal || azure.same(principal.id, role.name, scope))
    return { status: 409, body: { error: 'It is assigned already.' } }
  const made = azure.assign({
    name: randomUUID(),
    scope,
    role: role.name,
    principalId: principal.id,
    principalType: kindOf(principal),
    ...(given.condition && { condition: given.condition, conditionVersion: '2.0' }),
  })
  return { status: 201, body: assignmentBody(made) }
}

function take({ azure, directory }: Tenant, given: z.infer<typeof assignment>): Answer {
  const { id } = principalNamed(directory, given.principal)
  const held = azure.same(id, roleNamed(azure, given.role).name, scopeNamed(given.scope))
  if (!held) return { status: 404, body: { error: 'It is not assigned.' } }
  azure.assignments.delete(assignmentKey(held.scope, held.name))
  return { status: 204 }
}

/** Whether somebody truly holds an Azure role at exactly this scope, directly or through groups; undefined for others. */
export function holdsInAzure({ azure, directory }: Tenant, query: URLSearchParams) {
  const scope = scopeNamed(query.get('scope') ?? '')
  if (!/^\/(subscriptions|providers)\//i.test(scope)) return undefined
  const role = roleNamed(azure, query.get('role') ?? '')
  const who = azure.principals(directory, principalNamed(directory, query.get('principal') ?? '').id)
  const assignments = azure.assignments
    .values()
    .filter((a) => a.role === role.name && a.scope.toLowerCase() === scope.toLowerCase())
    .filter((a) => who.has(a.principalId))
    .map(assignmentBody)
  return { holds: assignments.length > 0, assignments }
}

/** All of it as it truly is. */
export const azureState = (azure: Azure) => ({
  managementGroups: [...azure.managementGroups.values()],
  subscriptions: [...azure.subscriptions.values()],
  resourceGroups: [...azure.resourceGroups.values()],
  resources: [...azure.resources.values()],
  roleDefinitions: [...azure.roles.values()],
  roleAssignments: azure.assignments.values().map(assignmentBody),
  locks: azure.locks,
})
