import type { ReadRow, Row, Table, Write } from '../../src/adapters/tables/table.ts'
import { guardLimits } from '../../src/adapters/tables/transaction.ts'

/** A table in memory, with the promises of the real one: all or nothing, under conditions, in the order of keys. */
export function memoryTable(written: (row: Row) => void = () => undefined) {
  const rows = new Map<string, ReadRow>()
  const partitions = new Map<string, Map<string, ReadRow>>()
  let writes = 0
  const keyOf = ({ partitionKey, rowKey }: Pick<Row, 'partitionKey' | 'rowKey'>) =>
    `${partitionKey}\n${rowKey}`

  const holds = (write: Write): boolean => {
    if ('delete' in write) return rows.has(keyOf(write.delete))
    const there = rows.get(keyOf(write.put))
    if (write.onlyIf === 'absent') return there === undefined
    return write.onlyIf === 'whatever' || there?.etag === write.onlyIf.etag
  }

  const table: Table & { rows: typeof rows } = {
    rows,
    get: async (partitionKey, rowKey) => structuredClone(rows.get(keyOf({ partitionKey, rowKey }))),
    async query(partitionKey, from, to, top) {
      const found: ReadRow[] = []
      for (const row of partitions.get(partitionKey)?.values() ?? [])
        if (row.rowKey >= from && row.rowKey < to) found.push(row)
      return structuredClone(found.sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1)).slice(0, top))
    },
    page: async (top) => ({ rows: [...rows.values()].slice(0, top), token: null }),
    async transact(all) {
      guardLimits(all)
      const keys = all.map((write) => keyOf('put' in write ? write.put : write.delete))
      if (new Set(keys).size < keys.length) throw new RangeError('A transaction names a row twice.')
      if (!all.every(holds)) return undefined
      return all.map((write) => {
        if ('delete' in write) {
          rows.delete(keyOf(write.delete))
          partitions.get(write.delete.partitionKey)?.delete(write.delete.rowKey)
          return ''
        }
        const etag = `"${++writes}"`
        const { partitionKey, rowKey } = write.put
        const row = { ...write.put, etag }
        rows.set(keyOf(write.put), row)
        partitions.set(partitionKey, (partitions.get(partitionKey) ?? new Map()).set(rowKey, row))
        written(write.put)
        return etag
      })
    },
  }
  return table
}
