import { nextStep } from '../domain/next-step.ts'
import { listedAtRest, type OpenWork, UNLISTED, verifyDue } from '../domain/open-work.ts'
import { INTERIM } from '../domain/person.ts'
import { event, isOpen, type Request } from '../domain/request.ts'
import { tellIfUntold } from '../live/change.ts'
import type { Ports, Workflows } from '../ports.ts'
import { advance } from './advance.ts'
import { verifyGone } from './remove.ts'

export type Swept = { looked: number; mended: number; failed: number }

/**
 * Looks at everything that should have been dealt with by now, and does whatever has not been: needs no workflow to be
 * alive. Costs what is due. Two at once, or one in the middle of a workflow's step, do no harm.
 */
export async function sweep(ports: Ports, workflows: Workflows): Promise<Swept> {
  const swept: Swept = { looked: 0, mended: 0, failed: 0 }
  const until = ports.now()
  for (let page = 0; page < MOST_PAGES; page++) {
    const due = await ports.views.due(until, PAGE)
    const outcomes = await Promise.all(
      due.map(async (row) => {
        try {
          return (await lookAt(ports, workflows, row.subjectId, row)) ? 'mended' : 'looked'
        } catch (error) {
          // It stays on the list, so the next sweep tries again; one that fails must not keep the others waiting.
          ports.log.error('The sweep could not finish with this one yet.', {
            subjectId: row.subjectId,
            error: `${error}`,
          })
          return 'failed'
        }
      }),
    )
    swept.looked += outcomes.length
    swept.mended += outcomes.filter((outcome) => outcome === 'mended').length
    swept.failed += outcomes.filter((outcome) => outcome === 'failed').length
    if (due.length < PAGE || outcomes.includes('failed')) break
  }
  return swept
}

const PAGE = 50
const MOST_PAGES = 40

/** True when something had to be done that others should have done. */
async function lookAt(ports: Ports, workflows: Workflows, id: string, listed: OpenWork): Promise<boolean> {
  if (!id.startsWith('req-')) return mendRecords(ports, id, listed)
  const read = await ports.store.findRequest(id)
  if (!read) {
    await ports.views.list(id, UNLISTED, listed) // listed for a change that was never made
    return false
  }
  const told = await tellIfUntold(ports, read.value)
  const mended = isOpen(read.value)
    ? await mendOpen(ports, workflows, read.value)
    : await verifyOver(ports, read.value)
  const latest = await ports.store.findRequest(id)
  if (latest && !isOpen(latest.value)) await ports.store.tidyRequest(id)
  await ports.views.list(id, latest ? listedAtRest(latest.value, ports.now()) : UNLISTED, listed)
  return told || mended
}

/** Does what is due, and makes sure that a workflow lives and knows of it. */
async function mendOpen(ports: Ports, workflows: Workflows, request: Request): Promise<boolean> {
  const { id: requestId, turn } = request
  const next = nextStep(request, ports.now())
  if (next.do !== 'wait') await advance(ports, { requestId, turn })
  const until = next.do === 'wait' ? next.until.toISOString() : ports.now().toISOString()
  await workflows.start({ requestId, turn, until })
  await workflows.announce(requestId, turn)
  return next.do !== 'wait'
}

async function verifyOver(ports: Ports, request: Request): Promise<boolean> {
  const verifyAt = verifyDue(request)
  if (!verifyAt || verifyAt > ports.now()) return false
  const cameBack = await verifyGone(ports, request)
  if (cameBack) {
    ports.log.error('An assignment had come back after its end, and was removed again.', {
      requestId: request.id,
    })
    const at = ports.now().toISOString()
    const record = event(
      request,
      `verified-${at}`,
      'Remove member from role verified (PIM activation)',
      INTERIM,
      at,
      {
        reason: 'A late answer of the directory had given it again.',
      },
    )
    const read = await ports.store.findRequest(request.id)
    if (read) await ports.store.writeRequest(read, { request: read.value, events: [record] })
    await ports.outbox.send({ kind: null, request, events: [record] })
  }
  return cameBack
}

/** An eligibility or a change of settings: its lists and the index agree with the truth again. */
async function mendRecords({ store, views }: Ports, id: string, listed: OpenWork): Promise<boolean> {
  const events = await store.eventsOf(id)
  await views.indexEvents(events)
  const eligibility = id.startsWith('elig-') ? await store.findEligibility(id) : undefined
  if (eligibility) await views.listEligibility(eligibility)
  else if (id.startsWith('elig-')) await views.unlistEligibility(id, events.at(-1)?.role)
  await views.list(id, UNLISTED, listed)
  return false
}
