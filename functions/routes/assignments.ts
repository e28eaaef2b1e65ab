import { z } from 'zod'
import { pageOf, RequestAnswer, requestAnswer, unstored } from '../../src/api/answers.ts'
import { requestAssignmentExtension } from '../../src/api/assignment-extensions.ts'
import { assignmentsOfPrincipal, assignmentsOfRole } from '../../src/api/assignment-lists.ts'
import { refuseUnlessMaySee } from '../../src/api/authority.ts'
import { Refused } from '../../src/api/refused.ts'
import { SelfExtendAssignment } from '../../src/domain/extension.ts'
import { pageOfAll } from '../../src/domain/merged.ts'
import { Guid, roleFieldsIfNamed, roleIn, roleKey } from '../../src/domain/role.ts'
import { created, type Route, route } from '../route.ts'
import { Paging, paged, wholeRole } from './parts.ts'

export const assignments: Route[] = [
  route({
    name: 'assignmentRequestsCreate',
    methods: ['POST'],
    path: 'assignment-requests',
    who: 'user',
    summary:
      'Ask for more time of an active assignment of my own: before its end (selfExtend) or after it (selfRenew). Those who administer the role decide.',
    body: SelfExtendAssignment,
    answers: {
      201: {
        description: 'The request, PendingAdminDecision. In a dry run: what it would be; nothing is stored.',
        body: RequestAnswer,
        location: 'The request; not of a dry run.',
      },
    },
    async handle({ app, ports, caller, body }) {
      const answer = requestAnswer(await requestAssignmentExtension(ports, caller, body))
      return created(app, 'requests', body.isValidationOnly ? unstored(answer) : answer)
    },
  }),
  route({
    name: 'assignmentsList',
    methods: ['GET'],
    path: 'assignments',
    who: 'user',
    summary:
      'Who holds a role through Interim (for those who administer it), or what a principal holds (for administrators and readers): now, and from a start to come.',
    query: z
      .strictObject({
        ...roleFieldsIfNamed,
        principalId: Guid.optional(),
        assignmentType: z.enum(['assigned', 'activated']).optional(),
        ...Paging,
      })
      .superRefine(wholeRole),
    answers: {
      200: {
        description: 'A page of requests that give the role, the oldest first; a page may be short.',
        body: pageOf(RequestAnswer),
      },
    },
    async handle({ app, ports, caller, query, request }) {
      const { principalId, assignmentType = null } = query
      const role = roleIn(query)
      await refuseUnlessMaySee(ports, caller, principalId ? null : role)
      if (role && principalId) throw oneOrTheOther()
      if (principalId)
        return paged(
          app,
          request,
          query,
          `assignments of ${principalId} ${assignmentType}`,
          requestAnswer,
          async (page) => pageOfAll(await assignmentsOfPrincipal(ports, principalId, assignmentType), page),
        )
      if (!role) throw oneOrTheOther()
      const list = `assignments ${roleKey(role)} ${assignmentType}`
      return paged(app, request, query, list, requestAnswer, (page) =>
        assignmentsOfRole(ports, role, assignmentType, page),
      )
    },
  }),
]

const oneOrTheOther = () =>
  new Refused(400, 'BadRequest', 'Ask by roleDefinitionId or by principalId, and not by both.')
