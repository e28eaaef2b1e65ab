import { calendarOf } from '../domain/calendar.ts'
import type { Ports } from '../ports.ts'
import { calendarFeed } from '../words/calendar.ts'
import { readToken } from './calendar-token.ts'
import { notFound } from './refused.ts'

/**
 * Somebody's own access, for whoever has its secret address. The same answer to a wrong address, a revoked one, and that of
 * somebody who is gone or whose account is disabled.
 */
export async function calendarAt(ports: Ports, token: string, host: string): Promise<string> {
  const { personals, secrets, directory, store, now } = ports
  const given = readToken(token)
  const calendar = given && (await personals.read(given.personId))?.value.calendar
  if (!given || !calendar || secrets.hash(given.secret) !== calendar.hash) throw nowhere()
  const [person, { eligibilities, requests }] = await Promise.all([
    directory.person(given.personId),
    store.readLive(given.personId),
  ])
  if (!person?.accountEnabled) throw nowhere()
  const open = requests.map(({ value }) => value)
  return calendarFeed(calendarOf({ eligibilities, requests: open }, now()), host)
}

const nowhere = () => notFound('There is no calendar at this address. Make a new one: POST /api/me/calendar.')
