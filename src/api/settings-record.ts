import { type Activity, type AuditEvent, auditEvent } from '../domain/audit.ts'
import type { Actor } from '../domain/person.ts'
import type { RoleDescription } from '../domain/role.ts'
import { differingRules, type RoleSettings } from '../domain/role-settings.ts'
import type { Caller, Stored } from '../ports.ts'
import { Refused } from './refused.ts'

/** What is to be set instead of what is set here. */
export type Wanted = Pick<RoleSettings, 'rules' | 'tier'>

export type How = { justification?: string | null | undefined; isValidationOnly: boolean }

/** One change on its way: who wants what instead of what was read. */
export type Edit = {
  caller: Caller
  definition: RoleDescription
  stored: Stored<RoleSettings> | undefined
  own: RoleSettings
  wanted: Wanted
  how: How
}

/** The next version of what is set. */
export const changed = (
  own: RoleSettings,
  wanted: Wanted,
  by: RoleSettings['lastModifiedBy'],
  now: Date,
): RoleSettings => ({
  ...own,
  ...wanted,
  version: own.version + 1,
  lastModifiedDateTime: now.toISOString(),
  lastModifiedBy: by,
})

/** What the trail shows of a change: the version that it makes, and each rule that is different, whole. */
export function detailsOf(before: RoleSettings, after: RoleSettings): { key: string; value: string }[] {
  const ids = differingRules(before.rules, after.rules)
  const rule = (id: string) => after.rules.find((each) => each.id === id)
  return [
    { key: 'version', value: `${after.version}` },
    ...(after.tier ? [{ key: 'tier', value: `${after.tier.name} (version ${after.tier.version})` }] : []),
    ...ids.map((id) => ({ key: id, value: JSON.stringify(rule(id) ?? 'inherited') })),
  ]
}

/** One event about settings, of the change `id`. What was changed is in the details, whole. */
export const settingsEvent = (
  id: string,
  step: string,
  activity: Activity,
  by: Actor,
  at: Date,
  {
    role,
    reason,
    details,
  }: { role: AuditEvent['role']; reason?: string | null | undefined; details: Detail[] },
): AuditEvent =>
  auditEvent({
    subject: id,
    step,
    at: at.toISOString(),
    activity,
    by,
    principal: by,
    role,
    reason,
    details: details.map(({ key, value }) => [key, value] as const),
  })

type Detail = AuditEvent['additionalDetails'][number]

/** A row of a table holds so many characters; the trail keeps what was sent as well. */
const MOST_CHARACTERS = 32 * 1024

/** Throws 400 for what does not fit into a row. */
export function refuseTooLarge(rows: readonly object[]): void {
  if (rows.every((row) => JSON.stringify(row).length <= MOST_CHARACTERS)) return
  const message =
    'These settings are too large to be kept. Name fewer recipients, or groups instead of people.'
  throw new Refused(400, 'InvalidPolicy', message, {
    details: [{ code: 'InvalidPolicy', target: 'rules', message }],
  })
}
