import { z } from 'zod'
import { someRoleAt } from '../domain/governed.ts'
import { newestFirstOf } from '../domain/ids.ts'
import type { Incident, IncidentState } from '../domain/incident.ts'
import type { Provider } from '../domain/role.ts'
import { text } from '../domain/text.ts'
import type { Caller, Page, PageOptions, Ports } from '../ports.ts'
import { instant } from './answer-parts.ts'
import { refuseUnlessMaySee } from './authority.ts'
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

export type IncidentQuery = { provider: Provider; scope?: string | undefined; state: IncidentState }

/**
 * What was granted outside, the newest first: everywhere, for those who may look on; at one scope also for those who administer
 * it. What is resolved is listed of everything only: of one role the trail tells it.
 */
export async function listIncidents(
  ports: Ports,
  caller: Caller,
  { provider, scope, state }: IncidentQuery,
  page: PageOptions,
): Promise<Page<Incident>> {
  await refuseUnlessMaySee(ports, caller, scope ? someRoleAt({ provider, scope }) : null)
  if (!scope) return ports.findings.incidents(provider, state, page)
  if (state === 'resolved')
    throw new Refused(
      400,
      'BadRequest',
      'state: of one scope "active" and "acknowledged" are listed. What is resolved is in the audit trail of the role.',
    )
  const standing = (await ports.findings.standingAt({ provider, scope }))
    .filter((each) => each.state === state)
    .sort((a, b) => (newestFirst(a) < newestFirst(b) ? -1 : 1))
  const left = standing.filter((each) => page.after === null || newestFirst(each) > page.after)
  const items = left.slice(0, page.top)
  const last = items.at(-1)
  return { items, next: last && left.length > items.length ? newestFirst(last) : null }
}

const newestFirst = ({ id }: Incident) => `${newestFirstOf(id)}|${id}`

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
