import type { Eligibility } from '../domain/eligibility.ts'
import { governedEvent, type Place, placeKey, someRoleAt } from '../domain/governed.ts'
import { makeId } from '../domain/ids.ts'
import type { Ports } from '../ports.ts'
import { listForSweep } from './list-for-sweep.ts'
import { providerOf } from './providers.ts'

/** What is governed by the settings of this installation, and what was brought under management; in a fixed order. */
export async function placesOf({ findings, drift }: Pick<Ports, 'findings' | 'drift'>): Promise<Place[]> {
  const all = [...drift.places, ...(await findings.governed())]
  const byKey = new Map(
    all.map(({ provider, scope }) => [placeKey({ provider, scope }), { provider, scope }]),
  )
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place)
}

/**
 * Whoever makes somebody eligible at a unit, for a group or at an Azure scope brings it under management, as with Microsoft.
 * Before the eligibility: a scope too many costs a look.
 */
export async function governWith(ports: Ports, eligibility: Eligibility): Promise<void> {
  const { provider, scope, scopeName, createdBy } = eligibility
  if (await isGoverned(ports, { provider, scope })) return
  const now = ports.now()
  const id = makeId('gov', createdBy.id, now, ports.random())
  const made = { provider, scope, scopeName, id, since: now.toISOString(), by: createdBy }
  const events = [
    governedEvent(made, 'onboarded', createdBy, made.since, 'Somebody was made eligible there.'),
  ]
  await listForSweep(ports, id)
  if (await ports.findings.govern(made, events)) await ports.views.indexEvents(events)
}

/** By the settings of this installation, or brought under management. */
export const isGoverned = async ({ findings, drift }: Pick<Ports, 'findings' | 'drift'>, place: Place) =>
  drift.places.some((each) => placeKey(each) === placeKey(place)) ||
  (await findings.findGoverned(place)) !== undefined

/** A group or an Azure scope that was deleted looks like one that does not answer; nobody must wait for it for ever. */
export async function isGone(ports: Pick<Ports, 'providers'>, place: Place): Promise<boolean> {
  if (place.provider === 'directory') return false
  const described = providerOf(ports, place).describe(someRoleAt(place))
  return (await described.catch(() => 'not known')) === undefined
}

const firstLook = (place: Place) => `first-${placeKey(place).replaceAll('/', '~')}`

/** Has a look at this scope ever come to its end? */
export const wasLookedAt = async ({ findings }: Ports, place: Place) =>
  (await findings.readPlace(firstLook(place))) !== undefined

export const noteFirstLook = ({ findings }: Ports, place: Place) =>
  findings.writePlace(firstLook(place), { after: null, seen: [] })

export const forgetFirstLook = ({ findings }: Ports, place: Place) =>
  findings.writePlace(firstLook(place), undefined)
