import { z } from 'zod'
import { makeId } from '../domain/ids.ts'
import type { Actor } from '../domain/person.ts'
import {
  calendarMade,
  calendarRevoked,
  digestChosen,
  type Personal,
  type PersonalStep,
  unchosen,
} from '../domain/personal.ts'
import { listForSweep } from '../live/list-for-sweep.ts'
import { type Caller, type Ports, Unavailable } from '../ports.ts'
import { tokenOf } from './calendar-token.ts'

export const NotificationChoice = z.strictObject({
  weeklyDigest: z.boolean().meta({
    description: 'Do I get the weekly digest, if I hold one of the roles that it is for?',
  }),
})

/** What I have chosen to be told. */
export async function myNotifications(ports: Ports, { id }: Pick<Caller, 'id'>) {
  const { weeklyDigest } = (await ports.personals.read(id))?.value ?? unchosen(id)
  return { weeklyDigest }
}

export async function chooseDigest(
  ports: Ports,
  person: Actor,
  weeklyDigest: boolean,
  how?: string,
): Promise<void> {
  await choose(ports, person, (before, by) =>
    before.weeklyDigest === weeklyDigest
      ? undefined
      : digestChosen(before, weeklyDigest, how ? { ...by, how } : by),
  )
}

/** Is there a feed, and since when? Its address is only ever told when it is made. */
export async function myCalendar(ports: Ports, { id }: Pick<Caller, 'id'>) {
  const calendar = (await ports.personals.read(id))?.value.calendar
  return { isOn: !!calendar, createdDateTime: calendar?.since ?? null }
}

/** A feed at a new address; the one before answers nobody from here on. */
export async function makeCalendar(ports: Ports, person: Actor) {
  const secret = ports.secrets.make()
  const hash = ports.secrets.hash(secret)
  await choose(ports, person, (before, by) => calendarMade(before, hash, by))
  return { address: ports.links.calendar(tokenOf(person.id, secret)) }
}

export async function revokeCalendar(ports: Ports, person: Actor): Promise<void> {
  await choose(ports, person, (before, by) => (before.calendar ? calendarRevoked(before, by) : undefined))
}

type By = { id: string; by: Actor; at: string }

/** First the list of the sweep, which sees to the index if this process dies; then the choice with its event; then the index. */
async function choose(
  ports: Ports,
  { id: personId, displayName }: Actor,
  step: (before: Personal, by: By) => PersonalStep | undefined,
): Promise<void> {
  const { personals, views } = ports
  for (let attempt = 0; attempt < 5; attempt++) {
    const now = ports.now()
    const read = await personals.read(personId)
    const id = makeId('own', personId, now, ports.random())
    const by = { id, by: { id: personId, displayName }, at: now.toISOString() }
    const next = step(read?.value ?? unchosen(personId), by)
    if (!next) return
    await listForSweep(ports, id)
    if (await personals.write(next, read)) return views.indexEvents(next.events)
  }
  throw new Unavailable('Somebody changes the same settings at this time.')
}
