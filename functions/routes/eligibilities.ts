import { z } from 'zod'
import {
  EligibilityAnswer,
  eligibilityAnswer,
  MyRolesAnswer,
  pageOf,
  RequestAnswer,
  requestAnswer,
  unstored,
} from '../../src/api/answers.ts'
import { refuseUnlessMaySee } from '../../src/api/authority.ts'
import { eachByItself } from '../../src/api/each.ts'
import { administer, getEligibility } from '../../src/api/eligibilities.ts'
import { removeEligibility } from '../../src/api/eligibility-removal.ts'
import { requestExtension } from '../../src/api/extensions.ts'
import { myRoles } from '../../src/api/my-roles.ts'
import { Refused } from '../../src/api/refused.ts'
import { EligibilityAction } from '../../src/domain/eligibility.ts'
import { lifeOf } from '../../src/domain/eligibility-life.ts'
import { SelfExtend } from '../../src/domain/extension.ts'
import { pageOfAll } from '../../src/domain/merged.ts'
import { Guid, roleFieldsIfNamed, roleIn, roleKey } from '../../src/domain/role.ts'
import type { Ports } from '../../src/ports.ts'
import { Bulk, BulkAnswer, bulkAnswer } from '../bulk.ts'
import { check } from '../refusal.ts'
import { created, json, type Route, route } from '../route.ts'
import { EligibilityId, Paging, paged, wholeRole } from './parts.ts'

const show = ({ now }: Ports) => eligibilityAnswer(now())

export const eligibilities: Route[] = [
  route({
    name: 'myRoles',
    methods: ['GET'],
    path: 'me/roles',
    who: 'user',
    summary:
      'My roles: what I may activate (through groups too), what has ended, what I hold, what I wait for.',
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
    summary:
      'Make a person or a group eligible for a role (adminAssign), move the window of an eligibility (adminUpdate, adminExtend, adminRenew), or take it away (adminRemove).',
    body: EligibilityAction.meta({ id: 'EligibilityAction' }),
    answers: { 201: { description: 'The eligibility; a removed one as it was.', body: EligibilityAnswer } },
    async handle({ ports, caller, body }) {
      const eligibility = await administer(ports, caller, body)
      return json(201, show(ports)(eligibility)) // as it stands after that: one that begins now has begun
    },
  }),
  route({
    name: 'eligibilitiesCreateMany',
    methods: ['POST'],
    path: 'eligibilities/bulk',
    who: 'user',
    summary: 'Up to 50 of the same at once, one after the other; each succeeds or is refused by itself.',
    body: Bulk('EligibilityAction', 50),
    answers: {
      200: { description: 'The outcome of each, in the same order.', body: BulkAnswer(EligibilityAnswer) },
    },
    async handle({ ports, caller, body }) {
      const outcomes = await eachByItself(ports, body.requests, async (one) => {
        const asked = check(EligibilityAction, one, 'request') as EligibilityAction
        const eligibility = await administer(ports, caller, asked)
        return show(ports)(eligibility) // by the clock when it is done
      })
      return json(200, bulkAnswer(outcomes, 201))
    },
  }),
  route({
    name: 'eligibilityRequestsCreate',
    methods: ['POST'],
    path: 'eligibility-requests',
    who: 'user',
    summary:
      'Ask for more time of an eligibility of my own: before its end (selfExtend) or after it (selfRenew). Those who administer the role decide.',
    body: SelfExtend,
    answers: {
      201: {
        description: 'The request, PendingAdminDecision. In a dry run: what it would be; nothing is stored.',
        body: RequestAnswer,
        location: 'The request; not of a dry run.',
      },
    },
    async handle({ app, ports, caller, body }) {
      const answer = requestAnswer(await requestExtension(ports, caller, body))
      return created(app, 'requests', body.isValidationOnly ? unstored(answer) : answer)
    },
  }),
  route({
    name: 'eligibilitiesList',
    methods: ['GET'],
    path: 'eligibilities',
    who: 'user',
    summary:
      'Eligibilities: of one role (for those who administer it), of one principal, or all (for administrators and readers). What has ended is listed for 30 days.',
    query: z
      .strictObject({
        ...roleFieldsIfNamed,
        principalId: Guid.optional(),
        state: z.enum(['current', 'future', 'expired']).optional().meta({
          description: 'Only these. A page may then be short, or empty, while more follow.',
        }),
        ...Paging,
      })
      .superRefine(wholeRole),
    answers: { 200: { description: 'A page of eligibilities.', body: pageOf(EligibilityAnswer) } },
    async handle({ app, ports, caller, query, request }) {
      const { principalId, state } = query
      const role = roleIn(query)
      await refuseUnlessMaySee(ports, caller, principalId ? null : role)
      if (role && principalId)
        throw new Refused(
          400,
          'BadRequest',
          'Ask by roleDefinitionId or by principalId, not by both at once.',
        )
      const now = ports.now()
      const wanted = (each: Parameters<typeof lifeOf>[0]) => !state || lifeOf(each, now) === state
      if (principalId)
        return paged(app, request, query, `eligibilities of ${principalId}`, show(ports), async (page) => {
          const live = await ports.store.readLive(principalId)
          return pageOfAll(live.eligibilities.filter(wanted), page)
        })
      const list = `eligibilities ${role ? roleKey(role) : 'all'}`
      return paged(app, request, query, list, show(ports), async (page) => {
        const { items, next } = await ports.views.eligibilitiesOf(role, page)
        return { items: items.filter(wanted), next }
      })
    },
  }),
  route({
    name: 'eligibilitiesGet',
    methods: ['GET'],
    path: 'eligibilities/{id}',
    who: 'user',
    summary: 'One eligibility: for its principal, those who administer the role, administrators and readers.',
    params: z.object({ id: EligibilityId }),
    answers: {
      200: { description: 'The eligibility; until 30 days after its end.', body: EligibilityAnswer },
    },
    async handle({ ports, caller, params }) {
      return json(200, show(ports)(await getEligibility(ports, caller, params.id)))
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
