import { z } from 'zod'
import type { AuditEvent } from './audit.ts'
import { OutsideUrl, PLAIN } from './outside-url.ts'
import type { Actor } from './person.ts'
import { Guid, Provider, type Role, RoleId, Scope } from './role.ts'
import { text } from './text.ts'

/** Which events somebody wants to hear of. What is left out does not narrow it down; nothing at all is everything. */
export const WebhookFilter = z
  .strictObject({
    activities: z
      .array(text(200).regex(/^[^*]+\*?$|^\*$/, 'must be an activity, or how one begins with a * at the end'))
      .min(1)
      .max(50)
      .optional(),
    providers: z.array(Provider).min(1).max(3).optional(),
    roles: z
      .array(z.strictObject({ roleDefinitionId: RoleId, scope: Scope.optional() }))
      .min(1)
      .max(50)
      .optional(),
    principals: z.array(Guid).min(1).max(50).optional(),
    result: z.enum(['success', 'failure']).optional(),
  })
  .meta({
    id: 'WebhookFilter',
    description:
      'Activities by name, or by how they begin with a * at the end; a role everywhere, or at one scope and in it; whom it concerns or who acted.',
  })
export type WebhookFilter = z.infer<typeof WebhookFilter>

export const WebhookFormat = z.enum(['cloudevents', 'teams', 'slack'])
export type WebhookFormat = z.infer<typeof WebhookFormat>

const fields = {
  name: text(100).min(1),
  url: OutsideUrl(2000),
  format: WebhookFormat,
  filter: WebhookFilter,
  state: z.enum(['enabled', 'disabled']),
}

export const WebhookBody = z.strictObject({
  ...fields,
  format: fields.format.default('cloudevents'),
  filter: fields.filter.default({}),
  state: fields.state.default('enabled'),
})
export type WebhookBody = z.infer<typeof WebhookBody>

/** What is left out stays as it is. */
export const WebhookPatch = z
  .strictObject(fields)
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'must change something')
export type WebhookPatch = z.infer<typeof WebhookPatch>

export const Rotation = z.strictObject({
  overlapHours: z.int().min(0).max(168).default(24).meta({
    description: 'For how long deliveries are signed with the old secret as well.',
  }),
})

/** Who wants to hear of what, and where. */
export type Webhook = {
  id: string
  name: string
  /** Sealed: the address and the secrets. */
  target: string
  /** As much of the address as may be shown. */
  shownUrl: string
  format: WebhookFormat
  filter: WebhookFilter
  state: 'enabled' | 'disabled'
  /** Why it was disabled, where we did that ourselves. */
  disabledReason: string | null
  /** Until when the secret before this one is used as well. */
  oldSecretUntil: string | null
  version: number
  createdDateTime: string
  createdBy: Actor
  lastModifiedDateTime: string
  lastModifiedBy: Actor
}

/** What is sealed. Secrets are those that deliveries are signed with, the newest first; `until` null: until it is replaced. */
export type Target = { url: string; secrets: { secret: string; until: string | null }[] }

/** The guid in whose partition webhooks are kept, and what the trail names where an event is about one. */
export const WEBHOOKS = '00000000-0000-0000-0000-000000000001'
export const WEBHOOKS_ROLE: Role = { provider: 'directory', roleDefinitionId: WEBHOOKS, scope: '/' }

export const MOST_WEBHOOKS = 50

/** Addresses of chat services are secrets by themselves, and anybody's query may hold one. */
export function shownUrl(url: string, format: WebhookFormat): string {
  const [, scheme, host, port = '', path = '', query] = PLAIN.exec(url) ?? []
  if (format !== 'cloudevents') return `${scheme}://${host}${port}/…`
  return `${scheme}://${host}${port}${path}${query ? '?…' : ''}`
}

/** Does this webhook want to hear of this event? */
export function wants({ state, filter }: Pick<Webhook, 'state' | 'filter'>, event: AuditEvent): boolean {
  if (state !== 'enabled') return false
  const { activities, providers, roles, principals, result } = filter
  const { role } = event
  return (
    (!activities || activities.some((wanted) => isNamed(wanted, event.activityDisplayName))) &&
    (!providers || providers.includes(role.provider)) &&
    (!roles || roles.some((wanted) => isRole(wanted, role))) &&
    (!principals || principals.some((id) => [event.principal.id, event.initiatedBy.id].includes(id))) &&
    (!result || result === event.result)
  )
}

const isNamed = (wanted: string, activity: string) =>
  wanted.endsWith('*')
    ? activity.toLowerCase().startsWith(wanted.slice(0, -1).toLowerCase())
    : activity.toLowerCase() === wanted.toLowerCase()

function isRole(wanted: { roleDefinitionId: string; scope?: string | undefined }, role: Role): boolean {
  if (wanted.roleDefinitionId !== role.roleDefinitionId.toLowerCase()) return false
  if (wanted.scope === undefined) return true
  const [wide, scope] = [wanted.scope.toLowerCase(), role.scope.toLowerCase()]
  return scope === wide || scope.startsWith(wide === '/' ? '/' : `${wide}/`)
}
