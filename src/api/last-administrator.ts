import { neverUnheld } from '../domain/last-administrator.ts'
import type { Role } from '../domain/role.ts'
import { isHeld, LastAdministrator, refuseLast, takeUnlessLast } from '../live/last-administrator.ts'
import type { Ports } from '../ports.ts'
import { Refused } from './refused.ts'

/**
 * Whatever takes a role from a principal asks here first, so that whoever asks hears why not before anything is written. What
 * happens at the same instant is found by the removal itself.
 */
export async function refuseLastAdministrator(ports: Ports, principalId: string, role: Role): Promise<void> {
  await orRefused(() => refuseLast(ports, principalId, role))
}

/** Whoever takes a role away at once, and not by a request, takes it here: of two who take the last two at the same instant one is refused. */
export async function takeUnlessLastAdministrator<T>(
  ports: Ports,
  principalId: string,
  role: Role,
  take: () => Promise<T>,
): Promise<T> {
  let taken: T | undefined
  await orRefused(() =>
    takeUnlessLast(ports, principalId, role, async () => {
      taken = await take()
    }),
  )
  return taken as T
}

async function orRefused(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof LastAdministrator) throw new Refused(400, error.name, error.message)
    throw error
  }
}

/** As long as nobody holds such a role, whoever is eligible for it is the way back to it. */
export async function refuseWayBack(ports: Ports, role: Role): Promise<void> {
  if (!neverUnheld(role) || (await isHeld(ports, role))) return
  throw new Refused(
    400,
    'LastAdministrator',
    'Nobody holds this role actively: who is eligible for it stays so, until somebody does.',
  )
}
