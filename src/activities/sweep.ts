import type { AuditEvent } from '../domain/audit.ts'
import { nextStep } from '../domain/next-step.ts'
import { settingsNotice } from '../domain/notice.ts'
import { listedAfterChange, listedAtRest, verifyDue } from '../domain/open-work.ts'
import { type Backlog, backlogOf } from '../domain/pace.ts'
import { INTERIM } from '../domain/person.ts'
import { isAboutSchedule, isOpen, isToBeRemoved, type Request } from '../domain/request.ts'
import { event } from '../domain/request-steps.ts'
import type { Provider } from '../domain/role.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import { AWAITS_SECOND_PERSON, type SettingsChange } from '../domain/settings-change.ts'
import { leaveToTheSweep, tellAgain, untoldOf } from '../live/change.ts'
import type { DueRow, Ports, Workflows } from '../ports.ts'
import { advance } from './advance.ts'
import { type Away, awayNow } from './away.ts'
import { mendBundle } from './mend-bundle.ts'
import { mendEligibility } from './mend-eligibility.ts'
import { mendIncident } from './mend-incident.ts'
import { mendWebhook } from './mend-webhook.ts'
import { verifyGone } from './remove.ts'
import { unlistIfOld } from './unlist.ts'
import { warnOfEnd } from './warn-of-end.ts'

/** `waiting`: how many of those still have what has ended; `throughAt`: when they will have been removed. */
export type Swept = { looked: number; mended: number; failed: number } & Backlog

/**
 * Looks at everything that should have been dealt with by now, and does whatever has not been: needs no workflow to be
 * alive. Costs what is due. Two at once, or one in the middle of a workflow's step, do no harm; one subject that cannot be
 * finished keeps no other waiting, and is looked at again by every sweep.
 */
export async function sweep(ports: Ports, workflows: Workflows): Promise<Swept> {
  const outcomes: Outcome[] = []
  const until = ports.now()
  const away = awayNow(ports.now)
  let last: DueRow | undefined
  for (let page = 0; page < MOST_PAGES && plus(until, PATIENCE) > ports.now(); page++) {
    const due = await ports.views.due(until, PAGE, last)
    outcomes.push(...(await Promise.all(due.map((row) => lookAndLog(ports, workflows, row, away)))))
    last = due.at(-1)
    if (due.length < PAGE) break
  }
  const count = (which: Outcome['did']) => outcomes.filter(({ did }) => did === which).length
  const waitingOf = (provider: Provider) => outcomes.filter(({ waits }) => waits === provider).length
  const waiting = {
    directory: waitingOf('directory'),
    azure: waitingOf('azure'),
    group: waitingOf('group'),
  }
  return {
    looked: outcomes.length,
    mended: count('mended'),
    failed: count('failed'),
    ...backlogOf(waiting, ports.now()),
  }
}

/** `waits`: it should have been removed by now, and is not: whose limits it waits for. */
type Outcome = { did: 'looked' | 'mended' | 'failed'; waits?: Provider | undefined }

const PAGE = 50
const MOST_PAGES = 40
/** The host ends what takes five minutes, and all else in the same process with it. */
const PATIENCE = 3 * MINUTE

async function lookAndLog(ports: Ports, workflows: Workflows, row: DueRow, away: Away): Promise<Outcome> {
  try {
    return await lookAt(ports, workflows, row, away)
  } catch (error) {
    ports.log.error('The sweep could not finish with this one yet.', {
      subjectId: row.subjectId,
      error: `${error}`,
    })
    return { did: 'failed' }
  }
}

async function lookAt(ports: Ports, workflows: Workflows, listed: DueRow, away: Away): Promise<Outcome> {
  const id = listed.subjectId
  if (id.startsWith('req-')) return lookAtRequest(ports, workflows, listed, away)
  const [, mend] = MENDERS.find(([prefix]) => id.startsWith(prefix)) as (typeof MENDERS)[number]
  return { did: (await mend(ports, listed)) ? 'mended' : 'looked' }
}

/** By what their ids begin with; the last is for all that only have records. */
const MENDERS: [prefix: string, mend: (ports: Ports, listed: DueRow) => Promise<boolean>][] = [
  ['elig-', mendEligibility],
  ['inc-', mendIncident],
  ['hook-', mendWebhook],
  ['bund-', mendBundle],
  ['', (ports, listed) => mendRecords(ports, listed)],
]

/** Mended when something had to be done that others should have done. It acts first and tells last: removals wait for no mail. */
async function lookAtRequest(
  ports: Ports,
  workflows: Workflows,
  listed: DueRow,
  away: Away,
): Promise<Outcome> {
  const id = listed.subjectId
  const read = await ports.store.findRequest(id)
  if (!read) {
    await unlistIfOld(ports, listed) // listed for a change that was never made, or is just being made
    return { did: 'looked' }
  }
  const { provider } = read.value
  if (away.is(provider))
    return { did: 'failed', waits: isToBeRemoved(read.value, ports.now()) ? provider : undefined }
  // Before it acts, since what it does now is told as it is done; but that nobody can say keeps nothing from being done.
  const untold = await untoldOf(ports, read.value).catch((error: Error) => error)
  const acted = await away.watching(provider, () =>
    isOpen(read.value) ? mendOpen(ports, workflows, read.value) : verifyOver(ports, read.value),
  )
  if (untold instanceof Error) throw untold // it stays on the list, and the next sweep looks again
  const warnings = acted === false ? await warnOfEnd(ports, read) : []
  const latest = ((acted || warnings.length > 0) && (await ports.store.findRequest(id))?.value) || read.value
  const told = await tellAgain(ports, latest, {
    events: [...untold.events, ...warnings],
    isLatest: untold.isLatest && !acted,
  })
  if (!isOpen(latest)) await ports.store.tidyRequest(id)
  await ports.views.list(
    id,
    acted ? listedAfterChange(latest, ports.now()) : listedAtRest(latest, ports.now()),
    listed,
  )
  const waits = isToBeRemoved(latest, ports.now()) ? latest.provider : undefined
  return { did: told || acted === true ? 'mended' : 'looked', waits }
}

/** Does what is due, and makes sure that a workflow lives and knows of it. */
async function mendOpen(ports: Ports, workflows: Workflows, request: Request): Promise<boolean> {
  const { id: requestId, turn } = request
  const next = nextStep(request, ports.now())
  if (next.do === 'nothing') return false // held for good: no workflow waits for anything
  if (next.do !== 'wait') await advance(ports, { requestId, turn })
  if (isAboutSchedule(request)) return next.do !== 'wait' // nothing of it is precise: it has no workflow
  const until = next.do === 'wait' ? next.until.toISOString() : ports.now().toISOString()
  await workflows.start({ requestId, turn, until })
  // A workflow that has looked since the change knows of it: waking it for nothing costs more than all of this.
  if (next.do !== 'wait' || request.changedIn === turn) await workflows.announce(requestId, turn)
  return next.do !== 'wait'
}

async function verifyOver(ports: Ports, request: Request): Promise<boolean | 'later'> {
  const verifyAt = verifyDue(request)
  if (!verifyAt || verifyAt > ports.now()) return false
  const verified = await verifyGone(ports, request)
  if (verified === 'later') return 'later'
  if (verified === 'came back') await recordReturn(ports, request)
  return verified === 'came back'
}

async function recordReturn(ports: Ports, request: Request): Promise<void> {
  ports.log.error('An assignment had come back after its end, and was removed again.', {
    requestId: request.id,
  })
  const at = ports.now().toISOString()
  const reason = 'A late answer of the directory had given it again.'
  const record = event(
    request,
    `verified-${at}`,
    'Remove member from role verified (PIM activation)',
    INTERIM,
    at,
    { reason },
  )
  const read = await ports.store.findRequest(request.id)
  if (!read || !(await ports.store.writeRequest(read, { request: read.value, events: [record] }))) return
  // At once: the next sweep, which tells what was not, is five minutes away.
  await leaveToTheSweep(ports, request, () => ports.views.indexEvents([record]))
}

/** What a dead process has told nobody: an event that is in the index has been through the outbox. */
async function tellUntold({ views, outbox }: Ports, change: SettingsChange, events: AuditEvent[]) {
  const told = await views.indexed(events)
  const untold = events.filter(({ id }) => !told.has(id))
  if (untold.length > 0) await outbox.send(settingsNotice(change, untold))
}

/** A change of settings: the index agrees with the truth again. */
async function mendRecords(ports: Ports, listed: DueRow): Promise<boolean> {
  const { store, views } = ports
  const id = listed.subjectId
  const events = await store.eventsOf(id)
  const change = id.startsWith('set-') ? await ports.settings.findChange(id) : undefined
  if (change) await tellUntold(ports, change, events)
  else await views.indexEvents(events)
  const awaiting = change?.status === 'Pending' ? [AWAITS_SECOND_PERSON] : []
  if (events.length > 0) await views.list(id, { awaiting, due: null }, listed)
  else await unlistIfOld(ports, listed)
  return false
}
