import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { madeAt, makeId } from '../../src/domain/ids.ts'
import { type IdPage, merged } from '../../src/domain/merged.ts'
import { ada, grace, linus } from '../fakes/people.ts'

const OWNERS = [ada.id, grace.id, linus.id]

/** Few instants and few owners, so that many are of one age. */
const id = fc
  .record({ owner: fc.constantFrom(...OWNERS), minute: fc.nat(6), random: fc.nat(40) })
  .map(({ owner, minute, random }) =>
    makeId('req', owner, new Date(minute * 60_000), random.toString(36).padStart(12, '0')),
  )
const lists = fc.array(fc.uniqueArray(id, { maxLength: 30 }), { maxLength: 5 })

const time = (each: string) => madeAt(each)?.getTime() as number
const oldestFirst = (ids: Iterable<string>) =>
  [...ids].sort((a, b) => time(a) - time(b) || (a < b ? -1 : a > b ? 1 : 0))

/** As a table reads: from after an id on, at most so many; it says that more may follow whenever the page is full. */
function read(list: readonly string[], top: number, after: string | null): IdPage {
  const all = oldestFirst(after === null ? list : [...list, after])
  const items = all.slice(after === null ? 0 : all.lastIndexOf(after) + 1).slice(0, top)
  return { items, next: items.length < top ? null : (items.at(-1) ?? null) }
}

/** All pages, up to the one after which nothing follows. `most` is how much a list gives at the time. */
function turn(all: readonly (readonly string[])[], top: number, most: (list: number) => number): string[][] {
  const pages: string[][] = []
  for (let after: string | null = null, more = true; more; more = after !== null) {
    if (pages.length > 500) throw new Error('The pages do not end.')
    const page = merged(
      all.map((list, n) => read(list, most(n), after)),
      top,
    )
    pages.push(page.items)
    after = page.next
  }
  return pages
}

describe('a page merged from several lists', () => {
  test('shows each once, the oldest first, none missing and never more than asked for', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 12 }), (all, top) => {
        const pages = turn(all, top, () => top)
        expect(pages.flat()).toEqual(oldestFirst(new Set(all.flat())))
        expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(top)
        // Nothing is held back: only the last page may be short.
        expect(pages.slice(0, -1).every((page) => page.length === top)).toBe(true)
      }),
    )
  })

  test('does so also when some lists give less than was asked for', () => {
    const each = fc.integer({ min: 1, max: 6 })
    fc.assert(
      fc.property(lists, each, fc.array(each, { minLength: 5, maxLength: 5 }), (all, top, most) => {
        const pages = turn(all, top, (list) => most[list] as number)
        expect(pages.flat()).toEqual(oldestFirst(new Set(all.flat())))
        expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(top)
      }),
    )
  })

  test('of no lists, and of empty ones, is empty and the last', () => {
    expect(merged([], 5)).toEqual({ items: [], next: null })
    expect(merged([{ items: [], next: null }], 5)).toEqual({ items: [], next: null })
  })
})
