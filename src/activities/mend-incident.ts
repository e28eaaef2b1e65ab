import { UNLISTED } from '../domain/open-work.ts'
import { tellIncident } from '../live/incidents.ts'
import type { DueRow, Ports } from '../ports.ts'
import { unlistIfOld } from './unlist.ts'

/** An incident whose process may have died between writing and telling: what is not in the index was told to nobody. */
export async function mendIncident(ports: Ports, listed: DueRow): Promise<boolean> {
  const { store, views, findings } = ports
  const read = await findings.findIncident(listed.subjectId)
  if (!read) {
    await unlistIfOld(ports, listed) // it was found at the same time as another, or is just being written
    return false
  }
  const events = await store.eventsOf(listed.subjectId)
  const told = await views.indexed(events)
  const untold = events.filter(({ id }) => !told.has(id))
  const isNew = untold.some(({ id }) => id.endsWith('.detected'))
  if (isNew) await tellIncident(ports, { incident: read.value, events: untold })
  else if (untold.length > 0) await views.indexEvents(untold)
  await views.list(listed.subjectId, UNLISTED, listed)
  return untold.length > 0
}
