import { z } from 'zod'
import { pageOf, RequestAnswer, requestAnswer } from '../../src/api/answers.ts'
import { decide } from '../../src/api/approvals.ts'
import { awaitingMe } from '../../src/api/awaiting-me.ts'
import { eachByItself } from '../../src/api/each.ts'
import { Review } from '../../src/domain/approval.ts'
import { BulkAnswer, bulkAnswer } from '../bulk.ts'
import { check } from '../refusal.ts'
import { json, type Route, route } from '../route.ts'
import { Paging, paged, RequestId } from './parts.ts'

export const approvals: Route[] = [
  route({
    name: 'approvalsList',
    methods: ['GET'],
    path: 'approvals',
    who: 'user',
    summary: 'What awaits my decision now, directly or through a group: the oldest first.',
    query: z.strictObject(Paging),
    answers: { 200: { description: 'A page of requests that I may decide.', body: pageOf(RequestAnswer) } },
    async handle({ app, ports, caller, query, request }) {
      return paged(app, request, query, `approvals ${caller.id}`, requestAnswer, (page) =>
        awaitingMe(ports, caller.id, page),
      )
    },
  }),
  route({
    name: 'approvalsDecide',
    methods: ['POST', 'PATCH'],
    path: 'approvals/{id}',
    who: 'user',
    summary:
      'Approve or deny a request. Its id is the id of its approval. Extensions and renewals: by those who administer the role, with another window where they want one.',
    params: z.object({ id: RequestId }),
    body: Review,
    answers: { 200: { description: 'The request, decided.', body: RequestAnswer } },
    async handle({ ports, workflows, caller, params, body }) {
      return json(200, requestAnswer(await decide(ports, workflows, caller, params.id, body, 'api')))
    },
  }),
  route({
    name: 'approvalsDecideMany',
    methods: ['POST'],
    path: 'approvals',
    who: 'user',
    summary:
      'Approve or deny up to 50 requests with one justification; each succeeds or is refused by itself.',
    body: z.strictObject({
      approvalIds: z
        .array(z.unknown().meta({ override: { type: 'string' } }))
        .min(1)
        .max(50)
        .refine((ids) => new Set(ids).size === ids.length, { message: 'must name each request once' }),
      ...Review.pick({ reviewResult: true, justification: true }).shape,
    }),
    answers: {
      200: { description: 'The outcome of each, in the same order.', body: BulkAnswer(RequestAnswer) },
    },
    async handle({ ports, workflows, caller, body: { approvalIds, ...review } }) {
      const outcomes = await eachByItself(ports, approvalIds, async (each) => {
        const id = check(RequestId, each, 'approvalId') as string
        return requestAnswer(await decide(ports, workflows, caller, id, review, 'api'))
      })
      return json(200, bulkAnswer(outcomes, 200))
    },
  }),
]
