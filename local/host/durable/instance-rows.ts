import { fromColumns, toColumns } from '../storage/columns.ts'
import { fromKey, toKey } from '../storage/keys.ts'
import type { Row } from '../storage/tables.ts'
import type { HistoryEvent } from './history.ts'
import type { Instance, Status } from './instance.ts'

/**
 * An instance is one partition: a row with its state and the newest history, and, once that grows long, rows
 * with older pages of it. So a usual episode is one write of one row. Each row key carries the id, because
 * storage may be slow with keys that many partitions share.
 */
const LONGEST_OPEN_PAGE = 30_000

export const pageKey = (instance: Instance, page: number): string =>
  `${toKey(instance.id)}~${instance.executionId.slice(0, 12)}~${String(page).padStart(5, '0')}`

/** The rows to write for an instance, and the instance as it is once they are written. */
export function toRows(instance: Instance): { rows: Row[]; written: Instance } {
  const open = instance.history.slice(instance.pagedEvents)
  const text = JSON.stringify(open)
  if (text.length <= LONGEST_OPEN_PAGE) return { rows: [stateRow(instance, text)], written: instance }
  const pages = cutIntoPages(open).map((page, index) => ({
    partitionKey: toKey(instance.id),
    rowKey: pageKey(instance, instance.pages + index),
    ...toColumns('events', page),
  }))
  const written = {
    ...instance,
    pages: instance.pages + pages.length,
    pagedEvents: instance.history.length,
  }
  return { rows: [...pages, stateRow(written, '[]')], written }
}

/** A row holds at most 1 MiB, which is half a million characters; one event is never cut. */
function cutIntoPages(events: HistoryEvent[]): string[] {
  const pages: string[] = []
  let page: string[] = []
  let size = 0
  for (const text of events.map((event) => JSON.stringify(event))) {
    if (size + text.length > 300_000 && page.length > 0) {
      pages.push(`[${page.join(',')}]`)
      page = []
      size = 0
    }
    page.push(text)
    size += text.length
  }
  return [...pages, `[${page.join(',')}]`]
}

function stateRow(instance: Instance, openPage: string): Row {
  const { history, id, status, name, created, updated, ...rest } = instance
  return {
    partitionKey: toKey(id),
    rowKey: toKey(id),
    kind: 'instance',
    name,
    status,
    created: new Date(created).toISOString(),
    updated: new Date(updated).toISOString(),
    ...toColumns('state', JSON.stringify(rest)),
    ...toColumns('events', openPage),
  }
}

/** Without the history that lies in pages: the caller puts it in front. */
export function fromStateRow(row: Row): Instance {
  return {
    ...(JSON.parse(fromColumns('state', row)) as Instance),
    id: fromKey(row.partitionKey),
    name: String(row.name),
    status: String(row.status) as Status,
    created: Date.parse(String(row.created)),
    updated: Date.parse(String(row.updated)),
    history: eventsOf(row),
  }
}

export const eventsOf = (row: Row): HistoryEvent[] => JSON.parse(fromColumns('events', row)) as HistoryEvent[]
