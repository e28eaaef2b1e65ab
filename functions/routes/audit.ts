import { z } from 'zod'
import { AuditEventAnswer, pageOf } from '../../src/api/answers.ts'
import { listAudit } from '../../src/api/audit.ts'
import { Guid, roleFieldsIfNamed, roleIn } from '../../src/domain/role.ts'
import { Instant } from '../../src/domain/schedule.ts'
import { type Route, route } from '../route.ts'
import { Paging, paged, wholeRole } from './parts.ts'

export const audit: Route[] = [
  route({
    name: 'auditList',
    methods: ['GET'],
    path: 'audit',
    who: 'user',
    summary:
      'The audit trail, the newest first: by time, by person or by role. People may list their own, and those who administer a role what concerns it.',
    query: z
      .strictObject({
        principalId: Guid.optional().meta({
          description: 'Events that concern this person, or that they brought about.',
        }),
        ...roleFieldsIfNamed,
        from: Instant.optional(),
        to: Instant.optional(),
        ...Paging,
      })
      .superRefine(wholeRole)
      .refine(({ from, to }) => !from || !to || from < to, {
        path: ['to'],
        message: 'must be later than from',
      }),
    answers: { 200: { description: 'A page of events.', body: pageOf(AuditEventAnswer) } },
    async handle({ app, ports, caller, query, request }) {
      const { principalId, from, to } = query
      const role = roleIn(query)
      const list = JSON.stringify(['audit', principalId, role, from, to])
      return paged(
        app,
        request,
        query,
        list,
        (event) => event,
        (page) => listAudit(ports, caller, { principalId, role, from, to }, page),
      )
    },
  }),
]
