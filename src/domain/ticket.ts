import { z } from 'zod'
import { text } from './text.ts'

/** Where the work is asked for: kept, shown, and compared with what the role's settings say tickets look like. */
export const TicketInfo = z.strictObject({
  ticketNumber: text(100).nullish(),
  ticketSystem: text(100).nullish(),
})

/**
 * What the number of a ticket must look like from its first character to its last. Only what a machine can read in one go: no
 * repetition of what repeats, no looking ahead or back, so that no ticket keeps a process busy.
 */
export const TicketPattern = z
  .string()
  .min(1)
  .max(200)
  .superRefine((pattern, context) => {
    const fault = patternFault(pattern)
    if (fault) context.addIssue({ code: 'custom', message: fault })
  })

function patternFault(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u')
  } catch {
    return 'must be a regular expression such as INC\\d{4,8}'
  }
  const bare = pattern.replace(/\\./g, '_').replace(/\[[^\]]*\]/g, '_')
  if (/\(\?[=!<]/.test(bare)) return 'must not look ahead or back'
  if (/\\[1-9k]/.test(pattern)) return 'must not refer back to a group'
  if (/\)[*+{]/.test(bare)) return 'must not repeat a group'
  if ((bare.match(/[*+]|\{\d+,\}/g) ?? []).length > 3) return 'must not have more than three open repetitions'
  if (ways(bare) > MOST_WAYS)
    return 'must not leave so much open: fewer repetitions, options and alternatives'
  return undefined
}

/** As many as three open repetitions have; each is tried, at worst, before a number is refused. */
const MOST_WAYS = 101 ** 3

/** In how many ways a number, which has a hundred characters at most, may be divided among the parts of a pattern. */
function ways(pattern: string): number {
  let rest = pattern.replaceAll('(?:', '(')
  let count = 1
  const repetitions = rest.matchAll(/[*+?]|\{(\d+)(,?)(\d*)\}/g)
  for (const [sign, from = '0', isRange, to] of repetitions)
    if (sign === '?') count *= 2
    else if (!sign.startsWith('{')) count *= 101
    else if (isRange) count *= Math.min((to ? Number(to) : 100) - Number(from), 100) + 1
  for (let before = ''; rest !== before; ) {
    before = rest
    rest = rest.replace(/\(([^()]*)\)/g, (_, inside: string) => {
      count *= inside.split('|').length
      return '_'
    })
  }
  return count * rest.split('|').length
}

/** Does the number look as the settings say? */
export const fitsPattern = (ticketNumber: string, pattern: string) =>
  new RegExp(`^(?:${pattern})$`, 'u').test(ticketNumber.trim())
