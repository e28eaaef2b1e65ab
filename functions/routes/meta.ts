import { z } from 'zod'
import { backlogNow } from '../../src/api/backlog.ts'
import { MINUTE, plus } from '../../src/domain/schedule.ts'
import { openApi } from '../openapi.ts'
import { json, type Route, route } from '../route.ts'

/** The sweep looks every five minutes; what waits longer shows that it does not run, or does not get through. */
const UNSWEPT_AFTER = 12 * MINUTE
const MOST_COUNTED = 200

/** Made once a process: it takes a fifth of a second, and anybody may ask for it. */
let document: ReturnType<typeof openApi> | undefined

/** About the API itself. `routes` are all of them, these included. */
export const meta = (routes: () => readonly Route[]): Route[] => [
  route({
    name: 'health',
    methods: ['GET', 'HEAD'],
    path: 'health',
    who: 'anyone',
    summary:
      'Is it alive, can it reach its storage; how many have access past its end, how much the sweep is behind with, and how many notices were given up.',
    answers: {
      200: {
        description: 'It works.',
        body: z.object({
          status: z.literal('healthy'),
          pastDue: z.number().int(),
          unswept: z.number().int(),
          undelivered: z.number().int(),
          throughAt: z.iso.datetime().nullable().meta({
            description:
              'When all that are past due will have been removed at the rate that Graph and Azure take it, if nothing else is in the way; null: none is.',
          }),
        }),
      },
    },
    async handle({ ports }) {
      const [late, unswept, undelivered] = await Promise.all([
        backlogNow(ports),
        ports.views.due(plus(ports.now(), -UNSWEPT_AFTER), MOST_COUNTED),
        ports.undelivered.list({ top: MOST_COUNTED, after: null }),
      ])
      return json(200, {
        status: 'healthy',
        pastDue: late.waiting,
        unswept: unswept.length,
        throughAt: late.throughAt,
        undelivered: undelivered.items.length,
      })
    },
  }),
  route({
    name: 'openapi',
    methods: ['GET'],
    path: 'openapi.json',
    who: 'anyone',
    summary: 'This document.',
    answers: { 200: { description: 'OpenAPI 3.1.', body: z.looseObject({ openapi: z.string() }) } },
    async handle({ app }) {
      document ??= openApi(routes(), app.publicUrl)
      return json(200, document)
    },
  }),
]
