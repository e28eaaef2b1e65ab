import type { AuditEvent } from '../domain/audit.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import { eligibilityNoticesOf } from '../domain/notice.ts'
import type { EligibilityChange, Ports, Stored } from '../ports.ts'
import { listForSweep } from './list-for-sweep.ts'

/**
 * How people change an eligibility: first the list of what is due, then the truth, then the lists and the outbox. False, and
 * nothing changed, when somebody came between.
 */
export async function changeEligibility(
  ports: Ports,
  read: Stored<Eligibility>,
  change: EligibilityChange,
  judge?: (others: readonly Eligibility[]) => void,
): Promise<boolean> {
  await listForSweep(ports, read.value.id)
  if (!(await ports.store.changeEligibility(read, change, judge))) return false
  await tellEligibility(ports, change.eligibility, change.events, change.isGone)
  return true
}

/** The change is made, whatever happens now: what could not be told or listed is left to the sweep. */
export async function tellEligibility(
  ports: Ports,
  eligibility: Eligibility,
  events: readonly AuditEvent[],
  isGone = false,
): Promise<void> {
  try {
    const { views } = ports
    if (isGone) await views.unlistEligibility(eligibility.id, eligibility)
    else await views.listEligibility(eligibility)
    await announce(ports, eligibility, events)
  } catch (error) {
    ports.log.warn('A change of an eligibility could not be told yet; the sweep will tell it.', {
      eligibilityId: eligibility.id,
      error: `${error}`,
    })
  }
}

/** Into the outbox, or where nobody gets a mail straight into the index, which shows that there is nothing left to tell. */
export async function announce(
  { outbox, views }: Ports,
  eligibility: Eligibility,
  events: readonly AuditEvent[],
): Promise<void> {
  const kinds = eligibilityNoticesOf(eligibility, events)
  if (kinds.length > 0) await outbox.send({ kinds, eligibility, events: [...events] })
  else if (events.length > 0) await views.indexEvents(events)
}
