import { createHash } from 'node:crypto'
import type { Bundle, Told } from '../../domain/bundle.ts'
import type { Bundles } from '../../ports.ts'
import { bundles as keys, range } from './keys.ts'
import type { Table } from './table.ts'

/** Of one bundle: as many as one query brings. What is beyond is in the trail. */
const MOST = 1000
const IN_A_TRANSACTION = 100

/** What is gathered for somebody, in a partition of the truth: the bundle and what is in it change together. */
export function tableBundles(table: Table): Bundles {
  const ofTold = (id: string, n: number) => {
    const { from, to } = range(keys.told(id, n))
    return table.query(id, from, to, MOST)
  }
  return {
    async read(id) {
      const row = await table.get(id, keys.row(id))
      return row && { value: JSON.parse(row.doc) as Bundle, etag: row.etag }
    },

    async write(id, bundle, read, told) {
      const put = (rowKey: string, value: unknown) => ({
        partitionKey: id,
        rowKey,
        doc: JSON.stringify(value),
      })
      const written = await table.transact([
        { put: put(keys.row(id), bundle), onlyIf: read ? { etag: read.etag } : 'absent' },
        ...(told
          ? [
              {
                put: put(`${keys.told(id, bundle.n)}${nameOf(told.key)}`, told),
                onlyIf: 'whatever' as const,
              },
            ]
          : []),
      ])
      return written && { value: bundle, etag: written[0] as string }
    },

    async told(id, n) {
      return (await ofTold(id, n)).map(({ doc }) => JSON.parse(doc) as Told)
    },

    async forget(id, n) {
      const rows = await ofTold(id, n)
      for (let start = 0; start < rows.length; start += IN_A_TRANSACTION) {
        const deletes = rows
          .slice(start, start + IN_A_TRANSACTION)
          .map(({ rowKey }) => ({ delete: { partitionKey: id, rowKey } }))
        if (await table.transact(deletes)) continue
        for (const each of deletes) await table.transact([each]) // some were gone already
      }
    },
  }
}

/** A key names a request or an eligibility, a step and a person: longer than a row key needs to be. */
const nameOf = (key: string) => createHash('sha256').update(key).digest('base64url')
