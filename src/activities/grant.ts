import { activationDenials, askOf } from '../domain/activation.ts'
import { TOO_LATE_TO_GRANT } from '../domain/next-step.ts'
import { failed, intended, provisioned, type Request } from '../domain/request.ts'
import { earlier } from '../domain/schedule.ts'
import { circumstances } from '../live/circumstances.ts'
import { Impossible, type Ports, type Stored, Unavailable } from '../ports.ts'
import { commit, type Work } from './advance.ts'

/**
 * Gives the access: judge again on what is true now; read what is there; write down that we are about to, and what was
 * there; only then call the tenant; then write down that it is given. So, wherever the process dies, the row says
 * whether something may have been given, and whether what stands there is ours.
 */
export async function grant(ports: Ports, work: Work): Promise<void> {
  const request = work.read.value
  const refusal = tooLate(request, ports.now()) ?? (await refusalNow(ports, request))
  if (refusal) {
    await commit(ports, work, failed(request, refusal, ports.now()))
    return
  }
  try {
    if (request.grant) await giveAgain(ports, work, request.grant.preExisting)
    else await give(ports, work)
  } catch (error) {
    if (!(error instanceof Impossible)) throw error
    await giveUp(ports, work, { code: error.code, message: error.message })
  }
}

async function give(ports: Ports, work: Work): Promise<void> {
  const request = work.read.value
  const [preExisting = null] = await ports.assignments.find(request.principal.id, request)
  const noted = await commit(ports, work, intended(request, preExisting, ports.now()), 'silently')
  if (!noted) return
  if (preExisting) return given(ports, { ...work, read: noted }, preExisting, 'it was there before')

  const added = await ports.assignments.add(request.principal.id, request)
  // A conflict at our first and only attempt: somebody else's, which the look before had not shown yet.
  if (added.outcome === 'exists')
    return given(ports, { ...work, read: noted }, 'unknown', 'it was there before')
  return given(ports, { ...work, read: noted }, added.id)
}

/** An earlier attempt got as far as its intent, perhaps further: what has come there since is of our making. */
async function giveAgain(ports: Ports, work: Work, preExisting: string | null): Promise<void> {
  if (preExisting) return given(ports, work, preExisting, 'it was there before')
  const { principal } = work.read.value
  const [there] = await ports.assignments.find(principal.id, work.read.value)
  if (there) return given(ports, work, there)
  const added = await ports.assignments.add(principal.id, work.read.value)
  if (added.outcome === 'exists')
    throw new Unavailable('The assignment exists, but the directory does not show it yet.')
  return given(ports, work, added.id)
}

async function given(
  ports: Ports,
  work: Work,
  assignmentId: string,
  before?: 'it was there before',
): Promise<void> {
  const { value } = work.read
  if (await commit(ports, work, provisioned(value, assignmentId, before !== undefined, ports.now()))) return
  // Somebody came between. If it is to end, or has ended, this late gift of ours is taken back here and now.
  const latest = await ports.store.findRequest(value.id)
  if (!before && !isWanted(latest)) await ports.assignments.remove(assignmentId)
}

const isWanted = (latest: Stored<Request> | undefined) =>
  latest?.value.status === 'PendingProvisioning' || latest?.value.status === 'Provisioned'

/** Refused for good. What may have been given by an attempt before this one is taken away first. */
async function giveUp(
  ports: Ports,
  { read, turn }: Work,
  failure: { code: string; message: string },
): Promise<void> {
  const latest = await ports.store.findRequest(read.value.id)
  if (!latest || !isBeingGiven(latest.value)) return
  await commit(ports, { read: latest, turn }, failed(latest.value, failure, ports.now()))
}

const isBeingGiven = ({ status }: Request) => status === 'Granted' || status === 'PendingProvisioning'

function tooLate({ endsAt }: Request, now: Date): { code: string; message: string } | undefined {
  if (now.getTime() <= Date.parse(endsAt as string) - TOO_LATE_TO_GRANT) return undefined
  return {
    code: 'ProvisioningTimedOut',
    message: 'It could not be provisioned before its time was nearly over.',
  }
}

/** The same decision as for the request, on what is true now; measured from the start that was granted. */
async function refusalNow(
  ports: Ports,
  request: Request,
): Promise<{ code: string; message: string } | undefined> {
  const { eligibilities } = await ports.store.readLive(request.principal.id)
  const ask = askOf(request)
  const c = await circumstances(ports, request.principal.id, ask, eligibilities, request.proof)
  // The moment that passed since must not make the shortest activation too short.
  const denials = activationDenials(ask, { ...c, now: earlier(c.now, new Date(request.startsAt as string)) })
  if (denials.length === 0) return undefined
  return {
    code: 'RoleAssignmentRequestPolicyValidationFailed',
    message: denials.map(({ rule, message }) => `${rule}: ${message}`).join(' '),
  }
}
