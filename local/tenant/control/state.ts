import type { Directory } from '../directory/directory.ts'

/** The whole directory as it truly is, with names beside the ids. */
export function stateOf(directory: Directory) {
  const links = directory.links.values()
  const of = (kind: string, groupId: string) =>
    links.filter((l) => l.kind === kind && l.groupId === groupId).map((l) => l.objectId)
  return {
    people: [...directory.people.values()],
    groups: [...directory.groups.values()].map((g) => ({
      ...g,
      members: of('members', g.id),
      owners: of('owners', g.id),
    })),
    servicePrincipals: [...directory.servicePrincipals.values()],
    administrativeUnits: [...directory.administrativeUnits.values()],
    roleDefinitions: [...directory.roles.values()],
    roleAssignments: directory.roleAssignments.values().map((a) => ({
      ...a,
      principal: directory.principal(a.principalId)?.displayName,
      role: directory.roles.get(a.roleDefinitionId)?.displayName,
    })),
    deletions: directory.deletions,
  }
}
