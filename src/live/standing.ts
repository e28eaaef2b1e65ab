import { drift } from '../domain/drift.ts'
import { makeId } from '../domain/ids.ts'
import { detected, type Incident } from '../domain/incident.ts'
import type { PrincipalType, Role } from '../domain/role.ts'
import type { Ports, Stored } from '../ports.ts'
import { tellIncident } from './incidents.ts'
import { providerOf } from './providers.ts'

export type Holder = { id: string; type: PrincipalType | null; displayName: string }

/** The assignments of a principal to a role that are nobody's here: neither given by a request nor just being taken from one. */
export async function standingIds(ports: Ports, principalId: string, role: Role): Promise<string[]> {
  const ids = await providerOf(ports, role).find(principalId, role)
  if (ids.length === 0) return []
  const { requests } = await ports.store.readLive(principalId)
  const { items } = await ports.store.listPastRequests(principalId, { top: 20, after: null })
  const { outside } = drift(
    ids.map((id) => ({ id, principalId, role })),
    {
      ours: [...requests.map(({ value }) => value), ...items],
      standing: [],
      isBreakGlass: () => false,
      now: ports.now(),
    },
  )
  return outside.map(({ id }) => id)
}

/** What is recorded of this assignment: the incident that stands, or one made now, since nobody has looked before. */
export async function standingIncident(
  ports: Ports,
  holder: Holder,
  role: Role,
  assignmentId: string,
): Promise<Stored<Incident>> {
  const there = await ports.findings.standing(role, holder.id)
  if (there) return there
  const described = await providerOf(ports, role).describe(role)
  const now = ports.now()
  const step = detected({
    ...role,
    id: makeId('inc', holder.id, now, ports.random()),
    state: 'active',
    principal: { id: holder.id, displayName: holder.displayName },
    principalType: holder.type,
    assignmentId,
    roleName: described?.displayName ?? role.roleDefinitionId,
    scopeName: described?.scopeName ?? role.scope,
    detectedDateTime: now.toISOString(),
    atFirstLook: true,
    acknowledged: null,
    removal: null,
    resolved: null,
  })
  if (await ports.findings.openIncident(step)) await tellIncident(ports, step)
  const opened = await ports.findings.standing(role, holder.id)
  if (!opened) throw new Error('What was just written is not there.')
  return opened
}
