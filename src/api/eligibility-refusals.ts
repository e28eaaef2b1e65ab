import { assigningDenials } from '../domain/assigning.ts'
import {
  type Eligibility,
  type EligibilityWindow,
  type NewEligibility,
  overlaps,
} from '../domain/eligibility.ts'
import { makesSense } from '../domain/eligibility-life.ts'
import type { Actor } from '../domain/person.ts'
import { isAboutSchedule, type Request } from '../domain/request.ts'
import { type Role, type RoleDescription, sameRole } from '../domain/role.ts'
import { eligibilityDemandsNow } from '../live/circumstances.ts'
import type { Caller, Ports, Stored } from '../ports.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { Refused, refuse } from './refused.ts'

export function refuseForBreakGlass(ports: Ports, by: Actor, eligibility: Eligibility, what: string) {
  const { principalId: id, principalType: type, principalName, roleName } = eligibility
  const principal = { id, type, displayName: principalName }
  return refuseBreakGlass(ports, by, principal, { ...eligibility, displayName: roleName }, what)
}

/** Throws for a role that is not there, or that cannot be managed here. */
export function refuseUnmanageable(definition: RoleDescription | undefined, role: Role): RoleDescription {
  if (!definition)
    throw new Refused(400, 'RoleNotFound', `There is no role ${role.roleDefinitionId} at ${role.scope}.`)
  if (definition.refusal) throw new Refused(400, definition.refusal.code, definition.refusal.message)
  return definition
}

/** Throws for a window that makes no sense, and for what the role's settings ask of those who assign. */
export async function refuseWindow(
  ports: Ports,
  caller: Pick<Caller, 'proof' | 'canAnswerClaims'>,
  role: Role,
  ask: Pick<NewEligibility, 'justification' | 'ticketInfo'>,
  window: EligibilityWindow,
  now: Date,
): Promise<void> {
  if (!makesSense(window, now))
    throw wrongSchedule(
      'scheduleInfo.expiration',
      'An eligibility lasts at least 5 minutes, and its end lies ahead.',
    )
  const demands = await eligibilityDemandsNow(ports, role)
  const { proof } = caller
  const c = { now, demands, proof, mfaContext: ports.mfaContext }
  refuse(assigningDenials({ ...ask, window }, c), caller.canAnswerClaims)
}

export function refuseOverlap(others: readonly Eligibility[], role: Role, window: EligibilityWindow): void {
  if (others.some((other) => sameRole(other, role) && overlaps(other, window)))
    throw new Refused(400, 'RoleAssignmentExists', 'The Role assignment already exists.')
}

export const wrongSchedule = (target: string, message: string) =>
  new Refused(400, 'InvalidRoleAssignmentRequestSchedule', message, {
    details: [{ code: 'ExpirationRule', target, message }],
  })

/** What somebody has asked about this eligibility, and nobody has answered. */
export const askedAbout = (requests: readonly Stored<Request>[], id: string) =>
  requests.find(({ value }) => isAboutSchedule(value) && value.eligibilityId === id)
