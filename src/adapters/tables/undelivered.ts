import type { AnyNotice } from '../../domain/notice.ts'
import { UNLISTED } from '../../domain/open-work.ts'
import type { Undelivered, UndeliveredNotices } from '../../ports.ts'
import { undelivered as keys, range } from './keys.ts'
import type { Table } from './table.ts'

/** Notices that were given up, in a partition of the truth: few, or somebody has long been told. */
export function tableUndelivered(table: Table): UndeliveredNotices {
  return {
    async keep(undelivered) {
      const put = {
        partitionKey: keys.partition,
        rowKey: keys.row(undelivered.id),
        doc: JSON.stringify({ ...undelivered, notice: inShort(undelivered.notice) }),
      }
      await table.transact([{ put, onlyIf: 'whatever' }])
    },

    async find(id) {
      const row = await table.get(keys.partition, keys.row(id))
      return row && (JSON.parse(row.doc) as Undelivered)
    },

    async list({ top, after }) {
      const { from, to } = range(keys.all)
      const rows = await table.query(keys.partition, after ? `${after}~` : from, to, top)
      return {
        items: rows.map(({ doc }) => JSON.parse(doc) as Undelivered),
        next: rows.length < top ? null : (rows.at(-1)?.rowKey ?? null),
      }
    },

    async forget(id) {
      await table.transact([{ delete: { partitionKey: keys.partition, rowKey: keys.row(id) } }])
    },
  }
}

/** A row has its limits: events are in the index, and by which lists a request is found nobody is told. */
function inShort(notice: AnyNotice): AnyNotice {
  if (!('request' in notice)) return { ...notice, events: [] }
  return { ...notice, events: [], request: { ...notice.request, listed: UNLISTED } }
}
