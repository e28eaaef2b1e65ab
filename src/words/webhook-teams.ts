import type { AuditEvent } from '../domain/audit.ts'
import { factsOf, headlineOf, shown } from './webhook-text.ts'

/**
 * What a workflow of Teams (“when a webhook request is received”) posts: a message with one adaptive card. What people wrote is in
 * text runs, which know no markdown: a name can be no link and no mention.
 */
export function teamsMessage(event: AuditEvent) {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: shown(headlineOf(event), 200),
          msteams: { width: 'Full' },
          body: [
            runs({
              text: shown(headlineOf(event), 200),
              size: 'Medium',
              weight: 'Bolder',
              ...(event.result === 'failure' && { color: 'Attention' }),
            }),
            ...factsOf(event).map(([label, value]) =>
              runs({ text: `${label}: `, weight: 'Bolder' }, { text: shown(value, MOST) }),
            ),
          ],
        },
      },
    ],
  }
}

/** A card may have 28 KB; a reason may have a thousand characters and more. */
const MOST = 1000

type Run = { text: string; size?: string; weight?: string; color?: string }

const runs = (...each: Run[]) => ({
  type: 'RichTextBlock',
  inlines: each.map((run) => ({ type: 'TextRun', ...run })),
})
