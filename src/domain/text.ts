import { z } from 'zod'

/**
 * Text that a person wrote and others will read, in mails, pages and the trail: lines and tabs, but no other control
 * characters and no halves of a character.
 */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((given) => !/(?![\t\r\n])\p{Cc}|\p{Cs}/u.test(given), {
      message: 'must be text, without control characters',
    })
