import { approverGroups, approverUsers } from '../domain/approval.ts'
import type { Person } from '../domain/person.ts'
import type { Request } from '../domain/request.ts'
import type { Role } from '../domain/role.ts'
import type { Approver } from '../domain/role-settings.ts'
import type { Directory, Ports } from '../ports.ts'
import { demandsNow } from './circumstances.ts'
import { providerOf } from './providers.ts'

/** Who may approve by the role's settings as they are now; null where approval is no longer asked for. */
export async function approversInForce(
  ports: Ports,
  request: Role & Pick<Request, 'action'>,
): Promise<readonly Approver[] | null> {
  const definition = await providerOf(ports, request).describe(request)
  const isExtension = request.action === 'selfExtend'
  return (await demandsNow(ports, request, definition, isExtension)).approval?.approvers ?? null
}

/** Whom a request for access asks, or has asked: those who are told of it, each once. */
export function askedNow(ports: Ports, request: Request): Promise<Person[]> {
  return approverPeople(ports.directory, request.approval?.approvers ?? [], request.principal.id)
}

/** The people behind a list of approvers, each once; without the requester and without disabled accounts. */
export async function approverPeople(
  directory: Directory,
  approvers: readonly Approver[],
  requesterId: string,
): Promise<Person[]> {
  const single = await Promise.all(approverUsers(approvers).map((id) => directory.person(id)))
  const inGroups = await Promise.all(approverGroups(approvers).map((id) => directory.membersOf(id, MOST)))
  const people = new Map<string, Person>()
  for (const person of [...single, ...inGroups.flat()])
    if (person?.accountEnabled && person.id !== requesterId) people.set(person.id, person)
  return [...people.values()]
}

/** As many as Microsoft mails for one event. */
const MOST = 1000
