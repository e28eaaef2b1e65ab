import { activationDenials, askOf, stillApproved } from '../domain/activation.ts'
import { assignmentName } from '../domain/ids.ts'
import { TOO_LATE_TO_GRANT } from '../domain/next-step.ts'
import { UNLISTED } from '../domain/open-work.ts'
import type { Request } from '../domain/request.ts'
import { attempted, failed, intended, outcomeUnknown, provisioned } from '../domain/request-steps.ts'
import { sameRole } from '../domain/role.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import { circumstances } from '../live/circumstances.ts'
import { madeFor, providerOf } from '../live/providers.ts'
import { Impossible, type Ports, type Stored, Unavailable } from '../ports.ts'
import { commit, type Work } from './commit.ts'

type Written = Stored<Request> | undefined
type Reason = { code: string; message: string }

/**
 * Gives the access. What must hold, wherever a process dies and whoever else is at it:
 *
 * G1 Nothing is called before the row says that we are about to, what was there, and whose attempt it is. Whoever calls
 *    owns the row by its latest write; a second run that takes over changes the lock of the first.
 * G2 A conflict means “somebody else's” only at the first attempt, and only if nobody took the row over meanwhile.
 * G3 After an attempt without an answer, what is there is ours unless its name tells otherwise, and stays suspected until
 *    the end was verified.
 * G4 Nothing is called when so little time is left that a late answer could outlive the end.
 */
export async function grant(ports: Ports, work: Work): Promise<Written> {
  const request = work.read.value
  const refusal = tooLate(request, ports.now()) ?? (await refusalNow(ports, work))
  if (refusal) return commit(ports, work, failed(request, refusal, ports.now()))
  try {
    return await (request.grant ? giveAgain(ports, work, request.grant.preExisting) : give(ports, work))
  } catch (error) {
    if (!(error instanceof Impossible)) throw error
    return giveUp(ports, work, { code: error.code, message: error.message })
  }
}

async function give(ports: Ports, work: Work): Promise<Written> {
  const request = work.read.value
  const [preExisting = null] = await providerOf(ports, request).find(request.principal.id, request)
  if (preExisting) await refuseOwnGhost(ports, request)
  const read = await commit(
    ports,
    work,
    intended(request, preExisting, ports.random(), ports.now()),
    'silently',
  )
  if (!read) return undefined
  if (preExisting) return given(ports, { ...work, read }, preExisting, 'it was there before')
  const added = await add(ports, read.value)
  if (added.outcome === 'added') return given(ports, { ...work, read }, added.id)
  return given(ports, { ...work, read }, 'unknown', 'it was there before') // G2: only if the row is still ours
}

/** An earlier attempt got as far as its intent, perhaps further: what has come there since is of our making. */
async function giveAgain(ports: Ports, work: Work, preExisting: string | null): Promise<Written> {
  if (preExisting) return given(ports, work, preExisting, 'it was there before')
  const read = await commit(ports, work, attempted(work.read.value, ports.random(), ports.now()), 'silently')
  if (!read) return undefined
  const provider = providerOf(ports, read.value)
  const found = await provider.find(read.value.principal.id, read.value)
  const [ours] = madeFor(provider, read.value, found)
  if (ours) return given(ports, { ...work, read }, ours)
  const added = await add(ports, read.value)
  if (added.outcome === 'exists' && provider.isNamed)
    return given(ports, { ...work, read }, found[0] ?? 'unknown', 'it was there before') // G3: under another name than ours
  if (added.outcome === 'exists')
    throw new Unavailable('The assignment exists, but the directory does not show it yet.')
  return given(ports, { ...work, read }, added.id)
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
  )
}

const STALE_ATTEMPT = 20_000

async function given(ports: Ports, work: Work, id: string, before?: 'it was there before'): Promise<Written> {
  const { value } = work.read
  const written = await commit(ports, work, provisioned(value, id, before !== undefined, ports.now()))
  if (!written && !before) await takeBackUnlessWanted(ports, value, id)
  return written
}

/** Somebody came between. If it has ended or is to end, this late gift of ours is taken back, by the sweep if not here. */
async function takeBackUnlessWanted(ports: Ports, value: Request, assignmentId: string): Promise<void> {
  const { id } = value
  const latest = await ports.store.findRequest(id)
  if (!latest || isBeingGiven(latest.value) || latest.value.status === 'Provisioned') return
  await ports.store.writeRequest(latest, { request: outcomeUnknown(latest.value), events: [] })
  const due = plus(ports.now(), MINUTE).toISOString()
  await ports.views.list(id, { ...UNLISTED, due }, UNLISTED)
  await providerOf(ports, value).remove(assignmentId)
}

/**
 * What is there may be our own of a moment ago, on its way out, or come back by a late answer: then it is nobody else's to
 * respect, and waiting tells.
 */
async function refuseOwnGhost(ports: Ports, request: Request): Promise<void> {
  const { items } = await ports.store.listPastRequests(request.principal.id, { top: 10, after: null })
  const recently = plus(ports.now(), -10 * MINUTE).toISOString()
  const ours = items.some(
    (past) =>
      sameRole(past, request) &&
      past.grant?.preExisting === null &&
      (past.completedDateTime ?? '') > recently,
  )
  if (ours)
    throw new Unavailable('The directory still shows the assignment of an activation that has just ended.')
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

function tooLate({ endsAt }: Request, now: Date): Reason | undefined {
  if (now.getTime() <= Date.parse(endsAt as string) - TOO_LATE_TO_GRANT) return undefined
  return {
    code: 'ProvisioningTimedOut',
    message: 'It could not be provisioned before its time was nearly over.',
  }
}

/** The same decision as for the request, on what is true now; measured from the start that was granted. */
async function refusalNow(ports: Ports, { read, eligibilities }: Work): Promise<Reason | undefined> {
  const request = read.value
  const ask = askOf(request)
  const c = await circumstances(ports, request.principal.id, ask, eligibilities, request.proof, request)
  const denials = [...activationDenials(ask, { ...c, atStart: true }), ...stillApproved(request, c.demands)]
  if (denials.length === 0) return undefined
  return {
    code: 'RoleAssignmentRequestPolicyValidationFailed',
    message: denials.map(({ rule, message }) => `${rule}: ${message}`).join(' '),
  }
}
