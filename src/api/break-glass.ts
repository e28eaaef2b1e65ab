import type { Actor } from '../domain/person.ts'
import type { PrincipalType, Role } from '../domain/role.ts'
import { isBreakGlass, isEmergencyAccount, isOverBreakGlass, type Use, watch } from '../live/break-glass.ts'
import type { Ports } from '../ports.ts'
import { Refused } from './refused.ts'

/**
 * Nothing here concerns a break-glass account, nor a group that one is in, neither to give it anything nor to take anything away;
 * and no role is given over one.
 * Whoever tries is refused, and the attempt is recorded. What a break-glass account itself does to others is recorded too.
 */
export async function refuseBreakGlass(
  ports: Ports,
  by: Actor,
  principal: Actor & { type: PrincipalType },
  role: Role & { displayName: string },
  what: string,
): Promise<void> {
  if (isOverBreakGlass(ports, role) || (await isBreakGlass(ports, principal))) {
    await watch(ports, { by, principal, role, what: `${what}: refused` })
    throw new Refused(
      400,
      'BreakGlassAccount',
      'This concerns a break-glass account, or a group that one is in: Interim gives it nothing, takes nothing from it, and gives no role over it.',
    )
  }
  await watchUse(ports, { by, principal, role, what })
}

/** Records what a break-glass account does, such as deciding a request; nothing for all others. */
export async function watchUse(ports: Ports, use: Use): Promise<void> {
  if (isEmergencyAccount(ports, use.by.id)) await watch(ports, { ...use, principal: use.by })
}
