import type { Actor } from './person.ts'
import { ADMINISTRATORS, type Provider, SECURITY_ADMINISTRATOR } from './role.ts'
import {
  COUNTED,
  type Counted,
  type Shown,
  type TalliedEvent,
  type TalliedRole,
  type Tally,
  topRoles,
} from './tally.ts'

/** Who gets the weekly digest, as at Microsoft, unless they have ended it. */
export const DIGEST_ROLES: readonly string[] = [...ADMINISTRATORS, SECURITY_ADMINISTRATOR]

/** What stands at the moment and wants to be looked at; in this order. Whoever adds one (reviews due) adds where it comes from, and its words. */
export const LISTS = ['overdue', 'pending', 'alerts', 'expiringSoon'] as const
export type ListName = (typeof LISTS)[number]

/** So many of each list are shown. */
export const MOST_LINES = 10
/** What ends within this is expiring soon. */
export const SOON_DAYS = 14

/** One line of a list: what it is about, whose it is, and the time that matters: since when it waits, or when it ends. */
export type Line = {
  id: string
  kind: 'activation' | 'eligibility' | 'assignment' | 'moreTime' | 'incident'
  title: string
  scopeName: string
  who: Actor
  at: string
}
/** The first lines, and whether there are more. */
export type List = { items: Line[]; hasMore: boolean }

export type ProviderDigest = {
  provider: Provider
  counts: Record<Counted, number>
  latest: Record<Shown, TalliedEvent[]>
  topRoles: TalliedRole[]
  lists: Partial<Record<ListName, List>>
}

/** What happened in a week, and what stood when it was told (`asOf`; null: only what happened is known). */
export type Digest = {
  week: string
  from: string
  to: string
  asOf: string | null
  providers: ProviderDigest[]
}

/** How far the digest of a week has gone out: to everybody up to this one, in the order of their ids. */
export type DigestMailing = { week: string; madeAt: string; sentUpTo: string | null; isSent: boolean }

/** Providers of which there is nothing to say are left out, and so are lists without lines. */
export function digestOf(
  { week, from, to, asOf }: Omit<Digest, 'providers'>,
  tally: Tally,
  lists: Partial<Record<Provider, Partial<Record<ListName, List>>>>,
): Digest {
  const providers = (['directory', 'azure', 'group'] as const).map((provider): ProviderDigest => {
    const { counts, latest, roles } = tally[provider] ?? NOTHING
    const filled = LISTS.flatMap((name) => {
      const list = lists[provider]?.[name]
      return list && list.items.length > 0 ? [[name, list] as const] : []
    })
    return { provider, counts, latest, topRoles: topRoles(roles), lists: Object.fromEntries(filled) }
  })
  return { week, from, to, asOf, providers: providers.filter((each) => !isEmpty(each)) }
}

/** Nothing happened and nothing waits: there is nothing to send. */
export const isQuiet = ({ providers }: Digest) => providers.length === 0

const isEmpty = ({ counts, lists }: ProviderDigest) =>
  COUNTED.every((kind) => counts[kind] === 0) && Object.keys(lists).length === 0

const NOTHING = {
  counts: { activated: 0, permanent: 0, inside: 0, outside: 0, breakGlass: 0 },
  latest: { permanent: [], outside: [], breakGlass: [] },
  roles: [],
}
