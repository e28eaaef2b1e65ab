import { roleDenials } from '../domain/activation.ts'
import { type AssigningDemands, assigningDemandsOf, assigningDenials } from '../domain/assigning.ts'
import type { Denial } from '../domain/denial.ts'
import type { EligibilityWindow } from '../domain/eligibility.ts'
import type { Actor } from '../domain/person.ts'
import type { Request } from '../domain/request.ts'
import type { Role } from '../domain/role.ts'
import type { Ports } from '../ports.ts'
import { settingsOf } from './circumstances.ts'
import { principalBehind } from './principals.ts'
import { providerOf } from './providers.ts'

/** What a role asks now of those who assign it. */
export async function assignmentDemandsNow(ports: Ports, role: Role): Promise<AssigningDemands> {
  return assigningDemandsOf(await settingsOf(ports, role), 'Assignment')
}

/** Why an assignment that was asked for cannot begin, as things stand now. */
export async function assignmentDenialsNow(ports: Ports, request: Request): Promise<Denial[]> {
  const [principal, definition, demands] = await Promise.all([
    principalBehind(ports.directory, request.principal.id),
    providerOf(ports, request).describe(request),
    assignmentDemandsNow(ports, request),
  ])
  const { proof } = request
  return [
    ...principalDenials(principal),
    ...roleDenials({ definition }),
    ...assigningDenials(
      { ...request, window: windowOf(request) },
      { now: ports.now(), demands, proof, mfaContext: ports.mfaContext },
    ),
  ]
}

const windowOf = ({ startsAt, endsAt }: Request): EligibilityWindow => ({
  startDateTime: startsAt as string,
  endDateTime: endsAt,
})

function principalDenials(principal: Actor | undefined): Denial[] {
  if (principal) return []
  return [{ rule: 'RequesterRule', target: 'principalId', message: 'The principal is not in the directory.' }]
}
