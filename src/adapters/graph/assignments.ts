import { GraphError } from '@microsoft/microsoft-graph-client'
import type { Role } from '../../domain/role.ts'
import { type Assignments, Impossible, Unavailable } from '../../ports.ts'
import type { Graph } from './client.ts'

const PATH = '/roleManagement/directory/roleAssignments'

/** Plain Entra role assignments: no expiry and no note on them, so who gave them and until when is ours to remember. */
export function graphAssignments(graph: Graph): Assignments {
  return {
    async find(principalId, { roleDefinitionId, scope }) {
      const filter = `principalId eq '${principalId}' and roleDefinitionId eq '${roleDefinitionId}' and directoryScopeId eq '${scope}'`
      const list = await graph.get<{ value: { id: string }[] }>(
        `${PATH}?$filter=${encodeURIComponent(filter)}`,
      )
      // Nothing is a list with nothing in it. Any other answer must never pass for “gone”.
      if (!Array.isArray(list?.value)) throw new Unavailable('Microsoft Graph did not answer with a list.')
      return list.value.map(({ id }) => id)
    },

    async add(principalId, role) {
      try {
        const added = await graph.post<{ id: string }>(PATH, body(principalId, role))
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
  }
}

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
