import type { Answer } from '../http.ts'
import { TENANT_ID } from '../seed.ts'
import type { Ask } from './ask.ts'
import { listAnswer } from './paging.ts'
import { badRequest, scopeNotFound } from './problem.ts'
import {
  groupScope,
  managementGroupBody,
  resourceBody,
  resourceGroupBody,
  subscriptionBody,
} from './shapes.ts'

const READ_GROUP = 'Microsoft.Management/managementGroups/read'

/** Management groups, subscriptions, resource groups and resources. Lists show what the caller may read. */

export function subscriptions(ask: Ask): Answer {
  const all = [...ask.azure.subscriptions.values()].filter(({ subscriptionId }) =>
    ask.can('Microsoft.Resources/subscriptions/read', `/subscriptions/${subscriptionId}`),
  )
  return listAnswer(ask.call, all, (one) => subscriptionBody(one, TENANT_ID))
}

export function subscription(ask: Ask): Answer {
  const found = ask.azure.subscriptions.get(ask.scope.split('/')[2]?.toLowerCase() ?? '')
  if (!found) throw scopeNotFound(ask.scope)
  ask.demand('Microsoft.Resources/subscriptions/read', ask.scope)
  return { status: 200, body: subscriptionBody(found, TENANT_ID) }
}

export function resourceGroups(ask: Ask): Answer {
  ask.demand('Microsoft.Resources/subscriptions/resourceGroups/read', ask.scope)
  if (!ask.azure.nameOf(ask.scope)) throw scopeNotFound(ask.scope)
  const inside = `${ask.scope.toLowerCase()}/`
  const all = [...ask.azure.resourceGroups.values()].filter(({ id }) => id.toLowerCase().startsWith(inside))
  return listAnswer(ask.call, all, resourceGroupBody)
}

export function resourceGroup(ask: Ask): Answer {
  ask.demand('Microsoft.Resources/subscriptions/resourceGroups/read', ask.scope)
  const found = ask.azure.resourceGroups.get(ask.scope.toLowerCase())
  if (!found) throw scopeNotFound(ask.scope)
  return { status: 200, body: resourceGroupBody(found) }
}

/** Those of a resource group, with `$filter=name eq '…' and resourceType eq '…'`, either or both. */
export function resources(ask: Ask): Answer {
  ask.demand('Microsoft.Resources/subscriptions/resources/read', ask.scope)
  if (!ask.azure.nameOf(ask.scope)) throw scopeNotFound(ask.scope)
  const filter = ask.call.query.get('$filter')
  const wanted = filter === null ? [] : filter.split(/ and /i).map((part) => clause(part, filter))
  const inside = `${ask.scope.toLowerCase()}/`
  const all = [...ask.azure.resources.values()].filter(
    (one) =>
      one.id.toLowerCase().startsWith(inside) &&
      wanted.every(([field, value]) => one[field].toLowerCase() === value),
  )
  return listAnswer(ask.call, all, resourceBody)
}

function clause(part: string, filter: string): ['name' | 'type', string] {
  const [, field, value = ''] = /^(name|resourceType) eq '([^']*)'$/i.exec(part.trim()) ?? []
  if (!field)
    throw badRequest(
      'InvalidFilterInQueryString',
      `Invalid $filter '${filter}' specified in the query string.`,
    )
  return [field.toLowerCase() === 'name' ? 'name' : 'type', value.toLowerCase()]
}

export function managementGroups(ask: Ask): Answer {
  const all = [...ask.azure.managementGroups.values()].filter(({ name }) =>
    ask.can(READ_GROUP, groupScope(name)),
  )
  return listAnswer(ask.call, all, (one) => managementGroupBody(one, TENANT_ID))
}

/** With `$expand=children`: the groups and subscriptions right below it. */
export function managementGroup(ask: Ask): Answer {
  const { azure, scope, call } = ask
  const found = azure.managementGroups.get(scope.split('/')[4]?.toLowerCase() ?? '')
  // Who may not read a group is not told whether it is there.
  ask.demand(READ_GROUP, scope)
  if (!found) throw scopeNotFound(scope)
  const body = managementGroupBody(found, TENANT_ID)
  const expand = call.query.get('$expand')
  if (expand === null) return { status: 200, body }
  if (expand !== 'children')
    throw badRequest('InvalidExpandQuery', `$expand=${expand} is not understood here.`)
  const children = [
    ...[...azure.managementGroups.values()]
      .filter(({ parent }) => parent === found.name)
      .map(({ name, displayName }) => ({
        id: groupScope(name),
        type: 'Microsoft.Management/managementGroups',
        name,
        displayName,
      })),
    ...[...azure.subscriptions.values()]
      .filter(({ parent }) => parent === found.name)
      .map(({ subscriptionId, displayName }) => ({
        id: `/subscriptions/${subscriptionId}`,
        type: '/subscriptions',
        name: subscriptionId,
        displayName,
      })),
  ]
  return { status: 200, body: { ...body, properties: { ...body.properties, children } } }
}

/** What the caller may see of the hierarchy, each with the names of all groups above it, from the root down. */
export function entities(ask: Ask): Answer {
  const { azure, call } = ask
  const filter = call.query.get('$filter')
  const [, wanted] = /^name eq '([^']+)'$/i.exec(filter ?? '') ?? []
  if (filter !== null && !wanted)
    throw badRequest('InvalidFilter', `The $filter '${filter}' is not understood here.`)
  const entity = (id: string, name: string, type: string, displayName: string, parent: string | null) => {
    const chain = azure.chain(parent ?? '').toReversed()
    const names = chain.map((each) => azure.managementGroups.get(each)?.name ?? each)
    return {
      id,
      name,
      type,
      properties: {
        tenantId: TENANT_ID,
        displayName,
        parent: { id: parent === null ? null : groupScope(parent) },
        parentNameChain: names,
        parentDisplayNameChain: chain.map((each) => azure.managementGroups.get(each)?.displayName),
      },
    }
  }
  const all = [
    ...[...azure.managementGroups.values()]
      .filter(({ name }) => ask.can(READ_GROUP, groupScope(name)))
      .map(({ name, displayName, parent }) =>
        entity(groupScope(name), name, 'Microsoft.Management/managementGroups', displayName, parent),
      ),
    ...[...azure.subscriptions.values()]
      .filter(({ subscriptionId: id }) =>
        ask.can('Microsoft.Resources/subscriptions/read', `/subscriptions/${id}`),
      )
      .map(({ subscriptionId: id, displayName, parent }) =>
        entity(`/subscriptions/${id}`, id, '/subscriptions', displayName, parent),
      ),
  ]
  const kept = all.filter(({ name }) => !wanted || name.toLowerCase() === wanted.toLowerCase())
  return listAnswer(call, kept, (one) => one)
}
