import { endedEarly, extensionsAmong } from '../domain/early-end.ts'
import { type NextStep, nextStep } from '../domain/next-step.ts'
import { comesIn } from '../domain/overlaps.ts'
import type { Request } from '../domain/request.ts'
import { changeUnannounced, leaveToTheSweep, tellIfUntold } from '../live/change.ts'
import { type Seen as Look, look, recalled } from '../live/look.ts'
import type { Ports, Stored } from '../ports.ts'
import { escalate, remind, timeOut } from './ask.ts'
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
  let seen: Known = known((await recalled(ports, requestId)) ?? (await look(ports, requestId)))
  if (seen.read && ranBefore(seen.read.value, turn)) await tellWhatNobodyHeard(ports, seen.read.value)
  for (let step = 0; step < MOST_STEPS; step++) {
    const { read, eligibilities, others } = seen
    if (!read) return { requestId, turn, until: null, status: 'NotFound' }
    const { status } = read.value
    const next = nextStep(read.value, ports.now())
    if (next.do === 'nothing') return { requestId, turn, until: null, status }
    if (next.do === 'wait' && (await noteTurn(ports, read, turn)))
      return { requestId, turn, until: next.until.toISOString(), status }
    const written =
      next.do === 'wait' ? undefined : await STEPS[next.do](ports, { read, eligibilities, turn, others })
    // What was just written need not be read.
    seen = written ? { read: written, eligibilities, others: undefined } : known(await look(ports, requestId))
  }
  throw new Error(`Request ${requestId} does not come to rest.`)
}

type Known = Pick<Work, 'eligibilities' | 'others'> & { read: Stored<Request> | undefined }

const known = ({ read, eligibilities, others, at }: Look): Known => ({
  read,
  eligibilities,
  others: { seen: others, at },
})

/** One that starts as this one ends comes in first, so that the assignment goes from hand to hand. True when one has come in. */
async function lettingIn(ports: Ports, others: readonly Stored<Request>[]): Promise<boolean> {
  let came = false
  for (const { value } of others)
    if (comesIn(value, ports.now()))
      came = (await goesOn(ports, value, 'The one that follows could not come in yet.')) || came
  return came
}

/**
 * What extends one that somebody ends early ends with it, also what came between their look and their write. Whoever asks for an
 * extension from then on is refused, so this look, after that write, sees all of them. True when there was one: then look again.
 */
async function endingExtensions(
  ports: Ports,
  request: Request,
  others: readonly Stored<Request>[],
): Promise<boolean> {
  const { ending } = request
  if (ending?.because !== 'deactivated') return false
  const extending = extensionsAmong(request, others)
  for (const read of extending) {
    const step = endedEarly(read.value, ending.by, ports.now(), 'What it extends was ended before its time.')
    if (await changeUnannounced(ports, read, step))
      await goesOn(ports, step.request, 'What extends one that was ended could not be taken away yet.')
  }
  return extending.length > 0
}

/** Another that has to take its next step first. What hinders it is tried again by its own workflow, or by the sweep. */
async function goesOn(ports: Ports, { id, turn }: Request, failing: string): Promise<boolean> {
  try {
    await advance(ports, { requestId: id, turn })
    return true
  } catch (error) {
    ports.log.warn(failing, { requestId: id, error: `${error}` })
    return false
  }
}

/** Writes down which wait follows, unless it stands there already. Undefined when somebody came between. */
async function noteTurn(
  ports: Ports,
  read: Stored<Request>,
  turn: number,
): Promise<Stored<Request> | undefined> {
  if (read.value.turn >= turn) return read
  return commit(ports, { read, turn }, { request: read.value, events: [] }, 'silently')
}

const tellWhatNobodyHeard = (ports: Ports, request: Request) =>
  leaveToTheSweep(ports, request, () => tellIfUntold(ports, request))

/** Others change a request too, but not without end. */
const MOST_STEPS = 50

const STEPS: Record<
  Exclude<NextStep['do'], 'wait' | 'nothing'>,
  (ports: Ports, work: Work) => Promise<Stored<Request> | undefined>
> = {
  remind,
  escalate,
  timeOut,
  grant,
  remove: async (ports, work) => {
    const others = work.others?.seen ?? []
    if (await endingExtensions(ports, work.read.value, others)) return undefined
    return (await lettingIn(ports, others)) ? undefined : remove(ports, work)
  },
}

/** An earlier run of this very activity got as far as writing its turn; it may have died before it told. */
const ranBefore = (request: Request, turn: number) => request.turn >= turn
