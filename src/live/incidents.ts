import type { Place } from '../domain/governed.ts'
import { detected, type Incident, type IncidentStep, resolved } from '../domain/incident.ts'
import type { Ports, Stored } from '../ports.ts'
import { listForSweep } from './list-for-sweep.ts'

/** Opens it, unless one stands for its principal and role: only who has opened it tells of it, or the sweep. */
export async function openIncident(ports: Ports, incident: Incident): Promise<boolean> {
  const step = detected(incident)
  await listForSweep(ports, incident.id)
  if (!(await ports.findings.openIncident(step))) return false
  await tellIncident(ports, step)
  return true
}

/** Writes the next state; undefined when somebody came between. */
export async function changeIncident(
  ports: Ports,
  read: Stored<Incident>,
  step: IncidentStep,
): Promise<Stored<Incident> | undefined> {
  await listForSweep(ports, step.incident.id)
  const written = await ports.findings.writeIncident(read, step)
  if (written) await ports.views.indexEvents(step.events)
  return written
}

/** It is gone. False when it was closed before. */
export async function closeIncident(ports: Ports, id: string): Promise<boolean> {
  for (let tries = 0; tries < 5; tries++) {
    const read = await ports.findings.findIncident(id)
    if (!read || read.value.state === 'resolved') return false
    if (await changeIncident(ports, read, resolved(read.value, ports.now()))) return true
  }
  return false
}

/** Told one by one; but not what is found when a scope is looked at for the first time: that is told together, once. */
export async function tellIncident(ports: Ports, { incident, events }: IncidentStep): Promise<void> {
  if (incident.atFirstLook || incident.state !== 'active') return ports.views.indexEvents(events)
  await ports.outbox.send({ kinds: ['foundOutside'], incident, count: 1, events })
}

/** One mail about all that stands at a scope when the first look at it is over. */
export async function tellFirstLook(ports: Ports, place: Place): Promise<void> {
  const found = (await ports.findings.standingAt(place)).filter(
    ({ state, atFirstLook }) => state === 'active' && atFirstLook,
  )
  const [incident] = found
  if (incident)
    await ports.outbox.send({ kinds: ['foundAtFirstLook'], incident, count: found.length, events: [] })
}
