import type { Delegation } from '../../domain/delegation.ts'
import type { Delegations } from '../../ports.ts'
import { eventWrites } from './event-writes.ts'
import { delegations as keys } from './keys.ts'
import type { Table, Write } from './table.ts'

/** So long the mails of another process may not know of a delegation. Who decides is always read anew. */
const GOOD_FOR_MILLIS = 60_000
/** Far more than any organisation has at once. */
const MOST = 10_000

/** Delegations in the table of the truth: each twice, by its id and by its end, in one transaction. */
export function tableDelegations(table: Table, millis: () => number): Delegations {
  const { partition: partitionKey } = keys
  let known: { at: number; all: Delegation[] } | undefined

  return {
    async current(now, fresh) {
      const from = now.toISOString()
      const isKnown = known && !fresh && Math.abs(millis() - known.at) < GOOD_FOR_MILLIS
      if (!isKnown) {
        const { from: first, to } = keys.notOver(from)
        const rows = await table.query(partitionKey, first, to, MOST)
        known = { at: millis(), all: rows.map(({ doc }) => JSON.parse(doc) as Delegation) }
      }
      return (known?.all ?? []).filter(
        ({ endDateTime, revokedDateTime }) => endDateTime > from && !revokedDateTime,
      )
    },

    async find(id) {
      const row = await table.get(partitionKey, keys.id(id))
      return row && { value: JSON.parse(row.doc) as Delegation, etag: row.etag }
    },

    async write(delegation, read, events) {
      known = undefined
      const doc = JSON.stringify(delegation)
      const { id, endDateTime } = delegation
      const byEnd = { partitionKey, rowKey: keys.row(endDateTime, id) }
      // Off the list with what is taken back: however often somebody delegates anew, it stays a list of what is in force.
      const listed: Write = delegation.revokedDateTime
        ? { delete: byEnd }
        : { put: { ...byEnd, doc }, onlyIf: 'whatever' }
      const written = await table.transact([
        { put: { partitionKey, rowKey: keys.id(id), doc }, onlyIf: read ? { etag: read.etag } : 'absent' },
        listed,
        ...eventWrites(partitionKey, events),
      ])
      return written !== undefined
    },
  }
}
