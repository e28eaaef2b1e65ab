import { newestFirstOf, oldestFirst, principalOf } from '../../domain/ids.ts'
import type { Role } from '../../domain/role.ts'
import { WEBHOOKS } from '../../domain/webhook.ts'

/**
 * Every key of every table, in one place. Row keys carry an id, so that none repeats within a table: fast on the real
 * service and on every Azurite. What belongs together in one read or one transaction shares a partition.
 *
 * Truth, one partition per principal, in ranges:
 *   added|<role>|<person>       one at a time makes the person eligible for the role
 *   audit|<event id>            what happened, written with the change
 *   ended|<role>|<person>       when one of ours for the role was last over
 *   gone|elig|<id>              eligibilities that were removed, or have been over for long
 *   live|elig|<id>              eligibilities
 *   live|guard|<role>|<person>  at most one open request per role
 *   live|req|<id>               open requests; for a while also those that have just ended
 *   past|<newest first>|<id>    requests that are over
 */
export const truth = {
  partition: (principalId: string) => principalId,
  /** The partition of a subject, from its id alone; undefined when it is no id of ours. */
  partitionOf: (subjectId: string) => {
    const owner = principalOf(subjectId)
    if (!owner) return undefined
    if (/^(inc|gov)-/.test(subjectId)) return findings.partition
    if (subjectId.startsWith('dele-')) return delegations.partition
    return subjectId.startsWith('set-') ? settings.partition(owner) : owner
  },
  eligibility: (id: string) => `live|elig|${id}`,
  goneEligibility: (id: string) => `gone|elig|${id}`,
  /** Changed with every eligibility that is added for a role: two at once are added one after the other. */
  additions: (roleKey: string, principalId: string) => `added|${roleKey}|${principalId}`,
  guard: (roleKey: string, principalId: string) => `live|guard|${roleKey}|${principalId}`,
  ended: (roleKey: string, principalId: string) => `ended|${roleKey}|${principalId}`,
  openRequest: (id: string) => `live|req|${id}`,
  pastRequest: (id: string) => `past|${newestFirstOf(id)}|${id}`,
  event: (eventId: string) => `audit|${eventId}`,
}

/** The settings of a role at all its scopes, or of a group, with their events: so that the id of a change leads to them. */
export const settings = {
  /** By {@link settingsOwner}. */
  partition: (owner: string) => `settings|${owner}`,
  row: (roleKey: string) => `settings|${roleKey}`,
  change: (id: string) => `change|${id}`,
  tier: (name: string) => `tier|${name}`,
}

/**
 * Webhooks in one partition with the events about them; and for each of them a partition of what waits for it, which begins with
 * what is due first, and of what was given up.
 */
export const webhooks = {
  partition: settings.partition(WEBHOOKS),
  all: 'hook-',
  parcels: (id: string) => `webhook|${id}`,
  health: (id: string) => `health|${id}`,
  waiting: (due: string, eventId: string, id: string) => `wait|${due}|${eventId}|${id}`,
  waitingUntil: (due: string) => `wait|${due}~`,
  dead: (eventId: string, id: string) => `dead|${oldestFirst(subjectOf(eventId))}|${eventId}|${id}`,
}

/** Who is about to lose a role that never goes without a holder, in the table of the truth. */
export const departures = {
  partition: (roleKey: string) => `departures|${roleKey}`,
  row: (roleKey: string) => `departures|${roleKey}`,
}

/** Who decides in whose place, in one partition of the truth with its events; by their ends, so that those that are over cost nothing. */
export const delegations = {
  partition: 'delegations',
  row: (end: string, id: string) => `dele|${end}|${id}`,
  notOver: (now: string) => ({ from: `dele|${now}`, to: range('dele|').to }),
  id: (id: string) => `id|${id}`,
}

/**
 * What is governed and what was found there, in one partition of the truth: an incident, that it stands, its place in the list
 * of its state, and its events change together.
 */
export const findings = {
  partition: 'drift',
  allGoverned: 'governed|',
  governed: (scope: Pick<Role, 'provider' | 'scope'>) => `governed|${scopeKey(scope)}`,
  incident: (id: string) => `inc|${id}`,
  standing: (role: Role, principalId: string) =>
    `${findings.standingAt(role)}${role.roleDefinitionId}|${principalId}`,
  standingAt: (scope: Pick<Role, 'provider' | 'scope'>) => `now|${scopeKey(scope)}|`,
  listed: (provider: string, state: string, id: string) =>
    `list|${provider}|${state}|${newestFirstOf(id)}|${id}`,
  list: (provider: string, state: string) => `list|${provider}|${state}|`,
  place: (name: string, n: number) => `place|${name}|${`${n}`.padStart(4, '0')}`,
  places: (name: string) => `place|${name}|`,
}

/** Notices that were given up, in one partition of the truth. */
export const undelivered = {
  partition: 'undelivered',
  all: 'undelivered|',
  row: (id: string) => `undelivered|${id}`,
}

/** What is gathered for somebody to be told in one mail, in a partition of the truth of its own. */
export const bundles = {
  row: (id: string) => `bundle|${id}`,
  told: (id: string, n: number) => `told|${`${n}`.padStart(8, '0')}|${id}|`,
}

/** An event's id is its subject's, a dot and a step. */
export const subjectOf = (eventId: string) => eventId.slice(0, Math.max(0, eventId.indexOf('.')))

const scopeKey = ({ provider, scope }: Pick<Role, 'provider' | 'scope'>) =>
  `${provider}|${scope.replaceAll('/', '~')}`.toLowerCase()

/** What is open, in one partition: so that a request is listed anew in one transaction. */
export const open = {
  partition: 'open',
  due: (at: string, subjectId: string) => `due|${at}|${subjectId}`,
  awaiting: (approverKey: string, requestId: string) => `await|${approverKey}|${oldestFirst(requestId)}`,
  awaitingAll: (approverKey: string) => `await|${approverKey}|`,
  groups: 'groups',
  group: (id: string) => `group|${id}`,
}

/**
 * What is counted of the events of a day, beside them in their partition, so that each is counted once: that it is to be counted,
 * that it was, and how many there are of a week.
 */
export const tallies = {
  fresh: (eventId: string) => `new|${eventId}`,
  allFresh: 'new|',
  counted: (eventId: string) => `counted|${eventId}`,
  tally: (day: string, week: string) => `tally|${day}|${week}`,
}

/** The digests that were made, in a partition of the truth: how far each has gone out, and what it said, in parts. */
export const digests = {
  partition: 'digest',
  since: 'since',
  state: (week: string) => `week|${week}`,
  part: (week: string, n: number) => `week|${week}|${`${n}`.padStart(2, '0')}`,
}

/** What somebody has chosen for themselves, in their partition. */
export const personal = {
  row: (personId: string) => `own|${personId}`,
}

/** All keys that begin with this: a range, because a table has no prefix search. `~` sorts after all we use. */
export const range = (prefix: string) => ({ from: prefix, to: `${prefix}~~` })
