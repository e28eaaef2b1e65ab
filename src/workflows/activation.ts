import { MINUTE, plus } from '../domain/schedule.ts'
import type { Durable, Step } from './durable.ts'

/** What the workflow knows of its request: which wait comes next, and until when. `until` null: it is over. */
export type Progress = { requestId: string; turn: number; until: string | null; status?: string }

/**
 * From an opened request to the end of the access that it led to: sleep until something is due or somebody has changed
 * the request, then do what the request needs, and so on until it is over. What it needs is decided by `nextStep`
 * on the row; so a change is seen by that look or names the wait after it, and none is lost.
 */
export function* activation(d: Durable, opened: Progress): Step<Progress> {
  let seen = opened
  while (seen.until !== null && seen.turn < MOST_TURNS) {
    yield* d.changed(seen.turn, new Date(seen.until))
    seen = yield* advance(d, seen)
  }
  return seen
}

/** However long the tenant or the storage is away: a minute, and once more. */
function* advance(d: Durable, { requestId, turn }: Progress): Step<Progress> {
  for (let attempt = 0; ; attempt++) {
    try {
      return yield* d.run('advanceRequest', { requestId, turn: turn + 1 })
    } catch (error) {
      if (attempt >= MOST_ATTEMPTS) throw error
      yield* d.sleep(plus(d.now, MINUTE))
    }
  }
}

/** A history must not grow for ever. What is still open then, the sweep goes on with: it needs no workflow. */
const MOST_TURNS = 200
const MOST_ATTEMPTS = 60
