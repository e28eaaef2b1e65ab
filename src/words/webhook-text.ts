import type { AuditEvent } from '../domain/audit.ts'
import { oneLine, withoutOverrides } from './html.ts'
import type { Fact } from './letter.ts'

/** One line of at most so many characters, none of them a half. */
export function shown(text: string, most: number): string {
  const line = oneLine(withoutOverrides(text).replace(/\p{Cs}/gu, '�'))
  if (line.length <= most) return line
  return `${line.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** What has happened, in one line. */
export const headlineOf = (event: AuditEvent) =>
  `${event.result === 'failure' ? 'Failed: ' : ''}${event.activityDisplayName}`

/** What a reader in a chat wants to know of it, the first things first. */
export function factsOf(event: AuditEvent): Fact[] {
  const { role, principal, initiatedBy } = event
  const where = role.scope === '/' ? '' : role.scope
  const facts: Fact[] = [
    ['Role', role.displayName || role.roleDefinitionId],
    ['Scope', where],
    ['Whom', principal.displayName || principal.id],
    ['By', initiatedBy.displayName || initiatedBy.id],
    ['When', `${event.activityDateTime.slice(0, 19).replace('T', ' ')} UTC`],
    ['Reason', event.resultReason],
    ['Event', event.id],
  ]
  return facts.filter(([, value]) => value.trim() !== '')
}
