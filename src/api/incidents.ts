import { z } from 'zod'
import type { Incident } from '../domain/incident.ts'
import { text } from '../domain/text.ts'
import type { Caller, Ports } from '../ports.ts'
import { type ConversionAction, convert } from './conversions.ts'
import { notFound, Refused } from './refused.ts'

export const Why = z.strictObject({
  justification: text(1000).refine((given) => given.trim() !== '', 'must say why'),
})

/** Deals with one incident. Answers it as it stands then: active as long as what was removed still shows. */
export async function dealWith(
  ports: Ports,
  caller: Caller,
  id: string,
  action: Exclude<ConversionAction, 'makeActive'>,
  { justification }: z.infer<typeof Why>,
): Promise<Incident> {
  const read = await ports.findings.findIncident(id)
  if (!read) throw notFound('There is no such incident.')
  const { principal, provider, roleDefinitionId, scope, state } = read.value
  if (state === 'resolved')
    throw new Refused(409, 'IncidentResolved', `This incident is resolved: ${read.value.resolved?.because}.`)
  await convert(
    ports,
    caller,
    action,
    { principalId: principal.id, provider, roleDefinitionId, scope },
    justification,
  )
  return (await ports.findings.findIncident(id))?.value ?? read.value
}

const instant = z.iso.datetime()
const actor = z.object({ id: z.string(), displayName: z.string() })
const deed = z.object({ by: actor, at: instant, justification: z.string() }).nullable()

export const IncidentAnswer = z
  .object({
    id: z.string(),
    state: z.enum(['active', 'acknowledged', 'resolved']),
    provider: z.string(),
    roleDefinitionId: z.string(),
    roleDisplayName: z.string(),
    scope: z.string(),
    scopeDisplayName: z.string(),
    principal: actor,
    principalType: z.enum(['User', 'Group', 'ServicePrincipal']).nullable(),
    assignmentId: z.string(),
    detectedDateTime: instant,
    atFirstLook: z.boolean().meta({ description: 'Nobody had looked at its scope before: it may be old.' }),
    acknowledged: deed,
    removal: deed.meta({ description: 'Somebody has asked to take it away.' }),
    resolved: z.object({ by: actor, at: instant, because: z.string() }).nullable(),
  })
  .meta({ id: 'Incident' })

/** An incident as callers see it. */
export function incidentAnswer({
  roleName,
  scopeName,
  removal,
  ...rest
}: Incident): z.infer<typeof IncidentAnswer> {
  return {
    ...rest,
    roleDisplayName: roleName,
    scopeDisplayName: scopeName,
    removal: removal && { by: removal.by, at: removal.at, justification: removal.justification },
  }
}
