import type { Personal } from '../../domain/personal.ts'
import type { Personals } from '../../ports.ts'
import { eventWrites } from './event-writes.ts'
import { personal as keys, truth } from './keys.ts'
import type { Table } from './table.ts'

/** What people have chosen, each in their own partition of the truth, with its events. */
export function tablePersonals(table: Table): Personals {
  return {
    async read(personId) {
      const row = await table.get(truth.partition(personId), keys.row(personId))
      return row && { value: JSON.parse(row.doc) as Personal, etag: row.etag }
    },

    async write({ personal, events }, read) {
      const partitionKey = truth.partition(personal.personId)
      const row = (rowKey: string, value: unknown) => ({ partitionKey, rowKey, doc: JSON.stringify(value) })
      const written = await table.transact([
        {
          put: row(keys.row(personal.personId), personal),
          onlyIf: read ? { etag: read.etag } : 'absent',
        },
        ...eventWrites(partitionKey, events),
      ])
      return written !== undefined
    },
  }
}
