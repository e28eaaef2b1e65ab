import { z } from 'zod'
import { Approver } from './approver.ts'
import { Guid } from './role.ts'
import { Duration } from './schedule.ts'
import { text } from './text.ts'

const minutes = (least: number) =>
  z
    .number()
    .int()
    .min(least)
    .max(30 * 24 * 60)

/** One stage of an approval: Graph's fields, and ours, each of which may be left out. */
export const ApprovalStage = z.strictObject({
  approvalStageTimeOutInDays: z.number().int().min(1).max(30).default(1),
  approvalStageTimeOutInMinutes: minutes(5).nullish().meta({
    description: 'Ours: wins over the days when given.',
  }),
  isApproverJustificationRequired: z.boolean().default(true),
  isDecisionByLinkAllowed: z.boolean().nullish().meta({
    description:
      'Ours: may a mailed link decide without sign-in? Default: only where the role is not privileged.',
  }),
  escalationTimeInMinutes: minutes(0).default(0),
  isEscalationEnabled: z.boolean().default(false),
  primaryApprovers: z.array(Approver).max(20).meta({ description: 'Any of these: this group or that one.' }),
  escalationApprovers: z.array(Approver).max(20).default([]).meta({
    description: 'Asked besides the others when nobody has decided after escalationTimeInMinutes.',
  }),
  fallbackPrimaryApprovers: z.array(Approver).max(10).nullish().meta({
    description: 'Instead of a manager who cannot be asked: there is none, or the account is disabled.',
  }),
  approvalsRequired: z.number().int().min(1).max(10).nullish().meta({
    description: 'Ours: how many different people must approve. Default: one. Any one of them may deny.',
  }),
  isEarlierApproverExcluded: z.boolean().nullish().meta({
    description: 'Ours: whoever approves in another stage does not count here. Default: true.',
  }),
  reminderIntervalInMinutes: minutes(15).nullish().meta({
    description: 'Ours: remind again and again, so many minutes apart. Default: once, halfway.',
  }),
  timeOutAction: z.enum(['Deny', 'Approve']).nullish().meta({
    description: 'Ours: what silence means in the end. Approve is refused for privileged roles.',
  }),
})

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const

const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, { message: 'must be a time such as 08:30' })

/** Hours of a week in a place. `until` before `from` goes over midnight. */
export const WorkingHours = z.strictObject({
  timeZone: z
    .string()
    .max(60)
    .refine(isTimeZone, { message: 'must be a time zone of the IANA database, such as Europe/Berlin' }),
  days: z.array(z.enum(WEEKDAYS)).min(1).max(7),
  from: clock,
  until: clock,
})
export type WorkingHours = z.infer<typeof WorkingHours>

/** Approved at once where all that is named here holds. */
export const AutoApproval = z
  .strictObject({
    description: text(200).refine((words) => words.trim() !== '', {
      message: 'must say in words when it is approved: the requester and the record show it',
    }),
    maximumDuration: Duration.nullish(),
    workingHours: WorkingHours.nullish(),
    onCallGroupId: Guid.nullish().meta({ description: 'The requester is a member now, nested groups too.' }),
    isTicketRequired: z.boolean().nullish().meta({ description: 'With a ticket that passes the check.' }),
  })
  .refine(
    ({ maximumDuration, workingHours, onCallGroupId, isTicketRequired }) =>
      Boolean(maximumDuration || workingHours || onCallGroupId || isTicketRequired),
    { message: 'must name a condition: maximumDuration, workingHours, onCallGroupId or isTicketRequired' },
  )
export type AutoApproval = z.infer<typeof AutoApproval>

export const ApprovalSetting = z.strictObject({
  isApprovalRequired: z.boolean(),
  isApprovalRequiredForExtension: z.boolean().default(false),
  isRequestorJustificationRequired: z.boolean().default(true),
  approvalMode: z.enum(['SingleStage', 'Serial', 'Parallel', 'NoApproval']).default('SingleStage'),
  approvalStages: z.array(ApprovalStage).min(1).max(5),
  autoApproval: z.array(AutoApproval).max(5).nullish().meta({
    description: 'Ours: a request that one of these fits is approved at once, and says so.',
  }),
})
export type ApprovalSetting = z.infer<typeof ApprovalSetting>

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return !/^[+-]/.test(name) // an offset knows no summer
  } catch {
    return false
  }
}
