import { z } from 'zod'
import type { Outcome } from '../src/api/each.ts'
import type { Refused } from '../src/api/refused.ts'

/** Many of the same at once. */
export const Bulk = <T extends z.ZodType>(one: T) => z.strictObject({ requests: z.array(one).min(1).max(50) })

const Problem = z.object({
  code: z.string(),
  message: z.string(),
  details: z.array(z.object({ code: z.string(), target: z.string(), message: z.string() })).optional(),
  claims: z.string().optional().meta({ description: 'What a token must carry, as JSON.' }),
})

/** What became of each, its status, and what it would have answered by itself. */
export const BulkAnswer = <T extends z.ZodType>(one: T) =>
  z.object({
    responses: z.array(
      z.object({ status: z.number().int(), body: one.optional(), error: Problem.optional() }),
    ),
  })

/** Each outcome with the status that it would have had alone. */
export const bulkAnswer = (outcomes: readonly Outcome<unknown>[]) => ({
  responses: outcomes.map((outcome) =>
    'done' in outcome
      ? { status: 201, body: outcome.done }
      : { status: outcome.refused.status, error: problemOf(outcome.refused) },
  ),
})

const problemOf = ({ code, message, details, claims }: Refused): z.infer<typeof Problem> => ({
  code,
  message,
  ...(details.length > 0 && { details: [...details] }),
  ...(claims && { claims }),
})
