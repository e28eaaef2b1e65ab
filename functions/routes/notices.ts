import { z } from 'zod'
import {
  dismiss,
  listUndelivered,
  sendAgain,
  UndeliveredAnswer,
  undeliveredAnswer,
} from '../../src/api/undelivered.ts'
import { json, type Route, route } from '../route.ts'
import { Paging, paged } from './parts.ts'

const params = z.object({
  id: z.string().regex(/^und-[0-9a-zA-Z-]{1,64}$/, 'must be an id that begins with und-'),
})

export const notices: Route[] = [
  route({
    name: 'undeliveredNotices',
    methods: ['GET'],
    path: 'notices/undelivered',
    who: 'reader',
    summary: 'Notices whose mails did not go out for a day and were given up.',
    query: z.strictObject(Paging),
    answers: {
      200: {
        description: 'One page of them.',
        body: z.object({ value: z.array(UndeliveredAnswer), nextLink: z.string().optional() }),
      },
    },
    handle: ({ app, ports, request, query }) =>
      paged(app, request, query, 'undelivered', undeliveredAnswer, (page) => listUndelivered(ports, page)),
  }),
  route({
    name: 'undeliveredNoticesRetry',
    methods: ['POST'],
    path: 'notices/undelivered/{id}/retry',
    who: 'administrator',
    summary: 'Sends a notice again that was given up, to whom it still concerns.',
    params,
    answers: { 200: { description: 'It is in the outbox.', body: UndeliveredAnswer } },
    async handle({ ports, caller, params: { id } }) {
      return json(200, undeliveredAnswer(await sendAgain(ports, caller, id)))
    },
  }),
  route({
    name: 'undeliveredNoticesDismiss',
    methods: ['DELETE'],
    path: 'notices/undelivered/{id}',
    who: 'administrator',
    summary: 'Takes a notice that was given up off the list; nobody is told of it any more.',
    params,
    answers: { 204: { description: 'It is off the list.' } },
    async handle({ ports, caller, params: { id } }) {
      await dismiss(ports, caller, id)
      return { status: 204 }
    },
  }),
]
