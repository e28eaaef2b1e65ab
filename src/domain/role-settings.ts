import { z } from 'zod'
import { Guid, type Role } from './role.ts'
import { Duration, durationMillis, HOUR, MINUTE } from './schedule.ts'
import { text } from './text.ts'

/**
 * What a role asks of those who want it: the seventeen rules of a Microsoft Graph role management policy, by
 * their ids. Two fields are ours, both in the approval rule: a time-out in minutes, and whether a mailed link
 * may decide by itself.
 */
const base = '#microsoft.graph.unifiedRoleManagementPolicy'

const ExpirationRule = z.strictObject({
  '@odata.type': z.literal(`${base}ExpirationRule`),
  id: z.enum([
    'Expiration_Admin_Eligibility',
    'Expiration_Admin_Assignment',
    'Expiration_EndUser_Assignment',
  ]),
  isExpirationRequired: z.boolean(),
  maximumDuration: Duration,
})

const EnablementRule = z.strictObject({
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

const ApprovalStage = z.strictObject({
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

const WHOM = ['Admin', 'Requestor', 'Approver'] as const
const WHEN = ['Admin_Eligibility', 'Admin_Assignment', 'EndUser_Assignment'] as const
const NOTIFICATIONS = WHOM.flatMap((whom) => WHEN.map((when) => `Notification_${whom}_${when}` as const))

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

/** What an administrator sends: the rules to change, whole; the others stay. */
export const RoleSettingsChange = z.strictObject({
  rules: z
    .array(Rule)
    .min(1)
    .max(17)
    .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, {
      message: 'must name each rule once',
    }),
  justification: text(1000).nullish(),
})
export type RoleSettingsChange = z.infer<typeof RoleSettingsChange>

/** The settings of one role. `version` counts its changes; 0 are Microsoft's defaults, never changed here. */
export type RoleSettings = {
  role: Role
  version: number
  rules: Rule[]
  lastModifiedDateTime: string | null
  lastModifiedBy: { id: string; displayName: string } | null
}

/**
 * Where a role's settings are kept: of a directory role one set for the tenant, at whatever scope it is activated; of a group
 * one for its members and one for its owners; of an Azure role one for each scope.
 */
export const settingsRole = ({ provider, roleDefinitionId, scope }: Role): Role => ({
  provider,
  roleDefinitionId,
  scope: provider === 'directory' ? '/' : scope,
})

/** Microsoft's defaults, save that approval has no approver yet, so it must be given one to be switched on. */
export function defaultRules(): Rule[] {
  const expiration = (
    id: z.infer<typeof ExpirationRule>['id'],
    isExpirationRequired: boolean,
    maximumDuration: string,
  ): Rule => ({
    '@odata.type': `${base}ExpirationRule`,
    id,
    isExpirationRequired,
    maximumDuration,
  })
  const enablement = (
    id: z.infer<typeof EnablementRule>['id'],
    enabledRules: z.infer<typeof EnablementRule>['enabledRules'],
  ): Rule => ({
    '@odata.type': `${base}EnablementRule`,
    id,
    enabledRules,
  })
  return [
    expiration('Expiration_Admin_Eligibility', false, 'P365D'),
    enablement('Enablement_Admin_Eligibility', []),
    expiration('Expiration_Admin_Assignment', false, 'P180D'),
    enablement('Enablement_Admin_Assignment', ['Justification']),
    expiration('Expiration_EndUser_Assignment', true, 'PT8H'),
    enablement('Enablement_EndUser_Assignment', ['Justification']),
    {
      '@odata.type': `${base}ApprovalRule`,
      id: 'Approval_EndUser_Assignment',
      setting: {
        isApprovalRequired: false,
        isApprovalRequiredForExtension: false,
        isRequestorJustificationRequired: true,
        approvalMode: 'SingleStage',
        approvalStages: [ApprovalStage.parse({ primaryApprovers: [] })],
      },
    },
    {
      '@odata.type': `${base}AuthenticationContextRule`,
      id: 'AuthenticationContext_EndUser_Assignment',
      isEnabled: false,
      claimValue: null,
    },
    ...NOTIFICATIONS.map(
      (id): Rule => ({
        '@odata.type': `${base}NotificationRule`,
        id,
        notificationType: 'Email',
        recipientType: id.split('_')[1] as (typeof WHOM)[number],
        notificationLevel: 'All',
        isDefaultRecipientsEnabled: true,
        notificationRecipients: [],
      }),
    ),
  ]
}

/** What an activation is measured by: the rules, read once and in plain terms. */
export type Demands = {
  version: number
  maximumDuration: string
  justification: boolean
  ticket: boolean
  mfa: boolean
  /** The authentication context that the token must carry, if any. */
  context: string | null
  approval: ApprovalDemand | null
}

export type ApprovalDemand = {
  approvers: Approver[]
  timeoutMinutes: number
  justification: boolean
  byLink: boolean
}

/**
 * Reads the rules. `isPrivileged` decides what the link may do where the settings do not say; `isExtension`: of what is active
 * already, which may need an approval where activating does not.
 */
export function demandsOf(
  { version, rules }: RoleSettings,
  isPrivileged: boolean,
  isExtension = false,
): Demands {
  const enabled = rule(rules, 'Enablement_EndUser_Assignment').enabledRules
  const { setting } = rule(rules, 'Approval_EndUser_Assignment')
  const context = rule(rules, 'AuthenticationContext_EndUser_Assignment')
  const [stage] = setting.approvalStages
  return {
    version,
    maximumDuration: rule(rules, 'Expiration_EndUser_Assignment').maximumDuration,
    justification: enabled.includes('Justification'),
    ticket: enabled.includes('Ticketing'),
    mfa: enabled.includes('MultiFactorAuthentication'),
    context: context.isEnabled ? context.claimValue : null,
    approval:
      (setting.isApprovalRequired || (isExtension && setting.isApprovalRequiredForExtension)) && stage
        ? {
            approvers: stage.primaryApprovers,
            timeoutMinutes: stage.approvalStageTimeOutInMinutes ?? stage.approvalStageTimeOutInDays * 24 * 60,
            justification: stage.isApproverJustificationRequired,
            byLink: stage.isDecisionByLinkAllowed ?? !isPrivileged,
          }
        : null,
  }
}

/** The rules after a change: whole rules are replaced by id, the others stay. */
export function changedRules(rules: readonly Rule[], change: readonly Rule[]): Rule[] {
  return rules.map((rule) => change.find(({ id }) => id === rule.id) ?? rule)
}

/** Why these rules cannot stand, with Microsoft's code and the rule it is about. Empty: they can. */
export function rulesFaults(rules: readonly Rule[]): { code: string; target: string; message: string }[] {
  const faults: { code: string; target: string; message: string }[] = []
  const maximum = rule(rules, 'Expiration_EndUser_Assignment').maximumDuration
  const millis = durationMillis(maximum, new Date(0))
  if (millis < 30 * MINUTE || millis > 24 * HOUR)
    faults.push({
      code: 'InvalidPolicy',
      target: 'Expiration_EndUser_Assignment.maximumDuration',
      message: `The maximum activation duration must be from PT30M to PT24H, not ${maximum}.`,
    })
  const mfa = rule(rules, 'Enablement_EndUser_Assignment').enabledRules.includes('MultiFactorAuthentication')
  const context = rule(rules, 'AuthenticationContext_EndUser_Assignment')
  if (context.isEnabled && mfa)
    faults.push({
      code: 'MfaAndAcrsConflict',
      target: 'AuthenticationContext_EndUser_Assignment',
      message: 'Ask for multifactor authentication or for an authentication context, not for both.',
    })
  if (context.isEnabled && !context.claimValue)
    faults.push({
      code: 'InvalidPolicy',
      target: 'AuthenticationContext_EndUser_Assignment.claimValue',
      message: 'An authentication context that is asked for must be named (c1 to c99).',
    })
  const { setting } = rule(rules, 'Approval_EndUser_Assignment')
  if (setting.isApprovalRequired && setting.approvalStages[0]?.primaryApprovers.length === 0)
    faults.push({
      code: 'InvalidPolicy',
      target: 'Approval_EndUser_Assignment.setting.approvalStages[0].primaryApprovers',
      message: 'Approval needs at least one approver, a person or a group. Nobody is never everybody.',
    })
  return faults
}

type RuleOf<I extends Rule['id'], R = Rule> = R extends { id: infer X } ? (I extends X ? R : never) : never

/** A rule by its id, typed. All seventeen are always there: settings start from the defaults. */
function rule<I extends Rule['id']>(rules: readonly Rule[], id: I): RuleOf<I> {
  const found = rules.find((candidate) => candidate.id === id)
  if (!found) throw new Error(`Rule ${id} is missing from the settings.`)
  return found as RuleOf<I>
}
