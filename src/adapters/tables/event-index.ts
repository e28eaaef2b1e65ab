import { type AuditEvent, type AuditKey, auditKeys } from '../../domain/audit.ts'
import { newestFirst } from '../../domain/ids.ts'
import { countable } from '../../domain/tally.ts'
import type { Page, PageOptions } from '../../ports.ts'
import { tallies as tallyKeys } from './keys.ts'
import type { Row, Table, Write } from './table.ts'

type Range = { from: Date | null; to: Date | null }

/** Where a page ended: a day, and a row key of it. */
type Place = [day: string, rowKey: string]

/**
 * Finds events again by time, by role and by person. Events of a day share a partition, each event once under every key
 * that it is found by; a second table says on which days a key occurs at all. So a page costs the days that it shows.
 */
export function eventIndex(events: Table, days: Table) {
  const noted = new Set<string>()

  /** Once a day and key, remembered so that it costs nothing more. */
  async function noteDay(key: AuditKey, day: string): Promise<void> {
    if (noted.has(`${key} ${day}`)) return
    if (noted.size > 50_000) noted.clear()
    await days.transact([
      { put: { partitionKey: key, rowKey: dayKey(key, day), doc: day }, onlyIf: 'whatever' },
    ])
    noted.add(`${key} ${day}`)
  }

  async function add(fresh: readonly AuditEvent[]): Promise<void> {
    for (const [day, ofDay] of byDay(fresh)) {
      const keys = new Set(ofDay.flatMap(auditKeys))
      await Promise.all([...keys].map((key) => noteDay(key, day))) // before: a day too many costs one empty look
      const writes = ofDay.flatMap((event) =>
        rowsOf(event, day).map((put): Write => ({ put, onlyIf: 'whatever' })),
      )
      for (let start = 0; start < writes.length; start += 100)
        await events.transact(writes.slice(start, start + 100))
    }
  }

  /** Looked for among what happened to their principal meanwhile, which is little; one by one where it is much. */
  async function indexed(wanted: readonly AuditEvent[]): Promise<Set<string>> {
    const found = new Set<string>()
    for (const [day, ofDay] of byDay(wanted)) {
      const rowKeyOf = (event: AuditEvent) => indexRow(event, `person|${event.principal.id}`, day).rowKey
      const keys = ofDay.map(rowKeyOf).sort()
      const rows = await events.query(day, keys[0] as string, `${keys.at(-1)}~`, MUCH)
      const there = new Set(rows.map(({ rowKey }) => rowKey))
      for (const event of ofDay) {
        const rowKey = rowKeyOf(event)
        if (there.has(rowKey) || (rows.length === MUCH && (await events.get(day, rowKey))))
          found.add(event.id)
      }
    }
    return found
  }

  /** The newest first; `after` is the day and the row that the page before ended with. */
  async function list(key: AuditKey, range: Range, { top, after }: PageOptions): Promise<Page<AuditEvent>> {
    const begun = after ? (JSON.parse(after) as Place) : null
    const items: AuditEvent[] = []
    let last: Place | null = null
    for await (const day of daysOf(key, range, begun)) {
      const [from, to] = bounds(key, day, range, begun)
      const rows = from < to ? await events.query(day, from, to, top - items.length) : []
      items.push(...rows.map(({ doc }) => JSON.parse(doc) as AuditEvent))
      const lastRow = rows.at(-1)
      if (lastRow) last = [day, lastRow.rowKey]
      if (items.length >= top) return { items, next: JSON.stringify(last) }
    }
    return { items, next: null }
  }

  /** The days on which a key occurs, the newest first, from where the page before ended. */
  async function* daysOf(key: AuditKey, { from, to }: Range, begun: Place | null): AsyncGenerator<string> {
    const newest = begun?.[0] ?? to?.toISOString().slice(0, 10)
    const oldest = from?.toISOString().slice(0, 10)
    let start = newest ? dayKey(key, newest) : `${key}|`
    const end = oldest ? `${dayKey(key, oldest)}~` : `${key}|~~`
    let rows: { rowKey: string; doc: string }[]
    do {
      rows = await days.query(key, start, end, DAYS_AT_ONCE)
      for (const { doc: day } of rows) yield day
      start = `${rows.at(-1)?.rowKey}~`
    } while (rows.length === DAYS_AT_ONCE)
  }

  return { add, indexed, list }
}

const DAYS_AT_ONCE = 50
const MUCH = 200

/** The rows of a key on a day that lie in the range, and after those of the page before. */
function bounds(key: AuditKey, day: string, { from, to }: Range, begun: Place | null): [string, string] {
  const begin = to ? `${key}|${newestFirst(to)}` : `${key}|`
  const end = from ? `${key}|${newestFirst(from)}~` : `${key}|~~`
  return [begun?.[0] === day ? `${begun[1]}~` : begin, end]
}

const dayOf = ({ activityDateTime }: AuditEvent) => activityDateTime.slice(0, 10)

/** Row keys of days carry their key, so that none repeats within the table, and sort the newest first. */
const dayKey = (key: AuditKey, day: string) => `${key}|${newestFirst(new Date(`${day}T00:00:00Z`))}`

function indexRow(event: AuditEvent, key: AuditKey, day: string): Row {
  const rowKey = `${key}|${newestFirst(new Date(event.activityDateTime))}|${event.id}`
  return { partitionKey: day, rowKey, doc: JSON.stringify(event) }
}

/** To be counted first: what is found in the index has been counted, or will be. */
function rowsOf(event: AuditEvent, day: string): Row[] {
  const fresh = countable(event)
  const rows = auditKeys(event).map((key) => indexRow(event, key, day))
  if (!fresh) return rows
  return [{ partitionKey: day, rowKey: tallyKeys.fresh(event.id), doc: JSON.stringify(fresh) }, ...rows]
}

function byDay(events: readonly AuditEvent[]): Map<string, AuditEvent[]> {
  const days = new Map<string, AuditEvent[]>()
  for (const event of events) days.set(dayOf(event), [...(days.get(dayOf(event)) ?? []), event])
  return days
}
