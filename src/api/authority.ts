import { ADMINISTRATORS, READERS, type Role } from '../domain/role.ts'
import { providerOf } from '../live/providers.ts'
import type { Caller, Directory, Ports } from '../ports.ts'
import { forbidden } from './refused.ts'

/** Who may call a route. Every route names one of these, and the edge asks before anything else happens. */
export type Who = 'anyone' | 'user' | 'administrator' | 'reader'

/** Throws 403 unless the caller is who the route is for, now: roles are looked up live, not read from a token. */
export async function admit(
  { directory }: Pick<Ports, 'directory'>,
  caller: Caller,
  who: Who,
): Promise<void> {
  if (who === 'anyone') return
  if (caller.kind === 'app') throw forbidden('This is for people: an app-only token cannot act for anybody.')
  if (who === 'user') return
  if (await holdsOneOf(directory, caller, who === 'administrator' ? ADMINISTRATORS : READERS)) return
  const message =
    who === 'administrator'
      ? 'This is for holders of Global Administrator or Privileged Role Administrator.'
      : 'This is for administrators, Global Reader, Security Administrator and Security Reader.'
  throw forbidden(`The requestor ${caller.id} does not have permissions for this request. ${message}`)
}

export async function isReader(
  { directory }: Pick<Ports, 'directory'>,
  caller: Pick<Caller, 'id'>,
): Promise<boolean> {
  return holdsOneOf(directory, caller, READERS)
}

/**
 * May this caller assign this role at this scope, now? Directory roles: Global and Privileged Role Administrators. Others as
 * their provider says: owners of a scope or of a group, and those whom Microsoft lets manage it.
 */
export async function mayAdminister(
  ports: Ports,
  caller: Pick<Caller, 'id' | 'kind'>,
  role: Role,
): Promise<boolean> {
  if (caller.kind === 'app') return false
  const [may, person] = await Promise.all([
    providerOf(ports, role).mayAdminister(caller.id, role),
    ports.directory.person(caller.id),
  ])
  return may && person?.accountEnabled === true
}

export async function refuseUnlessAdministrator(ports: Ports, caller: Caller, role: Role): Promise<void> {
  if (await mayAdminister(ports, caller, role)) return
  throw forbidden(
    `The requestor ${caller.id} does not have permissions for this request. This is for those who administer this ${role.provider} role at ${role.scope}.`,
  )
}

/**
 * Lists of a role, or of what is held at a scope: for those who may look on everywhere, and for those who administer just that.
 * `role` null: nothing in particular was named.
 */
export async function refuseUnlessMaySee(ports: Ports, caller: Caller, role: Role | null): Promise<void> {
  if (role?.provider !== 'directory' && role && (await mayAdminister(ports, caller, role))) return
  if (await isReader(ports, caller)) return
  throw forbidden(
    `The requestor ${caller.id} does not have permissions for this request. This is for administrators, Global Reader, Security Administrator and Security Reader; and, of one role at its scope, for those who administer it: name both.`,
  )
}

/** Now, and with an account that is enabled: a token outlives both by an hour or more. */
async function holdsOneOf(
  directory: Directory,
  { id }: Pick<Caller, 'id'>,
  wanted: readonly string[],
): Promise<boolean> {
  const [held, person] = await Promise.all([directory.rolesHeldBy(id), directory.person(id)])
  return person?.accountEnabled === true && held.some((role) => wanted.includes(role))
}
