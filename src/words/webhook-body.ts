import type { AuditEvent } from '../domain/audit.ts'
import type { WebhookFormat } from '../domain/webhook.ts'
import { cloudEvent } from './webhook-cloudevent.ts'
import { slackMessage } from './webhook-slack.ts'
import { teamsMessage } from './webhook-teams.ts'

/** What is sent of one event, in the words of whoever reads it. */
export function webhookBody(
  format: WebhookFormat,
  event: AuditEvent,
  source: string,
): { contentType: string; body: string } {
  if (format === 'cloudevents')
    return {
      contentType: 'application/cloudevents+json; charset=utf-8',
      body: JSON.stringify(cloudEvent(event, source)),
    }
  const message = format === 'teams' ? teamsMessage(event) : slackMessage(event)
  return { contentType: 'application/json; charset=utf-8', body: JSON.stringify(message) }
}
