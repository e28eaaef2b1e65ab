import { z } from 'zod'
import { instant, person } from '../../src/api/answer-parts.ts'
import { delegate, delegationsOf, takeBack } from '../../src/api/delegations.ts'
import { DelegationBody } from '../../src/domain/delegation.ts'
import { json, type Route, route } from '../route.ts'
import { DelegationId } from './parts.ts'

const DelegationAnswer = z
  .object({
    id: z.string(),
    delegator: person,
    delegate: person,
    startDateTime: instant,
    endDateTime: instant,
    justification: z.string().nullable(),
    createdDateTime: instant,
    revokedDateTime: instant.nullable(),
  })
  .meta({ id: 'Delegation' })

export const delegations: Route[] = [
  route({
    name: 'delegationsList',
    methods: ['GET'],
    path: 'me/delegations',
    who: 'user',
    summary: 'Who decides in my place while I am away, and in whose place I decide; not what is over.',
    answers: {
      200: { description: 'My delegations.', body: z.object({ value: z.array(DelegationAnswer) }) },
    },
    async handle({ ports, caller }) {
      return json(200, { value: await delegationsOf(ports, caller) })
    },
  }),
  route({
    name: 'delegationsCreate',
    methods: ['POST'],
    path: 'me/delegations',
    who: 'user',
    summary:
      'Say who decides in my place while I am away. Never over a request of either of us, and not further on.',
    body: DelegationBody,
    answers: { 201: { description: 'The delegation.', body: DelegationAnswer } },
    async handle({ ports, caller, body }) {
      return json(201, await delegate(ports, caller, body))
    },
  }),
  route({
    name: 'delegationsRemove',
    methods: ['DELETE'],
    path: 'me/delegations/{id}',
    who: 'user',
    summary: 'Take a delegation back: by whoever gave it, or by whom it was given to.',
    params: z.object({ id: DelegationId }),
    answers: { 204: { description: 'It is taken back.' } },
    async handle({ ports, caller, params }) {
      await takeBack(ports, caller, params.id)
      return { status: 204 }
    },
  }),
]
