import type { AuditEvent } from '../domain/audit.ts'
import { factsOf, headlineOf, shown } from './webhook-text.ts'

/**
 * What an incoming webhook of Slack posts. What people wrote is in plain text objects, which know no markup: a name can be no link
 * and no mention. The fallback, for notifications, does know it, and is escaped as Slack wants it.
 */
export function slackMessage(event: AuditEvent) {
  const { role, principal, initiatedBy } = event
  const line = `${headlineOf(event)}: ${role.displayName}, ${principal.displayName}, by ${initiatedBy.displayName}`
  return {
    text: escaped(shown(line, FALLBACK)),
    blocks: [
      { type: 'header', text: plain(headlineOf(event), HEADER) },
      ...factsOf(event).map(([label, value]) => ({
        type: 'section',
        text: plain(`${label}: ${value}`, SECTION),
      })),
    ],
  }
}

/** Slack allows 150 characters in a header, 3,000 in a section and 50 blocks; of a fallback it shows little. */
const HEADER = 150
const SECTION = 1000
const FALLBACK = 300

const plain = (text: string, most: number) => ({ type: 'plain_text', text: shown(text, most), emoji: false })

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
