import { z } from 'zod'
import { pageOf } from '../../src/api/answers.ts'
import {
  DeadLetterAnswer,
  DealtAnswer,
  deadLetterAnswer,
  testedAnswer,
  WebhookAnswer,
  WebhookTested,
  WebhookWithSecret,
  webhookAnswer,
  withSecretAnswer,
} from '../../src/api/webhook-answers.ts'
import { discardDeadLetters, listDeadLetters, retryDeadLetters } from '../../src/api/webhook-deadletters.ts'
import {
  changeWebhook,
  createWebhook,
  getWebhook,
  listWebhooks,
  removeWebhook,
  rotateSecret,
  testWebhook,
} from '../../src/api/webhooks.ts'
import { Rotation, WebhookBody, WebhookPatch } from '../../src/domain/webhook.ts'
import { created, json, type Route, route } from '../route.ts'
import { EventId, Paging, paged, WebhookId } from './parts.ts'

const params = z.object({ id: WebhookId })
const who = 'administrator'
const one = { 200: { description: 'The webhook as it is now.', body: WebhookAnswer } }
const dealt = { 200: { description: 'How many.', body: DealtAnswer } }

export const webhooks: Route[] = [
  route({
    name: 'webhooksList',
    methods: ['GET'],
    path: 'webhooks',
    who,
    summary: 'The webhooks: who is sent which events of the audit trail, and whether it goes well.',
    answers: { 200: { description: 'All webhooks.', body: z.object({ value: z.array(WebhookAnswer) }) } },
    async handle({ ports }) {
      return json(200, { value: (await listWebhooks(ports)).map(webhookAnswer) })
    },
  }),
  route({
    name: 'webhooksCreate',
    methods: ['POST'],
    path: 'webhooks',
    who,
    summary:
      'Send events to an endpoint from now on. The answer has the secret that deliveries are signed with, this once.',
    body: WebhookBody,
    answers: {
      201: { description: 'The webhook and its secret.', body: WebhookWithSecret, location: 'The webhook.' },
    },
    async handle({ app, ports, caller, body }) {
      return created(app, 'webhooks', withSecretAnswer(await createWebhook(ports, caller, body)))
    },
  }),
  route({
    name: 'webhooksGet',
    methods: ['GET'],
    path: 'webhooks/{id}',
    who,
    summary: 'One webhook.',
    params,
    answers: one,
    async handle({ ports, params: { id } }) {
      return json(200, webhookAnswer(await getWebhook(ports, id)))
    },
  }),
  route({
    name: 'webhooksChange',
    methods: ['PATCH'],
    path: 'webhooks/{id}',
    who,
    summary: 'Change a webhook. What is left out stays as it is.',
    params,
    body: WebhookPatch,
    answers: one,
    async handle({ ports, caller, params: { id }, body }) {
      return json(200, webhookAnswer(await changeWebhook(ports, caller, id, body)))
    },
  }),
  route({
    name: 'webhooksRemove',
    methods: ['DELETE'],
    path: 'webhooks/{id}',
    who,
    summary: 'Remove a webhook, with what waits for it and its dead letters.',
    params,
    answers: { 204: { description: 'It is gone.' } },
    async handle({ ports, caller, params: { id } }) {
      await removeWebhook(ports, caller, id)
      return { status: 204 }
    },
  }),
  route({
    name: 'webhooksTest',
    methods: ['POST'],
    path: 'webhooks/{id}/test',
    who,
    summary: 'Send a test event, once and now, and see what the endpoint answers.',
    params,
    answers: { 200: { description: 'What came of it.', body: WebhookTested } },
    async handle({ ports, caller, params: { id } }) {
      return json(200, testedAnswer(await testWebhook(ports, caller, id)))
    },
  }),
  route({
    name: 'webhooksRotateSecret',
    methods: ['POST'],
    path: 'webhooks/{id}/rotate-secret',
    who,
    summary: 'A new secret. For a while deliveries are signed with the old one too.',
    params,
    body: Rotation,
    answers: { 200: { description: 'The webhook and its new secret.', body: WebhookWithSecret } },
    async handle({ ports, caller, params: { id }, body }) {
      return json(200, withSecretAnswer(await rotateSecret(ports, caller, id, body.overlapHours)))
    },
  }),
  route({
    name: 'webhooksDeadLetters',
    methods: ['GET'],
    path: 'webhooks/{id}/deadletters',
    who,
    summary: 'What could not be delivered and is not tried any more.',
    params,
    query: z.strictObject(Paging),
    answers: { 200: { description: 'A page of dead letters.', body: pageOf(DeadLetterAnswer) } },
    async handle({ app, ports, request, params: { id }, query }) {
      return paged(app, request, query, `deadletters ${id}`, deadLetterAnswer, (page) =>
        listDeadLetters(ports, id, page),
      )
    },
  }),
  route({
    name: 'webhooksRetryDeadLetters',
    methods: ['POST'],
    path: 'webhooks/{id}/deadletters/retry',
    who,
    summary: 'Send dead letters again: these, or all of them.',
    params,
    body: z.strictObject({
      eventIds: z
        .array(EventId)
        .min(1)
        .max(40)
        .optional()
        .meta({ description: 'All, where it is left out.' }),
    }),
    answers: dealt,
    async handle({ ports, params: { id }, body }) {
      return json(200, await retryDeadLetters(ports, id, body.eventIds && [...new Set(body.eventIds)]))
    },
  }),
  route({
    name: 'webhooksDiscardDeadLetters',
    methods: ['DELETE'],
    path: 'webhooks/{id}/deadletters',
    who,
    summary: 'Forget all dead letters of a webhook. The audit trail keeps the events.',
    params,
    answers: dealt,
    async handle({ ports, params: { id } }) {
      return json(200, await discardDeadLetters(ports, id))
    },
  }),
  route({
    name: 'webhooksDiscardDeadLetter',
    methods: ['DELETE'],
    path: 'webhooks/{id}/deadletters/{eventId}',
    who,
    summary: 'Forget one dead letter. The audit trail keeps the event.',
    params: z.object({ id: WebhookId, eventId: EventId }),
    answers: { 204: { description: 'It is gone.' } },
    async handle({ ports, params: { id, eventId } }) {
      await discardDeadLetters(ports, id, [eventId])
      return { status: 204 }
    },
  }),
]
