import { type NextStep, nextStep } from '../domain/next-step.ts'
import { listedWhileChanging } from '../domain/open-work.ts'
import { type Request, reminded, timedOut } from '../domain/request.ts'
import { leaveToTheSweep, tellIfUntold } from '../live/change.ts'
import type { Ports } from '../ports.ts'
import { commit, type Work } from './commit.ts'
import { grant } from './grant.ts'
import { remove } from './remove.ts'

export type Seen = { requestId: string; turn: number; until: string | null; status: string }

/**
 * Does what a request needs at this instant, and again until there is nothing to do but wait. Writes `turn`, the number
 * of the wait that follows, under the same lock as everything else: so a change made meanwhile is either seen here or
 * announced to that wait.
 *
 * Run by the workflow, and by the sweep when a workflow is gone; by both at once too, or by one a second time much
 * later: each step looks at the row it changes. Throws `Unavailable` when something outside is away.
 */
export async function advance(
  ports: Ports,
  { requestId, turn }: Pick<Seen, 'requestId' | 'turn'>,
): Promise<Seen> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const read = await ports.store.findRequest(requestId)
    if (!read) return { requestId, turn, until: null, status: 'NotFound' }
    if (look === 0 && ranBefore(read.value, turn))
      await leaveToTheSweep(ports, read.value, () => tellIfUntold(ports, read.value))

    const next = nextStep(read.value, ports.now())
    if (next.do === 'nothing') return { requestId, turn, until: null, status: read.value.status }
    if (next.do === 'wait') {
      const noted =
        read.value.turn >= turn ||
        (await commit(ports, { read, turn }, { request: read.value, events: [] }, 'silently'))
      if (noted) return { requestId, turn, until: next.until.toISOString(), status: read.value.status }
    } else await STEPS[next.do](ports, { read, turn })
  }
  throw new Error(`Request ${requestId} does not come to rest.`)
}

/** Others change a request too, but not without end. */
const MOST_LOOKS = 50

const STEPS: Record<
  Exclude<NextStep['do'], 'wait' | 'nothing'>,
  (ports: Ports, work: Work) => Promise<unknown>
> = {
  remind: (ports, work) => commit(ports, work, reminded(work.read.value, ports.now())),
  timeOut: async (ports, work) => {
    const step = timedOut(work.read.value, ports.now())
    const listed = listedWhileChanging(work.read.value, step.request, ports.now())
    await ports.views.list(step.request.id, listed, step.request.listed)
    return commit(ports, work, step)
  },
  grant,
  remove,
}

/** An earlier run of this very activity got as far as writing its turn; it may have died before it told. */
const ranBefore = (request: Request, turn: number) => request.turn >= turn
