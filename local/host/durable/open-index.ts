import type { TableClient, TransactionAction } from '@azure/data-tables'
import { fromKey, toKey } from '../storage/keys.ts'
import { deleteRow } from '../storage/tables.ts'

/**
 * Which instances have not ended, so that a start of the host costs what is unfinished and not all that ever
 * ran. Entries of one moment share a transaction. An entry too many does no harm; one too few would lose an
 * instance, so `add` comes before the answer to the caller and `remove` after the end is written.
 */
export type OpenIndex = {
  add(id: string): Promise<void>
  remove(id: string): Promise<void>
  list(): Promise<string[]>
}

const PARTITION = 'open'
const row = (id: string) => ({ partitionKey: PARTITION, rowKey: `open~${toKey(id)}` })

type Change = { id: string; open: boolean; done: () => void; failed: (error: unknown) => void }

const MOST_ROWS = 100

export function createOpenIndex(table: TableClient): OpenIndex {
  let waiting: Change[] = []
  let writing = false

  const write = async (changes: Change[]) => {
    // One row may appear once in a transaction: the last word on it counts.
    const last = [...new Map(changes.map((change) => [change.id, change])).values()]
    if (last.length > 1) {
      const together = last.map((change): TransactionAction => {
        return change.open ? ['upsert', row(change.id), 'Replace'] : ['delete', row(change.id)]
      })
      const refused = await table.submitTransaction(together).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (refused === undefined) return
    }
    // One by one, where a row that is gone already is no obstacle.
    for (const { id, open } of last) {
      if (open) await table.upsertEntity(row(id), 'Replace')
      else await deleteRow(table, PARTITION, row(id).rowKey)
    }
  }

  const pump = async () => {
    writing = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_ROWS)
      waiting = waiting.slice(MOST_ROWS)
      try {
        await write(batch)
        for (const { done } of batch) done()
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
    }
    writing = false
  }

  const change = (id: string, open: boolean) =>
    new Promise<void>((done, failed) => {
      waiting.push({ id, open, done, failed })
      if (!writing) setImmediate(() => void (writing || pump()))
    })

  return {
    add: (id) => change(id, true),
    remove: (id) => change(id, false),
    async list() {
      const ids: string[] = []
      for await (const found of table.listEntities({
        queryOptions: { filter: `PartitionKey eq '${PARTITION}'` },
      }))
        ids.push(fromKey(String(found.rowKey).slice('open~'.length)))
      return ids
    },
  }
}
