import { oldestFirst } from './ids.ts'

/** Part of a list of ids, the oldest first. `next` is the id after which more may follow; null when nothing does. */
export type IdPage = { items: readonly string[]; next: string | null }

/**
 * The next page of several lists in one, the oldest first and no id twice, from the next page of each. Nothing is taken from
 * beyond the point to which all of them have been read: what another list has before it would be passed over for good.
 */
export function merged(pages: readonly IdPage[], top: number): { items: string[]; next: string | null } {
  const [readTo = null] = pages.flatMap(({ next }) => next ?? []).sort(byAge)
  const certain = [...new Set(pages.flatMap(({ items }) => items))]
    .filter((id) => readTo === null || byAge(id, readTo) <= 0)
    .sort(byAge)
  const items = certain.slice(0, top)
  return { items, next: items.length < certain.length ? (items.at(-1) ?? null) : readTo }
}

/** The next page of a list that is read as a whole, the oldest first. */
export function pageOfAll<T extends { id: string }>(
  all: readonly T[],
  { top, after }: { top: number; after: string | null },
): { items: T[]; next: string | null } {
  const left = all
    .filter(({ id }) => after === null || byAge(id, after) > 0)
    .sort((a, b) => byAge(a.id, b.id))
  const items = left.slice(0, top)
  return { items, next: items.length < left.length ? (items.at(-1)?.id ?? null) : null }
}

const byAge = (a: string, b: string) => (oldestFirst(a) < oldestFirst(b) ? -1 : a === b ? 0 : 1)
