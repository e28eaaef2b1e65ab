import type { Answer } from '../../local/demo/caller.ts'

/** What everything is tried upon, by whom and for how long. */
export const TARGETS = ['directory', 'azure', 'group member', 'group owner'] as const
export const PRINCIPALS = [
  'user',
  'guest',
  'disabled user',
  'role-assignable group',
  'plain group',
  'service principal',
  'unknown',
  'break-glass account',
] as const
/** In this order, so that of what may be, each ends later than the one before. */
export const WINDOWS = [
  '4 minutes',
  'end in the past',
  'time-bound',
  'starts later',
  'too long',
  'permanent',
] as const
export type Target = (typeof TARGETS)[number]
export type Principal = (typeof PRINCIPALS)[number]
export type Window = (typeof WINDOWS)[number]
export const TYPES = ['eligible', 'active'] as const
export type Type = (typeof TYPES)[number]

const inMinutes = (now: Date, minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString()
const lasting = (duration: string, startDateTime?: string) => ({
  startDateTime,
  expiration: { type: 'afterDuration', duration },
})

/** How the window is asked for: so long by administrators, in days, and by those who activate, in hours. */
export function asked(window: Window, now: Date, unit: 'days' | 'hours'): object {
  const [usual, most, ahead] = unit === 'days' ? ['P20D', 'P400D', 24 * 60] : ['PT2H', 'PT9H', 180]
  switch (window) {
    case '4 minutes':
      return lasting('PT4M')
    case 'end in the past':
      return { expiration: { type: 'afterDateTime', endDateTime: inMinutes(now, -60) } }
    case 'time-bound':
      return lasting(usual)
    case 'starts later':
      return lasting(usual, inMinutes(now, ahead))
    case 'too long':
      return lasting(most)
    case 'permanent':
      return { expiration: { type: 'noExpiration' } }
  }
}

/** In short: the status, Microsoft's code, and of rules that failed which. */
function inShort({ status, body }: Answer): string {
  const { code, details = [] } = body?.error ?? {}
  if (!code) return `${status}`
  if (!code.endsWith('PolicyValidationFailed')) return `${status} ${code}`
  return failing(...details.map((detail: { code: string }) => detail.code))
}

export const failing = (...rules: string[]) =>
  `400 RoleAssignmentRequestPolicyValidationFailed ${[...new Set(rules)].sort().join(' ')}`
export const WRONG_SCHEDULE = '400 InvalidRoleAssignmentRequestSchedule'
export const NOT_THERE = '400 RoleAssignmentDoesNotExist'
export const THERE = '400 RoleAssignmentExists'
export const NOT_PERMITTED = '403 InsufficientPermissions'
export const TOO_SHORT = '400 ActiveDurationTooShort'

/** Why an administrator cannot give this to them, whatever the time (pim-features 1.7 to 1.9, 6.7). */
export function unfit(principal: Principal, target: Target, type: Type): string | undefined {
  const isGroup = principal === 'plain group' || principal === 'role-assignable group'
  if (principal === 'unknown') return '400 SubjectNotFound'
  if (principal === 'service principal' && type === 'eligible') return '400 InvalidRoleAssignmentRequest'
  if (principal === 'plain group' && target === 'directory') return '400 GroupNotAssignableToRole'
  if (isGroup && target === 'group owner') return '400 GroupCannotOwn'
  if (principal === 'break-glass account') return '400 BreakGlassAccount'
  return undefined
}

/** Why it cannot be given for so long. By Microsoft's defaults only directory roles are for good, and for any time (2.2). */
export function ofAdministrators(window: Window, target: Target): string {
  if (window === '4 minutes' || window === 'end in the past') return WRONG_SCHEDULE
  const isTooLong = window === 'too long' || window === 'permanent'
  return isTooLong && target !== 'directory' ? failing('ExpirationRule') : '201'
}

/** What an activation, and an extension that people ask for themselves, is refused for: all of it at once. */
export function ofPeople(window: Window, others: readonly string[] = []): string {
  if (window === 'permanent') return '400 BadRequest' // no activation is for good: there is no such word
  const isWrong = window === '4 minutes' || window === 'end in the past' || window === 'too long'
  const rules = [...others, ...(isWrong ? ['ExpirationRule'] : [])]
  return rules.length > 0 ? failing(...rules) : '201'
}

export type Case = { name: string; is: string; send: () => Promise<Answer> }

/** Tries them, some at a time; those of one list one after the other. Answers what was otherwise than it should be. */
export async function otherwise(cases: readonly (Case | readonly Case[])[], atATime = 12): Promise<string[]> {
  const wrong: string[] = []
  const left = cases.map((each) => [each].flat())
  const work = async () => {
    for (let series = left.shift(); series; series = left.shift())
      for (const { name, is, send } of series) {
        const answer = await send()
        const heard = inShort(answer)
        if (heard !== is)
          wrong.push(`${name}: ${heard}, and not ${is}. ${answer.body?.error?.message ?? ''}`.trim())
      }
  }
  await Promise.all(Array.from({ length: atATime }, work))
  return wrong
}
