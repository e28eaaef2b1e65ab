import { z } from 'zod'
import { ErrorAnswer, pageOf, RequestAnswer, requestAnswer } from '../../src/api/answers.ts'
import { isReader } from '../../src/api/authority.ts'
import { Ending, endEarly } from '../../src/api/endings.ts'
import { forbidden } from '../../src/api/refused.ts'
import { getRequest, listRequests } from '../../src/api/requests.ts'
import { WaitingAnswer, waitingAnswers, waitingRequests } from '../../src/api/waiting.ts'
import { cancelRequest } from '../../src/api/withdrawals.ts'
import { Guid, roleFieldsIfNamed, roleIn, roleKey } from '../../src/domain/role.ts'
import { Bulk } from '../bulk.ts'
import { check } from '../refusal.ts'
import { created, json, type Route, route } from '../route.ts'
import { act, RequestBody } from './acting.ts'
import { Paging, paged, RequestId, wholeRole } from './parts.ts'

const BulkAnswer = z
  .object({
    responses: z.array(
      z.object({
        status: z.number().int().meta({ description: 'What it would have been answered with alone.' }),
        body: RequestAnswer.optional(),
        error: ErrorAnswer.shape.error
          .extend({
            claims: z.string().optional().meta({ description: 'What a token must carry, as JSON.' }),
          })
          .optional(),
      }),
    ),
  })
  .meta({ id: 'BulkAnswer' })

export const requests: Route[] = [
  route({
    name: 'requestsCreate',
    methods: ['POST'],
    path: 'requests',
    who: 'user',
    summary:
      'Activate a role, extend that, or give it back (self…); assign a role to anybody, change that, or take it away (admin…).',
    body: RequestBody,
    answers: {
      201: {
        description: 'The request, with its status. In a dry run: what it would be; nothing is stored.',
        body: RequestAnswer,
        location: 'The request; not of a dry run.',
      },
    },
    async handle({ app, ports, workflows, caller, body }) {
      return created(app, 'requests', await act(ports, workflows, caller, body))
    },
  }),
  route({
    name: 'requestsCreateMany',
    methods: ['POST'],
    path: 'requests/bulk',
    who: 'user',
    summary:
      'Up to 20 requests in one call, each with its own checks, approval and outcome: one that fails stops no other.',
    body: Bulk('RequestBody', 20),
    answers: { 200: { description: 'What became of each, in their order.', body: BulkAnswer } },
    async handle({ ports, workflows, caller, body, errorOf }) {
      const responses: object[] = []
      for (const each of body.requests)
        try {
          const asked = check(RequestBody, each, 'request') as RequestBody
          responses.push({ status: 201, body: await act(ports, workflows, caller, asked) })
        } catch (error) {
          const { status, claims, error: told } = errorOf(error)
          responses.push({ status, error: { ...told, ...(claims && { claims }) } })
        }
      return json(200, { responses })
    },
  }),
  route({
    name: 'requestsList',
    methods: ['GET'],
    path: 'requests',
    who: 'user',
    summary:
      'My requests, the open ones first, then those that are over, each the newest first; those of another person for administrators and readers.',
    query: z.strictObject({ principalId: Guid.optional(), ...Paging }),
    answers: { 200: { description: 'A page of requests.', body: pageOf(RequestAnswer) } },
    async handle({ app, ports, caller, query, request }) {
      const principalId = query.principalId ?? caller.id
      if (principalId !== caller.id && !(await isReader(ports, caller)))
        throw forbidden('You may list your own requests.')
      return paged(app, request, query, `requests ${principalId}`, requestAnswer, (page) =>
        listRequests(ports, principalId, page),
      )
    },
  }),
  route({
    name: 'waitingList',
    methods: ['GET'],
    path: 'waiting',
    who: 'user',
    summary:
      'Everybody’s requests that wait for a decision, the oldest first, and for whom: of one role (for those who administer it), or all (for administrators and readers).',
    query: z.strictObject({ ...roleFieldsIfNamed, ...Paging }).superRefine(wholeRole),
    answers: {
      200: { description: 'A page of requests; a page may be short.', body: pageOf(WaitingAnswer) },
    },
    async handle({ app, ports, caller, query, request }) {
      const role = roleIn(query)
      const list = `waiting ${role ? roleKey(role) : 'all'}`
      return paged(
        app,
        request,
        query,
        list,
        (shown) => shown,
        async (page) => {
          const { items, next } = await waitingRequests(ports, caller, role, page)
          return { items: await waitingAnswers(ports, items), next }
        },
      )
    },
  }),
  route({
    name: 'requestsGet',
    methods: ['GET'],
    path: 'requests/{id}',
    who: 'user',
    summary: 'One request: for its requester, its approvers, administrators and readers.',
    params: z.object({ id: RequestId }),
    answers: { 200: { description: 'The request.', body: RequestAnswer } },
    async handle({ ports, caller, params }) {
      return json(200, requestAnswer(await getRequest(ports, caller, params.id)))
    },
  }),
  route({
    name: 'requestsCancel',
    methods: ['POST'],
    path: 'requests/{id}/cancel',
    who: 'user',
    summary: 'Withdraw a request that has given nothing yet. No body.',
    params: z.object({ id: RequestId }),
    answers: { 200: { description: 'The request, canceled.', body: RequestAnswer } },
    async handle({ ports, workflows, caller, params }) {
      return json(200, requestAnswer(await cancelRequest(ports, workflows, caller, params.id)))
    },
  }),
  route({
    name: 'requestsEnd',
    methods: ['POST'],
    path: 'requests/{id}/end',
    who: 'user',
    summary: 'End access before its time: by whoever has approved it, or by an administrator.',
    params: z.object({ id: RequestId }),
    body: Ending,
    answers: { 200: { description: 'The request, ending.', body: RequestAnswer } },
    async handle({ ports, workflows, caller, params, body }) {
      return json(200, requestAnswer(await endEarly(ports, workflows, caller, params.id, body)))
    },
  }),
]
