import { ADMINISTRATORS, READERS } from '../domain/role.ts'
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

export async function isReader({ directory }: Pick<Ports, 'directory'>, caller: Caller): Promise<boolean> {
  return holdsOneOf(directory, caller, READERS)
}

export async function isAdministrator(
  { directory }: Pick<Ports, 'directory'>,
  caller: Caller,
): Promise<boolean> {
  return holdsOneOf(directory, caller, ADMINISTRATORS)
}

/** Now, and with an account that is enabled: a token outlives both by an hour or more. */
async function holdsOneOf(directory: Directory, { id }: Caller, wanted: readonly string[]): Promise<boolean> {
  const [held, person] = await Promise.all([directory.rolesHeldBy(id), directory.person(id)])
  return person?.accountEnabled === true && held.some((role) => wanted.includes(role))
}
