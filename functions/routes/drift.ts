import { z } from 'zod'
import { scan } from '../../src/activities/scan.ts'
import { pageOf } from '../../src/api/answers.ts'
import {
  GovernedAnswer,
  govern,
  governedAnswer,
  listGoverned,
  refuseUnlessGoverned,
  release,
} from '../../src/api/governed.ts'
import { dealWith, IncidentAnswer, incidentAnswer, listIncidents, Why } from '../../src/api/incidents.ts'
import { GovernBody } from '../../src/domain/governed.ts'
import { Provider, Scope } from '../../src/domain/role.ts'
import { MINUTE } from '../../src/domain/schedule.ts'
import { json, type Route, route } from '../route.ts'
import { IncidentId, Paging, paged, rightPlace } from './parts.ts'

const Scanned = z
  .object({
    complete: z
      .boolean()
      .meta({ description: 'False: the time was up, or something did not answer. Ask again to go on.' }),
    scopes: z.int(),
    failed: z.int(),
    held: z.int(),
    found: z.int().meta({ description: 'Incidents that are new.' }),
    gone: z.int().meta({ description: 'Incidents whose assignment is gone.' }),
    closed: z.int().meta({ description: 'Requests whose access was removed outside.' }),
    restored: z.int(),
  })
  .meta({ id: 'Scanned' })

const one = { 200: { description: 'The incident as it stands now.', body: IncidentAnswer } }

const deals = (
  [
    ['acknowledge', 'Accept what was granted outside, with a reason: it is no drift from now on.'],
    ['remove', 'Take away what was granted outside.'],
    ['make-eligible', 'Make its holder eligible, and take the standing assignment away.'],
  ] as const
).map(([verb, summary]) => {
  const action = verb === 'make-eligible' ? 'makeEligible' : verb
  const name = `incidents${action.charAt(0).toUpperCase()}${action.slice(1)}`
  return route({
    name,
    methods: ['POST'],
    path: `incidents/{id}/${verb}`,
    who: 'user',
    summary,
    params: z.object({ id: IncidentId }),
    body: Why,
    answers: one,
    async handle({ ports, caller, params, body }) {
      return json(200, incidentAnswer(await dealWith(ports, caller, params.id, action, body)))
    },
  })
})

export const drift: Route[] = [
  route({
    name: 'driftScan',
    methods: ['POST'],
    path: 'drift/scan',
    who: 'administrator',
    summary: 'Compare now what is held with what should be: everywhere, or at one scope.',
    body: z
      .strictObject({ provider: Provider.optional(), scope: Scope.optional() })
      .superRefine(({ provider, scope }, context) => {
        const message = 'goes with scope: name that too, or neither, to compare everywhere'
        if (provider && !scope) context.addIssue({ code: 'custom', path: ['provider'], message })
        rightPlace({ provider, scope }, context)
      }),
    isBodyOptional: true,
    answers: { 200: { description: 'What was seen and done.', body: Scanned } },
    async handle({ ports, workflows, body: { provider = 'directory', scope } }) {
      if (scope) await refuseUnlessGoverned(ports, { provider, scope })
      return json(200, await scan(ports, workflows, scope ? { provider, scope } : undefined, MINUTE))
    },
  }),
  route({
    name: 'incidentsList',
    methods: ['GET'],
    path: 'incidents',
    who: 'user',
    summary:
      'What was granted outside, by state, the newest first: at one scope (for those who administer it), or everywhere (for administrators and readers).',
    query: z
      .strictObject({
        provider: Provider.default('directory'),
        scope: Scope.optional(),
        state: z.enum(['active', 'acknowledged', 'resolved']).default('active'),
        ...Paging,
      })
      .superRefine(rightPlace),
    answers: { 200: { description: 'A page of incidents.', body: pageOf(IncidentAnswer) } },
    async handle({ app, ports, caller, query, request }) {
      const { provider, scope, state } = query
      const list = `incidents ${provider} ${scope ?? 'all'} ${state}`
      return paged(app, request, query, list, incidentAnswer, (page) =>
        listIncidents(ports, caller, { provider, scope, state }, page),
      )
    },
  }),
  ...deals,
  route({
    name: 'governedList',
    methods: ['GET'],
    path: 'governed',
    who: 'reader',
    summary:
      'What is under management: each scope whose assignments are compared. Those of the settings of this installation stand on the first page besides.',
    query: z.strictObject(Paging),
    answers: { 200: { description: 'A page of them.', body: pageOf(GovernedAnswer) } },
    async handle({ app, ports, query, request }) {
      return paged(app, request, query, 'governed', governedAnswer, (page) => listGoverned(ports, page))
    },
  }),
  route({
    name: 'governedAdd',
    methods: ['POST'],
    path: 'governed',
    who: 'user',
    summary: 'Bring an administrative unit, a group or an Azure scope under management.',
    body: GovernBody,
    answers: { 200: { description: 'It is under management.', body: GovernedAnswer } },
    async handle({ ports, caller, body }) {
      return json(200, governedAnswer(await govern(ports, caller, body)))
    },
  }),
  route({
    name: 'governedRemove',
    methods: ['DELETE'],
    path: 'governed',
    who: 'user',
    summary: 'Take a scope out of management: nothing of it is compared any more.',
    query: z.strictObject({ provider: Provider.default('directory'), scope: Scope }).superRefine(rightPlace),
    answers: { 204: { description: 'It is not under management.' } },
    async handle({ ports, caller, query }) {
      await release(ports, caller, query)
      return { status: 204 }
    },
  }),
]
