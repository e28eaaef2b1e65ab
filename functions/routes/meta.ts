import { z } from 'zod'
import { MINUTE, plus } from '../../src/domain/schedule.ts'
import { openApi } from '../openapi.ts'
import { json, type Route, route } from '../route.ts'

/** What the sweep should have finished with by now; more than it takes on in one go is as bad as all of it. */
const PAST_DUE_AFTER = 10 * MINUTE
const MOST_COUNTED = 200

/** About the API itself. `routes` are all of them, these included. */
export const meta = (routes: () => readonly Route[]): Route[] => [
  route({
    name: 'health',
    methods: ['GET', 'HEAD'],
    path: 'health',
    who: 'anyone',
    summary: 'Is it alive, can it reach its storage, and how many removals are past due.',
    answers: {
      200: {
        description: 'It works.',
        body: z.object({ status: z.literal('healthy'), pastDue: z.number().int() }),
      },
    },
    async handle({ ports }) {
      const late = await ports.views.due(plus(ports.now(), -PAST_DUE_AFTER), MOST_COUNTED)
      return json(200, { status: 'healthy', pastDue: late.length })
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
      return json(200, openApi(routes(), app.publicUrl))
    },
  }),
]
