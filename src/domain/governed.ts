import { z } from 'zod'
import { type AuditEvent, auditEvent } from './audit.ts'
import type { Actor } from './person.ts'
import { type Provider, Provider as Providers, type Role, rightForProvider, Scope } from './role.ts'
import { text } from './text.ts'

/** A place whose assignments are compared: the directory, a unit of it, a group, an Azure scope. */
export type Place = { provider: Provider; scope: string }

/** A place that was brought under management, by whom and when. Null: it is by the settings of this installation. */
export type Governed = Place & {
  id: string | null
  scopeName: string
  since: string | null
  by: Actor | null
}

export const GovernBody = z
  .strictObject({
    provider: Providers.default('directory'),
    scope: Scope,
    justification: text(1000).nullish(),
  })
  .superRefine(({ provider, scope }, context) => rightForProvider(someRoleAt({ provider, scope }), context))
export type GovernBody = z.infer<typeof GovernBody>

/** Where a role has to be named and any will do. Of Azure: Owner. */
export const someRoleAt = ({ provider, scope }: Place): Role => ({
  provider,
  scope,
  roleDefinitionId: provider === 'group' ? 'member' : '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
})

export const placeKey = ({ provider, scope }: Place) => `${provider}|${scope}`.toLowerCase()

/** What is recorded when a place comes under management or leaves it. */
export function governedEvent(
  place: Governed & { id: string },
  step: 'onboarded' | 'offboarded',
  by: Actor,
  at: string,
  reason: string | null,
): AuditEvent {
  const { provider, scope, scopeName, id: subject } = place
  const { roleDefinitionId } = someRoleAt(place)
  const activity = step === 'onboarded' ? 'Onboarded resource to PIM' : 'Offboarded resource from PIM'
  const role = { provider, scope, roleDefinitionId, displayName: scopeName }
  return auditEvent({ subject, step, at, activity, by, principal: by, role, reason })
}
