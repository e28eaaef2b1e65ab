import type { Ports } from '../ports.ts'
import { asRefused, away, type Refused } from './refused.ts'

export type Outcome<T> = { done: T } | { refused: Refused }

/**
 * One after the other, so that what the later ones are judged by is what the earlier ones have left. What one is refused for is
 * its own, an outage too: whatever happens on the way, whoever asked hears what became of each. What there is no time left for is
 * not tried, and says so; to repeat it all is safe.
 */
export async function eachByItself<I, T>(
  ports: Pick<Ports, 'log' | 'now'>,
  items: readonly I[],
  work: (item: I) => Promise<T>,
): Promise<Outcome<T>[]> {
  const began = ports.now().getTime()
  const outcomes: Outcome<T>[] = []
  for (const item of items) {
    if (ports.now().getTime() - began > PATIENCE) outcomes.push({ refused: away() })
    else
      outcomes.push(
        await work(item).then(
          (done) => ({ done }),
          (error) => ({ refused: asRefused(ports, error) }),
        ),
      )
  }
  return outcomes
}

/** Whatever is in front of us gives up an answer after less than four minutes. */
const PATIENCE = 120_000
