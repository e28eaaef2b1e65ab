import { z } from 'zod'
import { Refused } from '../src/api/refused.ts'
import { Impossible, Unavailable } from '../src/ports.ts'

/** Many of the same at once. */
export const Batch = <T extends z.ZodType>(one: T) =>
  z.strictObject({ requests: z.array(one).min(1).max(50) })

const Problem = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.array(z.object({ code: z.string(), target: z.string(), message: z.string() })).optional(),
  }),
})

/** What became of each, in the form of Graph's batches: its status, and what it would have answered by itself. */
export const BatchAnswer = <T extends z.ZodType>(one: T) =>
  z.object({ responses: z.array(z.object({ status: z.number().int(), body: z.union([one, Problem]) })) })

type Outcome = { status: number; body: unknown }

/**
 * One after the other, so that what the later ones are judged by is what the earlier ones have left. What one is refused for is its
 * own; when something outside is away, the others are tried all the same, and each says so.
 */
export async function eachOfBatch<T>(
  all: readonly T[],
  work: (one: T) => Promise<unknown>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const one of all) outcomes.push(await work(one).then((body) => ({ status: 201, body }), outcomeOf))
  return outcomes
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof Refused) {
    const { status, code, message, details } = error
    return { status, body: { error: { code, message, ...(details.length > 0 && { details }) } } }
  }
  if (error instanceof Unavailable)
    return problem(503, 'ServiceUnavailable', 'Something that is needed for this does not answer. Try again.')
  if (error instanceof Impossible)
    return problem(502, 'BadGateway', 'Something that is needed for this refuses to work.')
  throw error
}

const problem = (status: number, code: string, message: string): Outcome => ({
  status,
  body: { error: { code, message } },
})
