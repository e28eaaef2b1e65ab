import type { AuditEvent } from '../domain/audit.ts'
import { type Eligibility, isNotOver } from '../domain/eligibility.ts'
import { nextLook } from '../domain/eligibility-life.ts'
import { warned } from '../domain/eligibility-steps.ts'
import { endsAtKey } from '../domain/open-work.ts'
import { HOUR, plus } from '../domain/schedule.ts'
import { announce } from '../live/eligibility-change.ts'
import type { DueRow, Ports, Stored } from '../ports.ts'
import { unlistIfOld } from './unlist.ts'

/**
 * What the sweep does with an eligibility that is due: it warns of the end when that comes near, each time once; tells what a
 * dead process has told nobody; sees to it that the lists and the index agree with the truth; and is back when the next is due.
 * True when there was something to do.
 *
 * A warning is written into the row together with its event. An event that is in the index has been through the outbox: one that
 * is not, was told to nobody. So none is lost between writing and telling, and none is written twice.
 */
export async function mendEligibility(ports: Ports, listed: DueRow): Promise<boolean> {
  const { store, views } = ports
  const id = listed.subjectId
  const read = await store.findEligibility(id)
  const latest = read && (await doWhatIsDue(ports, read))
  if (latest === 'changed meanwhile') return false // it stays on the list, and the next sweep looks again
  const events = await store.eventsOf(id)
  if (events.length === 0 && !latest) {
    await unlistIfOld(ports, listed) // listed for one that was never made, or is just being made
    return false
  }
  const told = await views.indexed(events)
  const untold = events.filter((event) => !told.has(event.id))
  if (latest) {
    await views.listEligibility(latest)
    await announce(ports, latest, untold)
  } else {
    await views.unlistEligibility(id, events.at(-1)?.role)
    const gone = untold.length > 0 ? await store.findGoneEligibility(id) : undefined
    if (gone) await announce(ports, gone, untold)
    else await views.indexEvents(untold)
  }
  const ends = endsOf(ports, latest)
  await views.list(
    id,
    { awaiting: ends, due: latest ? dueOf(ports, latest) : null },
    { due: listed.due, awaiting: [...new Set([...listed.awaiting, ...endsBefore(ports, events)])] },
  )
  return untold.length > 0
}

/** As it is then; undefined when it has been over for so long that it is forgotten. */
async function doWhatIsDue(
  { store, now }: Ports,
  read: Stored<Eligibility>,
): Promise<Eligibility | undefined | 'changed meanwhile'> {
  const { value } = read
  const look = nextLook(value, now())
  if (look.do === 'warn') {
    const step = warned(value, look.warning, now())
    return (await store.changeEligibility(read, step)) ? step.eligibility : 'changed meanwhile'
  }
  if (look.do !== 'forget') return value
  const isForgotten = await store.changeEligibility(read, { eligibility: value, events: [], isGone: true })
  return isForgotten ? undefined : 'changed meanwhile'
}

/** On the list of what ends, by its end. */
function endsOf({ now }: Ports, latest: Eligibility | undefined): string[] {
  if (!latest?.endDateTime || !isNotOver(latest, now())) return []
  return [endsAtKey(latest, latest.endDateTime)]
}

/** Where it stood on that list until it was just moved or removed. What was moved before that has been seen to. */
function endsBefore({ now }: Ports, events: readonly AuditEvent[]): string[] {
  const last = events.findLast(({ activityDateTime }) => new Date(activityDateTime) > plus(now(), -HOUR))
  if (!last) return []
  const ends = last.additionalDetails.filter(({ key }) => /^(previousExpiration|expiration)$/.test(key))
  return ends.flatMap(({ value }) => (value === 'never' ? [] : [endsAtKey(last.role, value)]))
}

function dueOf({ now }: Ports, eligibility: Eligibility): string | null {
  const look = nextLook(eligibility, now())
  if (look.do === 'wait') return look.until.toISOString()
  return look.do === 'nothing' ? null : now().toISOString()
}
