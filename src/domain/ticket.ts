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
  return undefined
}

/** Does the number look as the settings say? */
export const fitsPattern = (ticketNumber: string, pattern: string) =>
  new RegExp(`^(?:${pattern})$`, 'u').test(ticketNumber.trim())
