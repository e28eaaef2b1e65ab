import type { Person } from './person.ts'
import { ADMINISTRATORS, type Role, roleKey } from './role.ts'
import { MINUTE } from './schedule.ts'

/** Roles that never go without somebody who holds them: whoever took the last one away could lock out everybody. */
export const neverUnheld = ({ provider, roleDefinitionId, scope }: Role): boolean =>
  provider === 'directory' && scope === '/' && ADMINISTRATORS.includes(roleDefinitionId)

/** What somebody would lose, in one text: a principal's assignment, or a person's membership of a group. */
export const loss = (principalId: string, role: Role): string => `${principalId}|${roleKey(role)}`

export const membershipIn = (groupId: string): Role => ({
  provider: 'group',
  roleDefinitionId: 'member',
  scope: `/groups/${groupId}`,
})

/** How a person holds such a role: what that rests upon, every part of which would end it. */
export type Way = { person: Person; restsOn: readonly string[] }

/** Something is being taken from somebody, since when. Until it has shown in the tenant it does not count as held. */
export type Departure = { loss: string; at: string }

/** Longer than any call of ours is under way, and than the tenant goes on showing what is gone. */
const SHOWS_WITHIN = 15 * MINUTE

/** Those that may still be under way, or may still be shown. */
export const underWay = (departures: readonly Departure[], now: Date): Departure[] =>
  departures.filter(({ at }) => now.getTime() - Date.parse(at) < SHOWS_WITHIN)

/**
 * Whether a role would be left without an active holder by this loss: people whose account is enabled, however they hold it,
 * break-glass accounts too. Applications do not count. What takes the role from nobody is nobody's last.
 */
export function takesTheLast(
  ways: readonly Way[],
  wouldLose: string,
  departures: readonly Departure[],
  now: Date,
): boolean {
  const gone = underWay(departures, now).flatMap((each) => (each.loss === wouldLose ? [] : [each.loss]))
  const held = ways.filter(
    ({ person, restsOn }) => person.accountEnabled && !restsOn.some((part) => gone.includes(part)),
  )
  return held.length > 0 && held.every(({ restsOn }) => restsOn.includes(wouldLose))
}
