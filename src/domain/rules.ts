import { z } from 'zod'
import { Guid } from './role.ts'
import { Duration } from './schedule.ts'
import { text } from './text.ts'

/**
 * What a role asks of those who want it: the seventeen rules of a Microsoft Graph role management policy, by
 * their ids. Two fields are ours, both in the approval rule: a time-out in minutes, and whether a mailed link
 * may decide by itself.
 */
export const base = '#microsoft.graph.unifiedRoleManagementPolicy'

export const ExpirationRule = z.strictObject({
  '@odata.type': z.literal(`${base}ExpirationRule`),
  id: z.enum([
    'Expiration_Admin_Eligibility',
    'Expiration_Admin_Assignment',
    'Expiration_EndUser_Assignment',
  ]),
  isExpirationRequired: z.boolean(),
  maximumDuration: Duration,
})

export const EnablementRule = z.strictObject({
  '@odata.type': z.literal(`${base}EnablementRule`),
  id: z.enum([
    'Enablement_Admin_Eligibility',
    'Enablement_Admin_Assignment',
    'Enablement_EndUser_Assignment',
  ]),
  enabledRules: z.array(z.enum(['MultiFactorAuthentication', 'Justification', 'Ticketing'])).max(3),
})

const AuthenticationContextRule = z.strictObject({
  '@odata.type': z.literal(`${base}AuthenticationContextRule`),
  id: z.literal('AuthenticationContext_EndUser_Assignment'),
  isEnabled: z.boolean(),
  claimValue: z
    .string()
    .regex(/^(c[1-9]\d?)?$/, { message: 'must be an authentication context, c1 to c99' })
    .nullable(),
})

/** A person or a group that is asked. */
export const Approver = z.discriminatedUnion('@odata.type', [
  z.strictObject({
    '@odata.type': z.literal('#microsoft.graph.singleUser'),
    userId: Guid,
    description: text(200).nullish(),
  }),
  z.strictObject({
    '@odata.type': z.literal('#microsoft.graph.groupMembers'),
    groupId: Guid,
    description: text(200).nullish(),
  }),
])
export type Approver = z.infer<typeof Approver>

export const ApprovalStage = z.strictObject({
  approvalStageTimeOutInDays: z.number().int().min(1).max(30).default(1),
  approvalStageTimeOutInMinutes: z
    .number()
    .int()
    .min(5)
    .max(30 * 24 * 60)
    .nullish()
    .meta({ description: 'Ours: wins over the days when given.' }),
  isApproverJustificationRequired: z.boolean().default(true),
  isDecisionByLinkAllowed: z.boolean().nullish().meta({
    description:
      'Ours: may a mailed link decide without sign-in? Default: only where the role is not privileged.',
  }),
  escalationTimeInMinutes: z.literal(0).default(0),
  isEscalationEnabled: z.literal(false).default(false),
  primaryApprovers: z.array(Approver).max(20),
  escalationApprovers: z.array(Approver).max(0).default([]),
})

const ApprovalRule = z.strictObject({
  '@odata.type': z.literal(`${base}ApprovalRule`),
  id: z.literal('Approval_EndUser_Assignment'),
  setting: z.strictObject({
    isApprovalRequired: z.boolean(),
    isApprovalRequiredForExtension: z.boolean().default(false),
    isRequestorJustificationRequired: z.boolean().default(true),
    approvalMode: z.enum(['SingleStage', 'NoApproval']).default('SingleStage'),
    approvalStages: z.array(ApprovalStage).length(1),
  }),
})

export const WHOM = ['Admin', 'Requestor', 'Approver'] as const
const WHEN = ['Admin_Eligibility', 'Admin_Assignment', 'EndUser_Assignment'] as const
export const NOTIFICATIONS = WHOM.flatMap((whom) =>
  WHEN.map((when) => `Notification_${whom}_${when}` as const),
)

const NotificationRule = z.strictObject({
  '@odata.type': z.literal(`${base}NotificationRule`),
  id: z.enum(NOTIFICATIONS),
  notificationType: z.literal('Email').default('Email'),
  recipientType: z.enum(['Admin', 'Requestor', 'Approver']),
  notificationLevel: z.enum(['None', 'Critical', 'All']),
  isDefaultRecipientsEnabled: z.boolean(),
  notificationRecipients: z.array(z.email()).max(50),
})

export const Rule = z.discriminatedUnion('@odata.type', [
  ExpirationRule,
  EnablementRule,
  AuthenticationContextRule,
  ApprovalRule,
  NotificationRule,
])
export type Rule = z.infer<typeof Rule>
export type RuleId = Rule['id']

/** All seventeen, in the order in which Microsoft's documentation and our answers list them. */
export const RULE_IDS = [
  'Expiration_Admin_Eligibility',
  'Enablement_Admin_Eligibility',
  'Expiration_Admin_Assignment',
  'Enablement_Admin_Assignment',
  'Expiration_EndUser_Assignment',
  'Enablement_EndUser_Assignment',
  'Approval_EndUser_Assignment',
  'AuthenticationContext_EndUser_Assignment',
  ...NOTIFICATIONS,
] as const satisfies readonly RuleId[]

type RuleOf<I extends Rule['id'], R = Rule> = R extends { id: infer X } ? (I extends X ? R : never) : never

/** A rule by its id, typed. All seventeen are there in whatever is in force: it starts from the defaults. */
export function ruleOf<I extends Rule['id']>(rules: readonly Rule[], id: I): RuleOf<I> {
  const found = rules.find((candidate) => candidate.id === id)
  if (!found) throw new Error(`Rule ${id} is missing from the settings.`)
  return found as RuleOf<I>
}
