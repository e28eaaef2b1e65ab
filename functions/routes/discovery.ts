import { z } from 'zod'
import { pageOf } from '../../src/api/answers.ts'
import { refuseUnlessMaySee } from '../../src/api/authority.ts'
import { Conversion, ConversionOutcome, convertAll } from '../../src/api/conversions.ts'
import { DiscoveryAnswer, discover } from '../../src/api/discovery.ts'
import { Refused } from '../../src/api/refused.ts'
import { GovernBody, someRoleAt } from '../../src/domain/governed.ts'
import { Provider, Scope } from '../../src/domain/role.ts'
import { json, type Route, route } from '../route.ts'
import { Paging, paged } from './parts.ts'

const Query = z.strictObject({
  provider: Provider.default('directory'),
  scope: Scope.default('/'),
  pageToken: Paging.pageToken,
})

export const discovery: Route[] = [
  route({
    name: 'discoveryList',
    methods: ['GET'],
    path: 'discovery',
    who: 'user',
    summary:
      'What is held at exactly this scope (for those who administer it, administrators and readers), as its provider pages it: standing or activated, by whom, and what is odd.',
    query: Query,
    answers: { 200: { description: 'A page of assignments.', body: pageOf(DiscoveryAnswer) } },
    async handle({ app, ports, caller, query, request }) {
      const { provider, scope, pageToken } = query
      const wrong = GovernBody.safeParse({ provider, scope }).error
      await refuseUnlessMaySee(ports, caller, wrong ? null : someRoleAt({ provider, scope }))
      if (wrong) throw new Refused(400, 'BadRequest', `scope: ${wrong.issues[0]?.message}`)
      return paged(
        app,
        request,
        { top: 200, pageToken },
        `discovery ${provider} ${scope}`,
        (each) => each,
        (page) => discover(ports, { provider, scope }, page.after),
      )
    },
  }),
  route({
    name: 'discoveryConvert',
    methods: ['POST'],
    path: 'discovery/convert',
    who: 'user',
    summary:
      'Turn standing assignments into eligibilities, and back; remove or accept them. One by one or in bulk, each with its own outcome.',
    body: Conversion,
    answers: {
      200: {
        description: 'What became of each, in the order of the items.',
        body: z.object({ value: z.array(ConversionOutcome) }),
      },
    },
    async handle({ ports, caller, body }) {
      return json(200, { value: await convertAll(ports, caller, body) })
    },
  }),
]
