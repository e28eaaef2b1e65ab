import { z } from 'zod'
import {
  type GovernBody,
  type Governed,
  governedEvent,
  type Place,
  placeKey,
  someRoleAt,
} from '../domain/governed.ts'
import { makeId } from '../domain/ids.ts'
import { resolved } from '../domain/incident.ts'
import type { PrincipalType, Role } from '../domain/role.ts'
import { changeIncident } from '../live/incidents.ts'
import { listForSweep } from '../live/list-for-sweep.ts'
import { forgetFirstLook, isGoverned } from '../live/places.ts'
import { principalBehind } from '../live/principals.ts'
import { providerOf } from '../live/providers.ts'
import type { Caller, Page, PageOptions, Ports } from '../ports.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { watchUse } from './break-glass.ts'
import { refuseForOneself } from './for-oneself.ts'
import { notFound, Refused } from './refused.ts'
import { actor, again } from './withdrawals.ts'

export const GovernedAnswer = z
  .object({
    provider: z.string(),
    scope: z.string(),
    scopeDisplayName: z.string(),
    since: z.iso.datetime().nullable().meta({ description: 'Null: by the settings of this installation.' }),
    by: z.object({ id: z.string(), displayName: z.string() }).nullable(),
  })
  .meta({ id: 'Governed' })

export const governedAnswer = ({ id: _, scopeName, ...rest }: Governed): z.infer<typeof GovernedAnswer> => ({
  ...rest,
  scopeDisplayName: scopeName,
})

/**
 * Everything that is compared: first what the settings of this installation say, then page by page what somebody has brought
 * under management.
 */
export async function listGoverned(
  { findings, drift }: Pick<Ports, 'findings' | 'drift'>,
  page: PageOptions = { top: 200, after: null },
): Promise<Page<Governed>> {
  const always = new Set(drift.places.map(placeKey))
  const { items, next } = await findings.governedPage(page)
  const brought = items.filter((each) => !always.has(placeKey(each)))
  const first = page.after === null ? drift.places : []
  const bySettings = first.map((place) => ({
    ...place,
    id: null,
    scopeName: place.scope,
    since: null,
    by: null,
  }))
  return { items: [...bySettings, ...brought], next }
}

/** Elsewhere nothing is an incident, so nothing is looked for. */
export async function refuseUnlessGoverned(ports: Ports, place: Place): Promise<void> {
  if (await isGoverned(ports, place)) return
  throw new Refused(
    400,
    'ScopeNotGoverned',
    `${place.scope} is not under management: bring it under management first.`,
  )
}

/** Brings a unit, a group or an Azure scope under management. Repeating it changes nothing. */
export async function govern(ports: Ports, caller: Caller, body: GovernBody): Promise<Governed> {
  const place: Place = { provider: body.provider, scope: body.scope }
  const role = await someRole(ports, place)
  await refuseUnlessAdministrator(ports, caller, role)
  const described = await providerOf(ports, place).describe(role)
  if (!described) throw notFound(`There is no ${place.scope}.`)
  if (described.refusal) throw new Refused(400, described.refusal.code, described.refusal.message)
  await watchPlace(ports, caller, role, described.scopeName, 'brought under management')
  const now = ports.now()
  const made = {
    ...place,
    id: makeId('gov', caller.id, now, ports.random()),
    scopeName: described.scopeName,
    since: now.toISOString(),
    by: actor(caller),
  }
  const events = [governedEvent(made, 'onboarded', actor(caller), made.since, body.justification ?? null)]
  for (const { correlationId } of events) await listForSweep(ports, correlationId)
  if (await ports.findings.govern(made, events)) {
    await ports.views.indexEvents(events)
    return made
  }
  return (await ports.findings.findGoverned(place)) ?? made
}

/** It is compared no longer, and what was found there is no incident any more. */
export async function release(ports: Ports, caller: Caller, place: Place): Promise<void> {
  const role = await someRole(ports, place)
  await refuseUnlessAdministrator(ports, caller, role)
  if (ports.drift.places.some((each) => placeKey(each) === placeKey(place)))
    throw new Refused(400, 'ScopeAlwaysGoverned', 'This is governed by the settings of this installation.')
  const there = await ports.findings.findGoverned(place)
  if (!there?.id) throw notManaged(place)
  await watchPlace(ports, caller, role, there.scopeName, 'taken out of management')
  const by = actor(caller)
  const standing = await ports.findings.standingAt(place)
  for (const { state, principal, principalType } of standing) // what is held against oneself does not go away like this
    if (state === 'active')
      await refuseForOneself(ports, caller, principal.id, await kindOf(ports, principal.id, principalType))
  for (const { id } of standing)
    await again(async () => {
      const read = await ports.findings.findIncident(id)
      if (!read || read.value.state === 'resolved') return true
      return changeIncident(ports, read, resolved(read.value, ports.now(), 'notGoverned', by))
    })
  await forgetFirstLook(ports, place)
  const events = [
    governedEvent({ ...there, id: there.id }, 'offboarded', by, ports.now().toISOString(), null),
  ]
  for (const { correlationId } of events) await listForSweep(ports, correlationId)
  if (!(await ports.findings.release(place, events))) throw notManaged(place) // another was faster, and it is they who did it
  await ports.views.indexEvents(events)
}

/** Of an incident whose principal no list showed when it was found. */
const kindOf = async (
  { directory }: Ports,
  id: string,
  known: PrincipalType | null,
): Promise<PrincipalType> => known ?? (await principalBehind(directory, id))?.type ?? 'User'

const notManaged = ({ scope }: Place) => notFound(`${scope} is not under management.`)

const watchPlace = (ports: Ports, by: Caller, role: Role, displayName: string, what: string) =>
  watchUse(ports, { by, principal: by, role: { ...role, displayName }, what })

/** A role that there is at this scope, to ask by: who administers it, and what the scope is called. */
async function someRole(ports: Ports, place: Place): Promise<Role> {
  if (place.provider !== 'directory') return someRoleAt(place)
  const [first] = await providerOf(ports, place).roles(place.scope)
  return { ...someRoleAt(place), ...(first && { roleDefinitionId: first.id }) }
}
