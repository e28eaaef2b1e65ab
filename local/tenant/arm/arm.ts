import { randomUUID } from 'node:crypto'
import type { Directory } from '../directory/directory.ts'
import type { Answer, Call } from '../http.ts'
import type { Ask } from './ask.ts'
import * as assignments from './assignments.ts'
import type { Azure } from './azure.ts'
import { definition, definitions } from './definitions.ts'
import * as hierarchy from './hierarchy.ts'
import { locks } from './locks.ts'
import { ArmProblem, badRequest, problemAnswer, scopeNotFound } from './problem.ts'

type Route = { method: string; path: RegExp; versions: readonly string[]; answer: (ask: Ask) => Answer }

const ACCESS = ['2022-04-01']
const GROUPS = ['2020-05-01', '2021-04-01', '2023-04-01']
const RESOURCES = ['2021-04-01', '2022-09-01']
const SUBSCRIPTIONS = ['2020-01-01', '2022-12-01']
const LOCKS = ['2016-09-01', '2020-05-01']

/** `(?<scope>…)` is what the call is about; a scope may hold providers itself, so ours is the last. */
const at = '(?<scope>.*)/providers/Microsoft[.]Authorization'
const route = (
  method: string,
  path: string,
  versions: readonly string[],
  answer: Route['answer'],
): Route => ({
  method,
  path: new RegExp(`^${path}$`, 'i'),
  versions,
  answer,
})

const routes: Route[] = [
  route('GET', `${at}/roleAssignments`, ACCESS, assignments.list),
  route('GET', `${at}/roleAssignments/(?<name>[^/]+)`, ACCESS, assignments.one),
  route('PUT', `${at}/roleAssignments/(?<name>[^/]+)`, ACCESS, assignments.create),
  route('DELETE', `${at}/roleAssignments/(?<name>[^/]+)`, ACCESS, assignments.remove),
  route('GET', `${at}/roleDefinitions`, ACCESS, definitions),
  route('GET', `${at}/roleDefinitions/(?<name>[^/]+)`, ACCESS, definition),
  route('GET', `${at}/locks`, LOCKS, locks),
  route('GET', '(?<scope>)/subscriptions', SUBSCRIPTIONS, hierarchy.subscriptions),
  route('GET', '(?<scope>/subscriptions/[^/]+)', SUBSCRIPTIONS, hierarchy.subscription),
  route('GET', '(?<scope>/subscriptions/[^/]+)/resourceGroups', RESOURCES, hierarchy.resourceGroups),
  route('GET', '(?<scope>/subscriptions/[^/]+/resourceGroups/[^/]+)', RESOURCES, hierarchy.resourceGroup),
  route(
    'GET',
    '(?<scope>/subscriptions/[^/]+/resourceGroups/[^/]+)/resources',
    RESOURCES,
    hierarchy.resources,
  ),
  route(
    'GET',
    '(?<scope>)/providers/Microsoft[.]Management/managementGroups',
    GROUPS,
    hierarchy.managementGroups,
  ),
  route(
    'GET',
    '(?<scope>/providers/Microsoft[.]Management/managementGroups/[^/]+)',
    GROUPS,
    hierarchy.managementGroup,
  ),
  route('POST', '(?<scope>)/providers/Microsoft[.]Management/getEntities', GROUPS, hierarchy.entities),
]

/** Azure Resource Manager, as much of it as we call. `authenticate` says who asks, or undefined. */
export async function arm(
  call: Call,
  azure: Azure,
  directory: Directory,
  authenticate: (token: string) => Promise<{ id: string } | undefined>,
): Promise<Answer> {
  try {
    const [, token] = /^Bearer (.+)$/i.exec(call.headers.authorization ?? '') ?? []
    if (!token)
      throw new ArmProblem(
        401,
        'AuthenticationFailed',
        "Authentication failed. The 'Authorization' header is missing.",
      )
    const caller = await authenticate(token)
    if (!caller)
      throw new ArmProblem(401, 'InvalidAuthenticationToken', 'The access token is invalid or has expired.')
    const answer = dispatch(call, azure, directory, caller.id)
    return { ...answer, headers: { 'x-ms-request-id': randomUUID(), ...answer.headers } }
  } catch (error) {
    if (!(error instanceof ArmProblem)) throw error
    return problemAnswer(error)
  }
}

function dispatch(call: Call, azure: Azure, directory: Directory, callerId: string): Answer {
  const path = call.path.replace(/\/$/, '')
  const version = call.query.get('api-version')
  if (!version)
    throw badRequest(
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    )
  const found = routes.find((each) => each.method === call.method && each.path.test(path))
  if (!found)
    throw new ArmProblem(
      404,
      'InvalidResourceType',
      `The resource type could not be found: ${call.method} ${path}.`,
    )
  if (!found.versions.includes(version))
    throw badRequest(
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. The supported versions are '${found.versions}'.`,
    )
  const { scope = '', name = '' } = found.path.exec(path)?.groups ?? {}
  const [, subscription] = /^\/subscriptions\/([^/]+)/i.exec(scope) ?? []
  if (subscription && !azure.subscriptions.has(subscription.toLowerCase()))
    throw scopeNotFound(`/subscriptions/${subscription}`)
  const can = (action: string, where: string) => azure.may(directory, callerId, action, where)
  const demand = (action: string, where: string) => {
    if (can(action, where)) return
    throw new ArmProblem(
      403,
      'AuthorizationFailed',
      `The client '${callerId}' with object id '${callerId}' does not have authorization to perform action '${action}' over scope '${where}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    )
  }
  return found.answer({ call, azure, directory, callerId, scope, name, can, demand })
}
