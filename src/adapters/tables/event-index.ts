import { type AuditEvent, type AuditKey, auditKeys } from '../../domain/audit.ts'
import { newestFirst } from '../../domain/ids.ts'
import type { Page, PageOptions } from '../../ports.ts'
import { range } from './keys.ts'
import type { Row, Table, Write } from './table.ts'

type Range = { from: Date | null; to: Date | null }

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
        auditKeys(event).map((key): Write => ({ put: indexRow(event, key, day), onlyIf: 'whatever' })),
      )
      for (let start = 0; start < writes.length; start += 100)
        await events.transact(writes.slice(start, start + 100))
    }
  }

  async function has(event: AuditEvent): Promise<boolean> {
    const { partitionKey, rowKey } = indexRow(event, 'all', dayOf(event))
    return (await events.get(partitionKey, rowKey)) !== undefined
  }

  /** The newest first; `after` is the row key that the page before ended with, with its day. */
  async function list(
    key: AuditKey,
    { from, to }: Range,
    { top, after }: PageOptions,
  ): Promise<Page<AuditEvent>> {
    const [afterDay, afterRow] = after ? (JSON.parse(after) as [string, string]) : [null, null]
    const newestDay = afterDay ?? (to ?? new Date(Date.UTC(2199, 0))).toISOString().slice(0, 10)
    const items: AuditEvent[] = []
    let last: [string, string] | undefined
    let start = dayKey(key, newestDay)
    while (items.length < top) {
      const someDays = await days.query(
        key,
        start,
        from ? `${dayKey(key, from.toISOString().slice(0, 10))}~` : `${key}|~~`,
        50,
      )
      for (const { doc: day } of someDays) {
        const begin =
          day === afterDay && afterRow ? `${afterRow}~` : to ? `${key}|${newestFirst(to)}` : `${key}|`
        const end = from ? `${key}|${newestFirst(from)}~` : `${key}|~~`
        if (begin >= end) continue
        const rows = await events.query(day, begin, end, top - items.length)
        items.push(...rows.map(({ doc }) => JSON.parse(doc) as AuditEvent))
        const lastRow = rows.at(-1)
        if (lastRow) last = [day, lastRow.rowKey]
        if (items.length >= top) break
      }
      if (someDays.length < 50) break
      start = `${someDays.at(-1)?.rowKey}~`
    }
    return { items, next: items.length >= top && last ? JSON.stringify(last) : null }
  }

  return { add, has, list }
}

const dayOf = ({ activityDateTime }: AuditEvent) => activityDateTime.slice(0, 10)

/** Row keys of days carry their key, so that none repeats within the table, and sort the newest first. */
const dayKey = (key: AuditKey, day: string) => `${key}|${newestFirst(new Date(`${day}T00:00:00Z`))}`

function indexRow(event: AuditEvent, key: AuditKey, day: string): Row {
  const rowKey = `${key}|${newestFirst(new Date(event.activityDateTime))}|${event.id}`
  return { partitionKey: day, rowKey, doc: JSON.stringify(event) }
}

function byDay(events: readonly AuditEvent[]): Map<string, AuditEvent[]> {
  const days = new Map<string, AuditEvent[]>()
  for (const event of events) days.set(dayOf(event), [...(days.get(dayOf(event)) ?? []), event])
  return days
}
