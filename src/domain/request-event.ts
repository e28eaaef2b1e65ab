import type { Activity, AuditEvent } from './audit.ts'
import type { Actor } from './person.ts'
import type { Request } from './request.ts'
import { titleOf } from './role.ts'

/** A new state and what is recorded of the way there. */
export type Step = { request: Request; events: AuditEvent[] }

type EventOptions = { reason?: string | null; result?: AuditEvent['result']; details?: [string, string][] }

/** An event of this request; its id is the same however often the step is taken. */
export function event(
  request: Request,
  step: string,
  activity: Activity,
  by: Actor,
  at: string,
  options: EventOptions = {},
): AuditEvent {
  const { provider, roleDefinitionId, scope } = request
  return {
    id: `${request.id}.${step}`,
    activityDateTime: at,
    activityDisplayName: activity,
    category: 'RoleManagement',
    loggedByService: 'PIM',
    result: options.result ?? 'success',
    resultReason: options.reason ?? '',
    initiatedBy: by,
    principal: request.principal,
    role: { provider, roleDefinitionId, scope, displayName: titleOf(request) },
    correlationId: request.id,
    additionalDetails: (options.details ?? []).map(([key, value]) => ({ key, value })),
  }
}
