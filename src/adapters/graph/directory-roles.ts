import { GraphError } from '@microsoft/microsoft-graph-client'
import { ADMINISTRATORS, type Role, type RoleDefinition, type RoleDescription } from '../../domain/role.ts'
import { type Directory, type Held, Impossible, type RoleProvider, Unavailable } from '../../ports.ts'
import { freshCache } from '../fresh-cache.ts'
import type { Graph } from './client.ts'
import { type List, listAll } from './list.ts'
import { kindOf } from './principal-kinds.ts'
import { isPrivileged } from './privileged.ts'

const PATH = '/roleManagement/directory/roleAssignments'
/** Names and labels of roles change rarely, and nothing is allowed because of them. */
const ROLE_MILLIS = 5 * 60_000

type GraphRole = Omit<RoleDefinition, 'isPrivileged'> & { isPrivileged?: boolean }
type GraphAssignment = {
  id: string
  principalId: string
  roleDefinitionId: string
  directoryScopeId: string
  principal?: { '@odata.type'?: string }
}

/** Plain Entra role assignments: no expiry and no note on them, so who gave them and until when is ours to remember. */
export function directoryRoles(graph: Graph, directory: Directory, now: () => number): RoleProvider {
  const known = freshCache<RoleDefinition>(ROLE_MILLIS, now)
  const all = listAll(graph)

  async function definition(id: string): Promise<RoleDefinition | undefined> {
    const cached = known.get(id)
    if (cached) return cached.value
    const found = await graph.get<GraphRole>(`/roleManagement/directory/roleDefinitions/${id}`)
    if (!found) return undefined
    const role = asRole(found)
    known.set(id, role)
    return role
  }

  return {
    async roles() {
      return (await all<GraphRole>('/roleManagement/directory/roleDefinitions', 2000)).map(asRole)
    },

    async describe({ roleDefinitionId, scope }): Promise<RoleDescription | undefined> {
      const [role, scopeName] = await Promise.all([definition(roleDefinitionId), nameOfScope(graph, scope)])
      return role && scopeName !== undefined ? { ...role, scopeName, refusal: null } : undefined
    },

    scopesAbove: async () => [],

    async find(principalId, { roleDefinitionId, scope }) {
      const filter = `principalId eq '${principalId}' and roleDefinitionId eq '${roleDefinitionId}' and directoryScopeId eq '${scope}'`
      const list = await graph.get<{ value: { id: string }[] }>(
        `${PATH}?$filter=${encodeURIComponent(filter)}`,
      )
      // Nothing is a list with nothing in it. Any other answer must never pass for “gone”.
      if (!Array.isArray(list?.value)) throw new Unavailable('Microsoft Graph did not answer with a list.')
      return list.value.map(({ id }) => id)
    },

    async add(principal, role) {
      try {
        const added = await graph.post<{ id: string }>(PATH, body(principal.id, role))
        return { outcome: 'added', id: added.id }
      } catch (error) {
        if (isConflict(error)) return { outcome: 'exists' }
        throw meaning(error)
      }
    },

    async remove(id) {
      try {
        await graph.delete(`${PATH}/${encodeURIComponent(id)}`)
      } catch (error) {
        throw meaning(error)
      }
    },

    async held(scope, after) {
      const filter = encodeURIComponent(`directoryScopeId eq '${scope}'`)
      const path = after ?? `${PATH}?$filter=${filter}&$expand=principal`
      const page = await graph.get<List<GraphAssignment>>(path, LOW_PRIORITY)
      if (!Array.isArray(page?.value)) throw new Unavailable('Microsoft Graph did not answer with a list.')
      return { items: page.value.map(asHeld), next: page['@odata.nextLink'] ?? null }
    },

    async mayAdminister(personId) {
      const held = await directory.rolesHeldBy(personId)
      return held.some((role) => ADMINISTRATORS.includes(role))
    },

    administrators: () => directory.holdersOf(ADMINISTRATORS),
  }
}

/** Whoever scans lets those through who wait for an answer. */
const LOW_PRIORITY = { 'x-ms-throttle-priority': 'low' }

/** The scope in words; undefined when there is no such unit or object. */
async function nameOfScope(graph: Graph, scope: string): Promise<string | undefined> {
  if (scope === '/') return 'the whole directory'
  const path = scope.startsWith('/administrativeUnits/') ? `/directory${scope}` : `/directoryObjects${scope}`
  const found = await graph.get<{ displayName?: string | null }>(`${path}?$select=id,displayName`)
  return found && (found.displayName ?? scope)
}

const asHeld = ({
  id,
  principalId,
  roleDefinitionId,
  directoryScopeId,
  principal,
}: GraphAssignment): Held => ({
  id,
  principalId,
  principalType: kindOf(principal),
  role: { provider: 'directory', roleDefinitionId, scope: directoryScopeId },
})

const asRole = (role: GraphRole): RoleDefinition => ({
  id: role.id,
  displayName: role.displayName,
  isBuiltIn: role.isBuiltIn,
  isEnabled: role.isEnabled,
  isPrivileged: role.isPrivileged ?? isPrivileged(role.id, role.isBuiltIn),
})

const body = (principalId: string, { roleDefinitionId, scope }: Role) => ({
  '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
  roleDefinitionId,
  principalId,
  directoryScopeId: scope,
})

/** Graph says 400 with a generic code, and what it means only in the message; other endpoints say 409. */
function isConflict(error: unknown): boolean {
  if (!(error instanceof GraphError)) return false
  return error.statusCode === 409 || (error.statusCode === 400 && /conflicting object/i.test(error.message))
}

/** A principal that was just seen and is “not found” has not reached every replica yet: worth another try. */
function meaning(error: unknown): unknown {
  if (!(error instanceof GraphError)) return error
  if (error.statusCode === 404)
    return new Unavailable(`Microsoft Graph does not find it yet: ${error.message}`)
  return new Impossible(error.code ?? 'Request_BadRequest', `Microsoft Graph refused: ${error.message}`)
}
