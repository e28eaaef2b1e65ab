import { z } from 'zod'
import type { Outcome } from '../src/api/each.ts'
import type { Refused } from '../src/api/refused.ts'

/** One of many, by the name of its shape in the document. It is checked when its turn comes: one that is wrong stops no other. */
const unchecked = (shape: string) => z.unknown().meta({ override: { $ref: `#/components/schemas/${shape}` } })

/** Many of the same at once. */
export const Bulk = (shape: string, most: number) =>
  z.strictObject({ requests: z.array(unchecked(shape)).min(1).max(most) })

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

/** Each outcome with the status that it would have had alone; `status`: of one that is done. */
export const bulkAnswer = (outcomes: readonly Outcome<unknown>[], status: number) => ({
  responses: outcomes.map((outcome) =>
    'done' in outcome
      ? { status, body: outcome.done }
      : { status: outcome.refused.status, error: problemOf(outcome.refused) },
  ),
})

const problemOf = ({ code, message, details, claims }: Refused): z.infer<typeof Problem> => ({
  code,
  message,
  ...(details.length > 0 && { details: [...details] }),
  ...(claims && { claims }),
})
