import { z } from 'zod'
import { pageOf, RequestAnswer, requestAnswer } from '../../src/api/answers.ts'
import { awaitingMe, decide } from '../../src/api/approvals.ts'
import { Review } from '../../src/domain/approval.ts'
import { json, type Route, route } from '../route.ts'
import { Paging, RequestId } from './parts.ts'

export const approvals: Route[] = [
  route({
    name: 'approvalsList',
    methods: ['GET'],
    path: 'approvals',
    who: 'user',
    summary: 'What awaits my decision now.',
    query: z.strictObject({ top: Paging.top }),
    answers: { 200: { description: 'Requests that I may decide.', body: pageOf(RequestAnswer) } },
    async handle({ ports, caller, query }) {
      return json(200, { value: (await awaitingMe(ports, caller.id, query.top)).map(requestAnswer) })
    },
  }),
  route({
    name: 'approvalsDecide',
    methods: ['POST', 'PATCH'],
    path: 'approvals/{id}',
    who: 'user',
    summary: 'Approve or deny a request. Its id is the id of its approval.',
    params: z.object({ id: RequestId }),
    body: Review,
    answers: { 200: { description: 'The request, decided.', body: RequestAnswer } },
    async handle({ ports, workflows, caller, params, body }) {
      return json(200, requestAnswer(await decide(ports, workflows, caller, params.id, body, 'api')))
    },
  }),
]
