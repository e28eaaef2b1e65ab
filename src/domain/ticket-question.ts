import { type Ask, windowAsked } from './ask.ts'
import type { Person } from './person.ts'
import type { RoleDescription } from './role.ts'

/** What a desk is told of a request: the fields of a Graph request, and names for people who read logs. A file format: docs/approvals.md. */
export type TicketQuestion = ReturnType<typeof ticketQuestion>

/** `id` null: it is being asked for, or in a dry run will not be. */
export function ticketQuestion(
  { role, justification, ticketInfo, scheduleInfo, extends: isExtension }: Ask,
  requester: Pick<Person, 'id' | 'displayName' | 'mail'>,
  definition: Pick<RoleDescription, 'displayName' | 'scopeName'> | undefined,
  { id = null, isValidationOnly = false }: { id?: string | null; isValidationOnly?: boolean },
  now: Date,
) {
  const { provider, roleDefinitionId, scope } = role
  return {
    id,
    action: isExtension ? 'selfExtend' : 'selfActivate',
    isValidationOnly,
    principalId: requester.id,
    principal: { id: requester.id, displayName: requester.displayName, mail: requester.mail },
    provider,
    roleDefinitionId,
    roleDefinition: { id: roleDefinitionId, displayName: definition?.displayName ?? null },
    scope,
    scopeName: definition?.scopeName ?? null,
    justification: justification?.trim() || null,
    ticketInfo: {
      ticketNumber: ticketInfo?.ticketNumber?.trim() || null,
      ticketSystem: ticketInfo?.ticketSystem?.trim() || null,
    },
    scheduleInfo: {
      startDateTime: windowAsked({ scheduleInfo }, now).start.toISOString(),
      expiration: scheduleInfo.expiration,
    },
  }
}
