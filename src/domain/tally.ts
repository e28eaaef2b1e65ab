import type { AuditEvent } from './audit.ts'
import type { Actor } from './person.ts'
import { type Provider, roleKey } from './role.ts'

/**
 * What the weekly digest counts, with Microsoft's tiles in mind: how often roles were activated, given for good, given here
 * (to activate or at once), and given elsewhere; and what break-glass accounts were seen doing.
 */
export const COUNTED = ['activated', 'permanent', 'inside', 'outside', 'breakGlass'] as const
export type Counted = (typeof COUNTED)[number]

/** Those of which each is shown, the latest few, and not only counted. */
export const SHOWN = ['permanent', 'outside', 'breakGlass'] as const
export type Shown = (typeof SHOWN)[number]

/** As much of an event as is counted and shown. */
export type Countable = {
  id: string
  at: string
  provider: Provider
  role: string
  /** The role in words. */
  title: string
  who: Actor
  counts: Counted[]
}

export type TalliedRole = { role: string; title: string; activated: number; inside: number }
export type TalliedEvent = Omit<Countable, 'counts' | 'role'>

/** The counts of one provider, what was counted last, and its busiest roles. */
export type ProviderTally = {
  counts: Record<Counted, number>
  latest: Record<Shown, TalliedEvent[]>
  roles: TalliedRole[]
}
export type Tally = Partial<Record<Provider, ProviderTally>>

/** So many of a kind are shown; the others are a number. */
const MOST_SHOWN = 5
/** So many roles are told apart in a day. Beyond them the least used are forgotten, and only the top ones are ever shown. */
const MOST_ROLES = 60
/** A row has its limits: 32 thousand characters, for three providers. */
const MOST_CHARACTERS = 3500
const MOST_WORDS = 60

/** What of an event is counted; undefined: nothing, as of nearly all. */
export function countable(event: AuditEvent): Countable | undefined {
  const counts = countsOf(event)
  if (counts.length === 0) return undefined
  const { principal, role } = event
  return {
    id: event.correlationId,
    at: event.activityDateTime,
    provider: role.provider,
    role: roleKey(role),
    title: short(role.displayName),
    who: { id: principal.id, displayName: short(principal.displayName) },
    counts,
  }
}

function countsOf(event: AuditEvent): Counted[] {
  if (event.result !== 'success' || isGivenAgain(event)) return []
  const detail = (key: string) => event.additionalDetails.find((each) => each.key === key)?.value
  const forGood = detail('expiration') === 'never'
  switch (event.activityDisplayName) {
    case 'Add member to role completed (PIM activation)':
      return ['activated']
    case 'Add member to role in PIM completed (permanent)':
      return ['permanent', 'inside']
    case 'Add member to role in PIM completed (timebound)':
      return ['inside']
    case 'Add member to role in PIM completed (renew)':
      return forGood ? ['permanent', 'inside'] : ['inside']
    case 'Update member in PIM completed (permanent)':
    case 'Update member in PIM completed (extend)':
      return forGood && detail('previousExpiration') !== 'never' ? ['permanent'] : []
    case 'Add eligible member to role in PIM completed (permanent)':
    case 'Add eligible member to role in PIM completed (timebound)':
      return ['inside']
    case 'Add member to role outside of PIM (permanent)':
      return detail('atFirstLook') ? [] : ['outside'] // it may be years old; it is among the incidents
    case 'Break-glass account concerned':
      return ['breakGlass']
    default:
      return []
  }
}

/** What was removed outside and restored is no second activation. */
const isGivenAgain = ({ id }: AuditEvent) => /\.provisioned-\d+$/.test(id)

/** On one line, and not so long that a row could not hold it. */
export function short(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  if (line.length <= MOST_WORDS) return line
  return `${line.slice(0, MOST_WORDS - 1).replace(/[\uD800-\uDBFF]$/, '')}…` // no half characters
}

const nothing = (): ProviderTally => ({
  counts: { activated: 0, permanent: 0, inside: 0, outside: 0, breakGlass: 0 },
  latest: { permanent: [], outside: [], breakGlass: [] },
  roles: [],
})

/** With these counted too. Whatever their order, the counts are the same. */
export function counted(tally: Tally, fresh: readonly Countable[]): Tally {
  const next = together([tally]) // a copy
  for (const each of fresh) {
    const { provider, counts, role, ...event } = each
    const of = next[provider] ?? nothing()
    next[provider] = of
    for (const kind of counts) {
      of.counts[kind]++
      if (isShown(kind)) of.latest[kind] = newest([...of.latest[kind], { provider, ...event }])
    }
    const used = {
      role,
      title: each.title,
      activated: Number(counts.includes('activated')),
      inside: Number(counts.includes('inside')),
    }
    if (used.activated + used.inside > 0) of.roles = added(of.roles, [used])
  }
  for (const of of Object.values(next)) of.roles = kept(of.roles)
  return next
}

/** Those of several days as one. */
export function together(tallies: readonly Tally[]): Tally {
  const all: Tally = {}
  for (const tally of tallies)
    for (const [provider, { counts, latest, roles }] of Object.entries(tally) as [
      Provider,
      ProviderTally,
    ][]) {
      const of = all[provider] ?? nothing()
      all[provider] = of
      for (const kind of COUNTED) of.counts[kind] += counts[kind]
      for (const kind of SHOWN) of.latest[kind] = newest([...of.latest[kind], ...latest[kind]])
      of.roles = added(of.roles, roles)
    }
  return all
}

/** The roles that were used most. */
export const topRoles = (roles: readonly TalliedRole[], top = 5): TalliedRole[] => byUse(roles).slice(0, top)

const isShown = (kind: Counted): kind is Shown => (SHOWN as readonly string[]).includes(kind)

const newest = (events: TalliedEvent[]) =>
  [...events]
    .sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? 1 : -1))
    .slice(0, MOST_SHOWN)

function added(roles: readonly TalliedRole[], more: readonly TalliedRole[]): TalliedRole[] {
  const all = new Map(roles.map((each) => [each.role, each]))
  for (const each of more) {
    const { activated = 0, inside = 0 } = all.get(each.role) ?? {}
    all.set(each.role, { ...each, activated: activated + each.activated, inside: inside + each.inside })
  }
  return [...all.values()]
}

const use = ({ activated, inside }: TalliedRole) => activated + inside
const byUse = (roles: readonly TalliedRole[]) =>
  [...roles].sort((a, b) => use(b) - use(a) || (a.role < b.role ? -1 : 1))

function kept(roles: readonly TalliedRole[]): TalliedRole[] {
  let room = MOST_CHARACTERS
  return byUse(roles)
    .slice(0, MOST_ROLES)
    .filter((each) => {
      room -= JSON.stringify(each).length
      return room >= 0
    })
}
