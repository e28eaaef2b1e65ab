import { z } from 'zod'
import { conditionAnswer } from '../domain/condition.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import { lifeOf, mayBeExtended, mayBeRenewed } from '../domain/eligibility-life.ts'
import { isAboutSchedule, isAssigned, type Request, targetOf } from '../domain/request.ts'
import { titleOf } from '../domain/role.ts'
import { instant, person } from './answer-parts.ts'
import { ApprovalAnswer, approvalAnswer } from './approval-answers.ts'

/** What callers get: each shape once, for the answer, its type and the OpenAPI document alike. */
const role = {
  provider: z.string(),
  roleDefinitionId: z.string(),
  roleDisplayName: z.string(),
  scope: z.string(),
  scopeDisplayName: z.string(),
  title: z.string().meta({ description: 'The role in words, such as “Member of Tier Zero Operators”.' }),
}
const condition = {
  condition: z.string().nullable().meta({ description: 'Azure: under which condition it is given.' }),
  conditionVersion: z.literal('2.0').nullable(),
}
const status = z.enum([
  'PendingApproval',
  'PendingAdminDecision',
  'Granted',
  'PendingProvisioning',
  'Provisioned',
  'PendingRevocation',
  'Expired',
  'Revoked',
  'Denied',
  'Canceled',
  'TimedOut',
  'ScheduleCreated',
  'Failed',
])

const scheduleInfo = z.object({
  startDateTime: instant.nullable(),
  expiration: z.object({
    type: z.enum(['afterDuration', 'afterDateTime', 'noExpiration']),
    duration: z.string().nullable(),
    endDateTime: instant
      .nullable()
      .meta({ description: 'When access ends; null for good, and while that depends on an approval.' }),
  }),
})

export const RequestAnswer = z
  .object({
    id: z.string().meta({ description: 'Empty in the answer to a dry run: nothing was stored.' }),
    action: z.enum(['selfActivate', 'selfExtend', 'selfRenew', 'adminAssign', 'adminRenew']),
    targetScheduleId: z.string().nullable().meta({
      description: 'The eligibility or the active assignment that an extension or a renewal is about.',
    }),
    assignmentType: z
      .enum(['assigned', 'activated'])
      .meta({ description: 'Given by an administrator, or activated by its principal.' }),
    ...role,
    status,
    principal: person,
    principalId: z.string(),
    principalType: z.enum(['User', 'Group', 'ServicePrincipal']),
    createdBy: person,
    createdDateTime: instant,
    completedDateTime: instant.nullable(),
    justification: z.string().nullable(),
    ...condition,
    ticketInfo: z
      .object({ ticketNumber: z.string().nullable(), ticketSystem: z.string().nullable() })
      .nullable(),
    scheduleInfo,
    approvalId: z.string().nullable(),
    approval: ApprovalAnswer.nullable(),
    failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'Request' })
export type RequestAnswer = z.infer<typeof RequestAnswer>

/** A request as callers see it. */
export function requestAnswer(request: Request): RequestAnswer {
  const { approval, asked } = request
  return {
    id: request.id,
    action: request.action,
    targetScheduleId: isAboutSchedule(request) ? targetOf(request) : null,
    assignmentType: isAssigned(request) || request.about === 'assignment' ? 'assigned' : 'activated',
    provider: request.provider,
    roleDefinitionId: request.roleDefinitionId,
    roleDisplayName: request.roleName,
    scope: request.scope,
    scopeDisplayName: request.scopeName,
    title: titleOf(request),
    status: request.status,
    principal: request.principal,
    principalId: request.principal.id,
    principalType: request.principalType,
    createdBy: request.createdBy ?? request.principal,
    createdDateTime: request.createdDateTime,
    completedDateTime: request.completedDateTime,
    justification: request.justification,
    ...conditionAnswer(request),
    ticketInfo: request.ticketInfo,
    scheduleInfo: {
      startDateTime: request.startsAt ?? asked.startDateTime,
      expiration: {
        type: asked.expiration.type,
        duration: asked.expiration.type === 'afterDuration' ? asked.expiration.duration : null,
        endDateTime: request.endsAt,
      },
    },
    approvalId: approval && request.id,
    approval: approval && approvalAnswer(request.id, approval),
    failure: request.failure,
  }
}

/** Of a dry run: nothing is stored, so there is nothing to ask for again. */
export const unstored = (answer: RequestAnswer): RequestAnswer => ({ ...answer, id: '', approvalId: null })

export const EligibilityAnswer = z
  .object({
    id: z.string(),
    ...role,
    principal: person,
    principalId: z.string(),
    principalType: z.enum(['User', 'Group']),
    principalDisplayName: z.string(),
    scheduleInfo,
    startDateTime: instant,
    endDateTime: instant.nullable(),
    state: z.enum(['current', 'future', 'expired']),
    mayExtend: z.boolean().meta({ description: 'Within the 14 days before its end.' }),
    mayRenew: z.boolean().meta({ description: 'Within the 30 days after its end.' }),
    createdDateTime: instant,
    createdBy: person,
    justification: z.string().nullable(),
    ...condition,
  })
  .meta({ id: 'Eligibility' })
export type EligibilityAnswer = z.infer<typeof EligibilityAnswer>

export const eligibilityAnswer =
  (now: Date) =>
  (eligibility: Eligibility): EligibilityAnswer => {
    const { roleName, scopeName, principalName, changes: _, warned: __, ...rest } = eligibility
    const { principalId, startDateTime, endDateTime } = rest
    const type = endDateTime === null ? ('noExpiration' as const) : ('afterDateTime' as const)
    return {
      ...rest,
      principal: { id: principalId, displayName: principalName },
      scheduleInfo: { startDateTime, expiration: { type, duration: null, endDateTime } },
      ...conditionAnswer(eligibility),
      roleDisplayName: roleName,
      scopeDisplayName: scopeName,
      title: titleOf(eligibility),
      principalDisplayName: principalName,
      state: lifeOf(eligibility, now),
      mayExtend: mayBeExtended(eligibility, now),
      mayRenew: mayBeRenewed(eligibility, now),
    }
  }

export const MyRolesAnswer = z
  .object({
    eligible: z.array(
      EligibilityAnswer.extend({ memberType: z.enum(['Direct', 'Group']), isActive: z.boolean() }).meta({
        id: 'MyEligibleRole',
      }),
    ),
    expired: z
      .array(
        EligibilityAnswer.extend({ memberType: z.enum(['Direct', 'Group']) }).meta({
          id: 'MyExpiredRole',
        }),
      )
      .meta({ description: 'What has ended, for 30 days. What is one’s own may be renewed.' }),
    active: z.array(RequestAnswer),
    pending: z.array(RequestAnswer),
  })
  .meta({ id: 'MyRoles' })
export type MyRolesAnswer = z.infer<typeof MyRolesAnswer>

export const AuditEventAnswer = z
  .object({
    id: z.string(),
    activityDateTime: instant,
    activityDisplayName: z.string(),
    category: z
      .enum(['RoleManagement', 'ResourceManagement', 'GroupManagement'])
      .meta({ description: 'Of Entra roles, Azure roles, groups.' }),
    loggedByService: z.literal('PIM'),
    result: z.enum(['success', 'failure']),
    resultReason: z.string(),
    initiatedBy: person,
    principal: person,
    role: z.object({
      provider: z.string(),
      roleDefinitionId: z.string(),
      scope: z.string(),
      displayName: z.string(),
    }),
    correlationId: z.string(),
    additionalDetails: z.array(z.object({ key: z.string(), value: z.string() })),
  })
  .meta({ id: 'AuditEvent' })

export const ErrorAnswer = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.array(z.object({ code: z.string(), target: z.string(), message: z.string() })).optional(),
      innerError: z.object({ date: z.string(), 'request-id': z.string(), 'client-request-id': z.string() }),
    }),
  })
  .meta({ id: 'Error' })

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    value: z.array(item),
    nextLink: z.url().optional().meta({
      description:
        'The address of the next page. There is one as long as more may follow, also after a short page.',
    }),
  })
