import { z } from 'zod'
import { ApprovalSetting } from './approval-rule.ts'
import { Duration } from './schedule.ts'
import { TicketPattern } from './ticket.ts'
import { TicketCheck } from './ticket-check.ts'

/**
 * What a role asks of those who want it: the seventeen rules of a Microsoft Graph role management policy, by
 * their ids. Some fields are ours: they are marked, and may be left out.
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
  ticketPattern: TicketPattern.nullish().meta({
    description: 'Ours, for who activates: what the number of a ticket looks like, as a regular expression.',
  }),
  ticketCheck: TicketCheck.nullish().meta({
    description: 'Ours, for who activates: a service that says whether the ticket that is given is right.',
  }),
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

const ApprovalRule = z.strictObject({
  '@odata.type': z.literal(`${base}ApprovalRule`),
  id: z.literal('Approval_EndUser_Assignment'),
  setting: ApprovalSetting,
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

/** A rule as Graph gives it may be sent back: whom it is for, and of which kind its parts are, its id says already. */
export const SentRule = z.preprocess((sent) => {
  const rule = without('target', sent)
  if (!isObject(rule) || !isObject(rule.setting)) return rule
  const { approvalStages: stages, ...setting } = rule.setting
  const approvalStages = Array.isArray(stages) ? stages.map((stage) => without('@odata.type', stage)) : stages
  return { ...rule, setting: without('@odata.type', { ...setting, approvalStages }) }
}, Rule)

function without(field: string, value: unknown): unknown {
  if (!isObject(value)) return value
  const { [field]: _, ...rest } = value
  return rest
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

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
