import { z } from 'zod'
import { EligibilityAnswer, eligibilityAnswer, MyRolesAnswer, pageOf } from '../../src/api/answers.ts'
import { createEligibility, removeEligibility } from '../../src/api/eligibilities.ts'
import { myRoles } from '../../src/api/my-roles.ts'
import { Refused } from '../../src/api/refused.ts'
import { NewEligibility } from '../../src/domain/eligibility.ts'
import { Guid, RoleId, roleFields } from '../../src/domain/role.ts'
import { json, type Route, route } from '../route.ts'
import { EligibilityId, Paging, paged } from './parts.ts'

export const eligibilities: Route[] = [
  route({
    name: 'myRoles',
    methods: ['GET'],
    path: 'me/roles',
    who: 'user',
    summary: 'My roles: what I may activate (through groups too), what I hold, what I wait for.',
    answers: { 200: { description: 'My roles.', body: MyRolesAnswer } },
    async handle({ ports, caller }) {
      return json(200, await myRoles(ports, caller))
    },
  }),
  route({
    name: 'eligibilitiesCreate',
    methods: ['POST'],
    path: 'eligibilities',
    who: 'user',
    summary: 'Make a person or a group eligible for a role, for good or for a time.',
    body: NewEligibility,
    answers: { 201: { description: 'The eligibility.', body: EligibilityAnswer } },
    async handle({ ports, caller, body }) {
      return json(201, eligibilityAnswer(await createEligibility(ports, caller, body)))
    },
  }),
  route({
    name: 'eligibilitiesList',
    methods: ['GET'],
    path: 'eligibilities',
    who: 'reader',
    summary: 'Eligibilities: of one role, of one principal, or all.',
    query: z.strictObject({
      provider: roleFields.provider,
      roleDefinitionId: RoleId.optional(),
      scope: roleFields.scope,
      principalId: Guid.optional(),
      ...Paging,
    }),
    answers: { 200: { description: 'A page of eligibilities.', body: pageOf(EligibilityAnswer) } },
    async handle({ app, ports, query, request }) {
      const { provider, roleDefinitionId, scope, principalId } = query
      if (roleDefinitionId && principalId)
        throw new Refused(
          400,
          'BadRequest',
          'Ask by roleDefinitionId or by principalId, not by both at once.',
        )
      if (principalId) {
        const { eligibilities } = await ports.store.readLive(principalId)
        return json(200, { value: eligibilities.map(eligibilityAnswer) })
      }
      const role = roleDefinitionId ? { provider, roleDefinitionId, scope } : null
      const list = `eligibilities ${provider} ${roleDefinitionId ?? 'all'} ${scope}`
      return paged(app, request, query, list, eligibilityAnswer, (page) =>
        ports.views.eligibilitiesOf(role, page),
      )
    },
  }),
  route({
    name: 'eligibilitiesRemove',
    methods: ['DELETE'],
    path: 'eligibilities/{id}',
    who: 'user',
    summary: 'Take an eligibility away. What is active goes on to its end; what waits is refused.',
    params: z.object({ id: EligibilityId }),
    answers: { 204: { description: 'It is gone.' } },
    async handle({ ports, caller, params }) {
      await removeEligibility(ports, caller, params.id)
      return { status: 204 }
    },
  }),
]
