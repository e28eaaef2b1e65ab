import type { Departure } from '../../domain/last-administrator.ts'
import { roleKey } from '../../domain/role.ts'
import type { Departures } from '../../ports.ts'
import { departures as keys } from './keys.ts'
import type { Table } from './table.ts'

/** Departures in the table of the truth, each role in a partition of its own. */
export function tableDepartures(table: Table): Departures {
  return {
    async read(role) {
      const key = roleKey(role)
      const row = await table.get(keys.partition(key), keys.row(key))
      return row && { value: JSON.parse(row.doc) as Departure[], etag: row.etag }
    },

    async write(role, departures, before) {
      const key = roleKey(role)
      const put = {
        partitionKey: keys.partition(key),
        rowKey: keys.row(key),
        doc: JSON.stringify(departures),
      }
      const onlyIf = before ? { etag: before.etag } : ('absent' as const)
      return (await table.transact([{ put, onlyIf }])) !== undefined
    },
  }
}
