import { z } from 'zod'
import { AuditEventAnswer, pageOf } from '../../src/api/answers.ts'
import { listAudit } from '../../src/api/audit.ts'
import { Guid, RoleId, roleFields } from '../../src/domain/role.ts'
import { Instant } from '../../src/domain/schedule.ts'
import { type Route, route } from '../route.ts'
import { Paging, paged } from './parts.ts'

export const audit: Route[] = [
  route({
    name: 'auditList',
    methods: ['GET'],
    path: 'audit',
    who: 'user',
    summary:
      'The audit trail, the newest first: by time, by person or by role. People may list their own, and those who administer a role what concerns it.',
    query: z.strictObject({
      principalId: Guid.optional().meta({
        description: 'Events that concern this person, or that they brought about.',
      }),
      provider: roleFields.provider,
      roleDefinitionId: RoleId.optional(),
      scope: roleFields.scope,
      from: Instant.optional(),
      to: Instant.optional(),
      ...Paging,
    }),
    answers: { 200: { description: 'A page of events.', body: pageOf(AuditEventAnswer) } },
    async handle({ app, ports, caller, query, request }) {
      const { principalId, provider, roleDefinitionId, scope, from, to } = query
      const list = JSON.stringify(['audit', principalId, provider, roleDefinitionId, scope, from, to])
      return paged(
        app,
        request,
        query,
        list,
        (event) => event,
        (page) => listAudit(ports, caller, query, page),
      )
    },
  }),
]
