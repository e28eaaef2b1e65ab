import { z } from 'zod'
import { pageOf } from '../../src/api/answers.ts'
import { EligibleChildAnswer, eligibleChildren } from '../../src/api/eligible-children.ts'
import { isAzureScope, Scope } from '../../src/domain/role.ts'
import { type Route, route } from '../route.ts'
import { Paging, paged } from './parts.ts'

export const azure: Route[] = [
  route({
    name: 'myEligibleChildren',
    methods: ['GET'],
    path: 'me/eligible-children',
    who: 'user',
    summary: 'The scopes right below an Azure scope that I may activate a role at.',
    query: z.strictObject({
      scope: Scope.refine(isAzureScope, {
        message: 'must be a management group, subscription, resource group or resource, by its full Azure id',
      }),
      ...Paging,
    }),
    answers: { 200: { description: 'A page of scopes.', body: pageOf(EligibleChildAnswer) } },
    async handle({ app, ports, caller, query, request }) {
      const { scope } = query
      return paged(
        app,
        request,
        query,
        `eligible children ${scope}`,
        (child) => child,
        (page) => eligibleChildren(ports, caller, scope, page),
      )
    },
  }),
]
