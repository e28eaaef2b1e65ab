import { z } from 'zod'
import { WebhookFilter, WebhookFormat } from '../domain/webhook.ts'
import type { DeadLetter, Outcome } from '../domain/webhook-delivery.ts'
import { instant, person } from './answer-parts.ts'
import type { WebhookState, WithSecret } from './webhooks.ts'

export const WebhookAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string().meta({ description: 'As much of it as is no secret.' }),
    format: WebhookFormat,
    filter: WebhookFilter,
    state: z.enum(['enabled', 'disabled']),
    disabledReason: z.string().nullable().meta({ description: 'Where its endpoint has disabled it.' }),
    oldSecretUntil: instant.nullable().meta({ description: 'Until when two secrets sign.' }),
    version: z.int(),
    createdDateTime: instant,
    createdBy: person,
    lastModifiedDateTime: instant,
    lastModifiedBy: person,
    delivery: z.object({
      consecutiveFailures: z.int(),
      failingSince: instant.nullable(),
      nextAttempt: instant.nullable().meta({ description: 'Nothing is sent before.' }),
      lastSuccess: instant.nullable().meta({ description: 'While all goes well to the hour.' }),
      lastFailure: instant.nullable(),
      lastReason: z.string().nullable(),
      isWaiting: z.boolean().meta({ description: 'Something is to be sent again.' }),
      hasDeadLetters: z.boolean(),
    }),
  })
  .meta({ id: 'Webhook' })

export const WebhookWithSecret = WebhookAnswer.extend({
  secret: z.string().meta({ description: 'Shown this once.' }),
}).meta({ id: 'WebhookWithSecret' })

export function webhookAnswer({ webhook, health, isWaiting }: WebhookState): z.infer<typeof WebhookAnswer> {
  const { target: _, shownUrl: url, ...rest } = webhook
  const { notBefore, suspect: _s, outages: _o, ...delivery } = health
  return { ...rest, url, delivery: { ...delivery, nextAttempt: notBefore, isWaiting } }
}

export const withSecretAnswer = ({ secret, ...state }: WithSecret) => ({ ...webhookAnswer(state), secret })

export const WebhookTested = z
  .object({ delivered: z.boolean(), reason: z.string().meta({ description: 'What the endpoint answered.' }) })
  .meta({ id: 'WebhookTested' })

export const testedAnswer = ({ verdict, reason }: Outcome) => ({ delivered: verdict === 'delivered', reason })

export const DeadLetterAnswer = z
  .object({
    eventId: z.string().meta({ description: 'As in the audit trail.' }),
    attempts: z.int(),
    since: instant.meta({ description: 'When it was to be sent first.' }),
    diedAt: instant,
    reason: z.string().nullable(),
  })
  .meta({ id: 'WebhookDeadLetter' })

export const deadLetterAnswer = ({ webhookId: _, ...letter }: DeadLetter) => letter

export const DealtAnswer = z.object({
  count: z.int(),
  more: z.boolean().meta({ description: 'There were too many for one call: call again.' }),
})
