import { z } from 'zod'
import { Refused } from '../src/api/refused.ts'
import { Impossible, Unavailable } from '../src/ports.ts'

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

type Outcome = { status: number; body?: unknown; error?: z.infer<typeof Problem> }

/**
 * One after the other, so that what the later ones are judged by is what the earlier ones have left. What one is refused for is its
 * own; when something outside is away, the others are tried all the same, and each says so.
 */
export async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const one of all) outcomes.push(await work(one).then((body) => ({ status: 201, body }), outcomeOf))
  return outcomes
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof Refused) {
    const { status, code, message, details, claims } = error
    return {
      status,
      error: {
        code,
        message,
        ...(details.length > 0 && { details: [...details] }),
        ...(claims && { claims }),
      },
    }
  }
  if (error instanceof Unavailable)
    return problem(503, 'ServiceUnavailable', 'Something that is needed for this does not answer. Try again.')
  if (error instanceof Impossible)
    return problem(502, 'BadGateway', 'Something that is needed for this refuses to work.')
  throw error
}

const problem = (status: number, code: string, message: string): Outcome => ({
  status,
  error: { code, message },
})
