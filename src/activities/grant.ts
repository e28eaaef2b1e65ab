import { assignmentName } from '../domain/ids.ts'
import { UNLISTED } from '../domain/open-work.ts'
import { A_LOOK_IS_GOOD_FOR, claimOn, coverAmong, mustWaitFor } from '../domain/overlaps.ts'
import { isOurs, mayHold, type Request } from '../domain/request.ts'
import { attempted, failed, intended, outcomeUnknown, provisioned } from '../domain/request-steps.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import { begunLook } from '../live/begun-look.ts'
import { look, othersNow } from '../live/look.ts'
import { madeFor, providerOf } from '../live/providers.ts'
import { Impossible, type Ports, type Stored, Unavailable } from '../ports.ts'
import { commit, type Work } from './commit.ts'
import { otherCondition, type Reason, refusalNow, tooLate } from './refusal-now.ts'
import { handOver, take } from './remove.ts'

type Written = Stored<Request> | undefined

/**
 * Gives the access. What must hold, wherever a process dies and whoever else is at it:
 *
 * G1 Nothing is called before the row says that we are about to, what was there, and whose attempt it is. Whoever calls
 *    owns the row by its latest write; a second run that takes over changes the lock of the first.
 * G2 A conflict means “somebody else's” only at the first attempt, and only if nobody took the row over meanwhile.
 * G3 After an attempt without an answer, what is there is ours unless its name tells otherwise, and stays suspected until
 *    the end was verified.
 * G4 Nothing is called when so little time is left that a late answer could outlive the end.
 * G5 Where others of the role are open, they are looked at after G1: one that is being taken away is waited for.
 */
export async function grant(ports: Ports, work: Work): Promise<Written> {
  const request = work.read.value
  const late = tooLate(request, ports.now())
  const begun = late || request.grant ? undefined : begunLook(ports, request)
  const refusal = late ?? (await refusalNow(ports, work)) ?? (await otherCondition(ports, work))
  if (refusal) return commit(ports, work, failed(request, refusal, ports.now()))
  try {
    return await (begun ? give(ports, work, await begun()) : giveAgain(ports, work))
  } catch (error) {
    if (!(error instanceof Impossible)) throw error
    return giveUp(ports, work, { code: error.code, message: error.message })
  }
}

async function give(ports: Ports, work: Work, found: readonly string[]): Promise<Written> {
  const request = work.read.value
  const there = found[0] ?? null
  const isShared = there !== null && (await isOfOurs(ports, request, there))
  const refusal = isShared ? await otherCondition(ports, { ...work, others: undefined }) : undefined
  if (refusal) return commit(ports, work, failed(request, refusal, ports.now()))
  const preExisting = isShared ? null : there
  const step = intended(request, preExisting, ports.random(), ports.now(), isShared ? there : null)
  const read = await commit(ports, work, step, 'silently')
  if (!read) return undefined
  if (isShared || !wasAlone(work, ports.now())) await waitForOthers(ports, read.value)
  if (isShared) return given(ports, { ...work, read }, there)
  if (preExisting) return given(ports, { ...work, read }, preExisting, 'it was there before')
  const added = await add(ports, read.value)
  if (added.outcome === 'added') return given(ports, { ...work, read }, added.id)
  if (await anotherIsOurs(ports, read.value))
    throw new Unavailable('Another grant of ours has come first, and the directory does not show it yet.')
  return given(ports, { ...work, read }, 'unknown', 'it was there before') // G2: only if the row is still ours
}

/** An earlier attempt got as far as its intent, perhaps further: what has come there since is of our making. */
async function giveAgain(ports: Ports, work: Work): Promise<Written> {
  const { preExisting = null } = work.read.value.grant ?? {}
  if (preExisting) return given(ports, work, preExisting, 'it was there before')
  const read = await commit(ports, work, attempted(work.read.value, ports.random(), ports.now()), 'silently')
  if (!read) return undefined
  await waitForOthers(ports, read.value)
  const provider = providerOf(ports, read.value)
  const found = await provider.find(read.value.principal.id, read.value)
  const [there] = await oursAmong(ports, read.value, found)
  if (there && !(await hasJustBeenRemoved(ports, read.value))) return given(ports, { ...work, read }, there)
  const added = await add(ports, read.value) // says for certain whether it is there
  if (added.outcome === 'added') return given(ports, { ...work, read }, added.id)
  if (there) return given(ports, { ...work, read }, there)
  if (provider.isNamed && !(await anotherIsOurs(ports, read.value)))
    return given(ports, { ...work, read }, found[0] ?? 'unknown', 'it was there before') // G3: under another name than ours
  throw new Unavailable('The assignment exists, but the directory does not show it yet.')
}

/** What of the found was made by an attempt of this request, or belongs to another of ours that it is shared with. */
async function oursAmong(ports: Ports, request: Request, found: readonly string[]): Promise<string[]> {
  const made = madeFor(providerOf(ports, request), request, found)
  if (made.length > 0 || found.length === 0) return made
  const others = await othersNow(ports, request)
  return found.filter((id) => claimOn(id, others) === 'shared')
}

const anotherIsOurs = async (ports: Ports, request: Request) =>
  (await othersNow(ports, request)).some((other) => mayHold(other) && isOurs(other))

/** The last look, not long ago, has shown no other request of the role: none that has come since shares or takes without seeing this one. */
const wasAlone = ({ others }: Work, now: Date) =>
  others?.seen.length === 0 && now.getTime() - others.at.getTime() < A_LOOK_IS_GOOD_FOR

/** After the intent (G5): who is just being taken away, or may be without having seen us, is waited for. */
async function waitForOthers(ports: Ports, request: Request): Promise<void> {
  const others = await othersNow(ports, request)
  const blocking = mustWaitFor(request, others, ports.now())
  if (blocking) throw new Unavailable(`Request ${blocking.id} of the same role is being taken away.`)
}

/** Not by a process that was asleep since it wrote down its attempt, and not into the last minute (G4). */
async function add(ports: Ports, request: Request) {
  const now = ports.now()
  const since = now.getTime() - Date.parse(request.grant?.attemptedAt ?? '')
  if (since > STALE_ATTEMPT || tooLate(request, now))
    throw new Unavailable('This attempt took too long to begin.')
  return providerOf(ports, request).add(
    { id: request.principal.id, type: request.principalType },
    request,
    assignmentName(request.id),
    request.condition,
  )
}

const STALE_ATTEMPT = 20_000

async function given(ports: Ports, work: Work, id: string, before?: 'it was there before'): Promise<Written> {
  const { value } = work.read
  const written = await commit(ports, work, provisioned(value, id, before !== undefined, ports.now()))
  if (!written && !before) await takeBackUnlessWanted(ports, value, id)
  return written
}

/**
 * Somebody came between. If it has ended or is to end, this late gift of ours is handed to another who has the role, or taken
 * back, by the sweep if not here.
 */
async function takeBackUnlessWanted(ports: Ports, value: Request, assignmentId: string): Promise<void> {
  const { id } = value
  const { read: latest, others } = await look(ports, id)
  if (!latest || isBeingGiven(latest.value) || latest.value.status === 'Provisioned') return
  await ports.store.writeRequest(latest, { request: outcomeUnknown(latest.value), events: [] })
  const due = plus(ports.now(), MINUTE).toISOString()
  await ports.views.list(id, { ...UNLISTED, due }, UNLISTED)
  const cover = coverAmong(value, others, ports.now())
  if (cover) await handOver(ports, withAssignment(value, assignmentId), cover)
  else if (!others.some((other) => mayHold(other.value))) await take(ports, value, assignmentId)
}

const withAssignment = (request: Request, assignmentId: string): Request => ({
  ...request,
  grant: request.grant && { ...request.grant, assignmentId },
})

/**
 * What is there: ours, given for another request that is open; or somebody else's, which we respect. It may also be our own of
 * a moment ago, on its way out, or come back by a late answer: then it is neither, and waiting tells.
 */
async function isOfOurs(ports: Ports, request: Request, there: string): Promise<boolean> {
  const claim = claimOn(there, await othersNow(ports, request))
  if (claim === 'nobody' && (await hasJustBeenRemoved(ports, request)))
    throw new Unavailable('The directory still shows the assignment of an activation that has just ended.')
  return claim === 'shared'
}

/** Kept for each role, so that it is known whatever else the principal has asked for since. */
async function hasJustBeenRemoved({ store, now }: Ports, request: Request): Promise<boolean> {
  const ended = await store.lastEnded(request.principal.id, request)
  return ended !== undefined && ended > plus(now(), -10 * MINUTE).toISOString()
}

/** Refused for good. What may have been given by an attempt before this one is taken away first. */
async function giveUp(ports: Ports, { read, turn }: Work, failure: Reason): Promise<Written> {
  const latest = await ports.store.findRequest(read.value.id)
  if (!latest || !isBeingGiven(latest.value)) return undefined
  return commit(
    ports,
    { read: latest, turn },
    failed(latest.value, failure, ports.now(), 'nothing was given'),
  )
}

const isBeingGiven = ({ status }: Request) => status === 'Granted' || status === 'PendingProvisioning'
