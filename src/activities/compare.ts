import { drift, missing, seenIn } from '../domain/drift.ts'
import type { Place } from '../domain/governed.ts'
import { makeId, principalOf } from '../domain/ids.ts'
import { type Incident, incidentKey } from '../domain/incident.ts'
import { heldAtKey, UNLISTED } from '../domain/open-work.ts'
import { isOpen, type Request } from '../domain/request.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import { atOnce } from '../live/at-once.ts'
import { closeIncident, openIncident, tellFirstLook } from '../live/incidents.ts'
import { noteFirstLook, wasLookedAt } from '../live/places.ts'
import { providerOf } from '../live/providers.ts'
import type { Held, LookPlace, Ports, Workflows } from '../ports.ts'
import { dealWithMissing } from './missing.ts'

export type Compared = {
  /** False: the time was up, and the next look goes on where this one stopped. */
  complete: boolean
  held: number
  found: number
  gone: number
  closed: number
  restored: number
}

/** At a time: whoever compares is in no hurry. */
const A_FEW = 8

type Look = { place: Place; standing: Incident[]; isFirst: boolean }

/**
 * Compares what is held at one scope with what should be, page by page. What is neither ours nor accepted becomes an incident;
 * what is gone is recorded; what was taken from us is closed, or given again. Doing it twice, at once or after a death, does no more.
 */
export async function compare(
  ports: Ports,
  workflows: Workflows,
  place: Place,
  left: LookPlace | undefined,
  until: Date,
): Promise<Compared & { left: LookPlace | undefined }> {
  const standing = await ports.findings.standingAt(place)
  const look: Look = { place, standing, isFirst: !(await wasLookedAt(ports, place)) }
  const seen = new Set(left?.seen)
  const done = { held: 0, found: 0, gone: 0, closed: 0, restored: 0 }
  let after = left?.after ?? null
  do {
    const page = await providerOf(ports, place).held(place.scope, after)
    for (const text of seenIn(page.items)) seen.add(text)
    done.held += page.items.length
    done.found += await open(ports, look, page.items)
    after = page.next
    if (after !== null && ports.now() >= until)
      return { ...done, complete: false, left: { after, seen: [...seen] } }
  } while (after !== null)

  done.gone = await closeGone(ports, look, seen)
  for (const request of await missingAt(ports, look, seen)) {
    const outcome = await dealWithMissing(ports, workflows, request)
    if (outcome !== 'there') done[outcome]++
  }
  if (look.isFirst) await firstLookDone(ports, place)
  return { ...done, complete: true, left: undefined }
}

/** Opens an incident for each that is outside and does not stand yet. */
async function open(ports: Ports, look: Look, held: readonly Held[]): Promise<number> {
  const { standing } = look
  const stands = new Set(standing.map(({ principal, ...role }) => incidentKey(principal.id, role)))
  const unknown = held.filter(({ principalId, role }) => !stands.has(incidentKey(principalId, role)))
  const { isBreakGlass } = ports.drift
  const compareWith = (ours: Request[]) =>
    drift(unknown, { ours, standing, isBreakGlass, now: ports.now() }).outside
  const holders = [...new Set(unknown.map(({ principalId }) => principalId))].filter(
    (id) => !isBreakGlass(id),
  )
  const live = (await atOnce(A_FEW, holders, (id) => liveOf(ports, id))).flat()
  const suspects = compareWith(live)
  const suspected = [...new Set(suspects.map(({ principalId }) => principalId))]
  const past = (await atOnce(A_FEW, suspected, (id) => lately(ports, id))).flat() // our own, just taken away, may still show
  const outside = await thereStill(ports, compareWith([...live, ...past]), past)
  const principals = outside.length > 0 ? await namesOf(ports, outside) : new Map()
  let found = 0
  for (const row of outside)
    if (await openIncident(ports, await incidentOf(ports, look, row, principals))) found++
  return found
}

/** What we have taken away, and seen to be gone, may be shown by an old list: it is looked for once more. */
async function thereStill(ports: Ports, rows: Held[], past: readonly Request[]): Promise<Held[]> {
  const taken = new Set(past.flatMap(({ grant }) => grant?.assignmentId?.toLowerCase() ?? []))
  const found = await atOnce(A_FEW, rows, async (row) => {
    if (!taken.has(row.id.toLowerCase())) return [row]
    const ids = await providerOf(ports, row.role).find(row.principalId, row.role)
    return ids.some((id) => id.toLowerCase() === row.id.toLowerCase()) ? [row] : []
  })
  return found.flat()
}

/** Read after the page that it is compared with, never before: a grant writes down its intent first, and so it is seen here. */
const liveOf = async ({ store }: Ports, principalId: string): Promise<Request[]> =>
  (await store.readLive(principalId)).requests.map(({ value }) => value)

/** The latest that are over: enough to know an assignment of ours that the lists still show. */
const lately = async ({ store }: Ports, principalId: string) =>
  (await store.listPastRequests(principalId, { top: 20, after: null })).items

const namesOf = async ({ directory }: Ports, rows: readonly Held[]) => {
  const asked = new Map(rows.map(({ principalId: id, principalType: type }) => [id, { id, type }]))
  return new Map((await directory.principals([...asked.values()])).map((each) => [each.id, each]))
}

async function incidentOf(
  ports: Ports,
  { isFirst }: Look,
  { id, principalId, principalType, role }: Held,
  principals: Awaited<ReturnType<typeof namesOf>>,
): Promise<Incident> {
  const described = await providerOf(ports, role).describe(role)
  const principal = principals.get(principalId)
  const now = ports.now()
  return {
    ...role,
    id: makeId('inc', principalId, now, ports.random()),
    state: 'active',
    principal: { id: principalId, displayName: principal?.displayName ?? 'Unknown principal' },
    principalType: principal?.type ?? principalType,
    assignmentId: id,
    roleName: described?.displayName ?? role.roleDefinitionId,
    scopeName: described?.scopeName ?? role.scope,
    detectedDateTime: now.toISOString(),
    atFirstLook: isFirst,
    acknowledged: null,
    removal: null,
    resolved: null,
  }
}

/** Lists may lag behind, and a page may have been skipped: only what is looked for and not found is gone. */
async function closeGone(ports: Ports, { standing }: Look, seen: ReadonlySet<string>): Promise<number> {
  let gone = 0
  for (const incident of standing) {
    if (seen.has(incidentKey(incident.principal.id, incident)) || isYoung(ports, incident)) continue
    const there = await providerOf(ports, incident).find(incident.principal.id, incident)
    if (there.length === 0 && (await closeIncident(ports, incident.id))) gone++
  }
  return gone
}

/** Accepted before it is given, as it is when something is made active: it may not show yet. */
const isYoung = ({ now }: Ports, { detectedDateTime }: Incident) =>
  Date.parse(detectedDateTime) > plus(now(), -2 * MINUTE).getTime()

/** What the list of live grants at this scope leads to, read from the truth. */
async function missingAt(ports: Ports, look: Look, seen: ReadonlySet<string>): Promise<Request[]> {
  const key = heldAtKey(look.place)
  const found: Request[] = []
  for (let after: string | null = null, more = true; more; ) {
    const page = await ports.views.awaiting(key, { top: 200, after })
    const people = [...new Set(page.items.flatMap((id) => principalOf(id) ?? []))]
    const live = (await atOnce(A_FEW, people, (id) => liveOf(ports, id))).flat()
    const listed = live.filter((request) => page.items.includes(request.id))
    found.push(...missing(seen, { ours: listed, now: ports.now() }))
    for (const id of page.items)
      if (!listed.some((request) => request.id === id)) await unlistIfOver(ports, id, key)
    after = page.next
    more = after !== null
  }
  return found
}

/** Lists only point: one that points to what is over for good is mended here. */
async function unlistIfOver({ store, views, now }: Ports, id: string, key: string): Promise<void> {
  const read = await store.findRequest(id)
  const over = read && !isOpen(read.value) ? read.value.completedDateTime : null
  if (over && Date.parse(over) < plus(now(), -10 * MINUTE).getTime())
    await views.list(id, UNLISTED, { awaiting: [key], due: null })
}

/** Told before it is noted: a death in between tells it again, and the mails are the same. */
async function firstLookDone(ports: Ports, place: Place): Promise<void> {
  await tellFirstLook(ports, place)
  await noteFirstLook(ports, place)
}
