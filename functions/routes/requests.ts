import { z } from 'zod'
import { requestActivation } from '../../src/api/activations.ts'
import { pageOf, RequestAnswer, requestAnswer } from '../../src/api/answers.ts'
import { isReader } from '../../src/api/authority.ts'
import { forbidden } from '../../src/api/refused.ts'
import { getRequest, listRequests } from '../../src/api/requests.ts'
import { cancelRequest, deactivate } from '../../src/api/withdrawals.ts'
import { SelfActivate } from '../../src/domain/activation.ts'
import { DirectoryScope, Guid, Provider } from '../../src/domain/role.ts'
import { text } from '../../src/domain/text.ts'
import { json, type Route, route } from '../route.ts'
import { Paging, paged, RequestId } from './parts.ts'

const SelfDeactivate = z.strictObject({
  action: z.literal('selfDeactivate'),
  provider: Provider.default('directory'),
  roleDefinitionId: Guid,
  scope: DirectoryScope.default('/'),
  principalId: Guid.optional(),
  justification: text(1000).nullish(),
})

export const requests: Route[] = [
  route({
    name: 'requestsCreate',
    methods: ['POST'],
    path: 'requests',
    who: 'user',
    summary: 'Ask to activate a role, or give an activated one back.',
    body: z.discriminatedUnion('action', [SelfActivate, SelfDeactivate]),
    answers: {
      201: {
        description: 'The request, with its status. In a dry run: what it would be; nothing is stored.',
        body: RequestAnswer,
      },
    },
    async handle({ ports, workflows, caller, body }) {
      if (body.principalId && body.principalId !== caller.id)
        throw forbidden('principalId must be your own: a role is activated for oneself.')
      if (body.action === 'selfDeactivate') {
        const { provider, roleDefinitionId, scope, justification } = body
        return json(
          201,
          requestAnswer(
            await deactivate(
              ports,
              workflows,
              caller,
              { provider, roleDefinitionId, scope },
              justification?.trim() || null,
            ),
          ),
        )
      }
      const answer = requestAnswer(await requestActivation(ports, workflows, caller, body))
      return json(201, body.isValidationOnly ? { ...answer, id: '', approvalId: null } : answer)
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
]
