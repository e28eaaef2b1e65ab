import type { TableClient, TransactionAction } from '@azure/data-tables'
import { fromKey, toKey } from '../storage/keys.ts'
import { deleteRow, isStatus, type Row, readRow } from '../storage/tables.ts'
import type { Instance } from './instance.ts'
import { eventsOf, fromStateRow, pageKey, toRows } from './instance-rows.ts'
import { createOpenIndex } from './open-index.ts'

export type InstanceQuery = {
  prefix: string
  statuses: string[]
  createdFrom: Date | undefined
  createdTo: Date | undefined
  top: number
  continuation: string | undefined
}

/** Instances in storage, which is the write-ahead log: what `write` has answered survives the process. */
export type InstanceStore = {
  /** False when the id is taken. */
  insert(instance: Instance): Promise<boolean>
  /** All of it or nothing, in one round trip as long as the new history is short. */
  write(instance: Instance): Promise<Instance>
  /** Takes the place of an instance that has ended, under the same id. */
  replace(ended: Instance, by: Instance): Promise<void>
  read(id: string): Promise<Instance | undefined>
  remove(instance: Instance): Promise<void>
  /** Notes that it has ended, so that no start of the host looks at it again. */
  close(id: string): Promise<void>
  open(): Promise<string[]>
  /** The state of many, without older history. */
  query(query: InstanceQuery): Promise<{ found: Instance[]; continuation: string | undefined }>
}

const MOST_ROWS = 100
const MOST_CHARACTERS = 1_500_000

export function createInstanceStore(table: TableClient, hostTable: TableClient): InstanceStore {
  const index = createOpenIndex(hostTable)

  const removePages = async (instance: Instance) => {
    for (let page = 0; page < instance.pages; page++)
      await deleteRow(table, toKey(instance.id), pageKey(instance, page))
  }

  const write = async (instance: Instance) => {
    const { rows, written } = toRows(instance)
    const [first] = rows as [Row]
    if (rows.length === 1) await table.upsertEntity(first, 'Replace')
    else await writeTogether(table, rows)
    return written
  }

  return {
    async insert(instance) {
      const { rows } = toRows(instance)
      const inserted = table.createEntity(rows.at(-1) as Row).then(
        () => true,
        (error) => {
          if (isStatus(error, 409)) return false
          throw error
        },
      )
      const [done] = await Promise.all([inserted, index.add(instance.id)])
      return done
    },
    write,
    async replace(ended, by) {
      await index.add(by.id)
      await write(by)
      await removePages(ended)
    },
    async read(id) {
      const row = await readRow(table, toKey(id), toKey(id))
      if (!row) return undefined
      const instance = fromStateRow(row)
      const pages = Array.from({ length: instance.pages }, async (_, page) => {
        const found = await readRow(table, toKey(id), pageKey(instance, page))
        return found ? eventsOf(found) : []
      })
      return { ...instance, history: [...(await Promise.all(pages)).flat(), ...instance.history] }
    },
    async remove(instance) {
      await deleteRow(table, toKey(instance.id), toKey(instance.id))
      await removePages(instance)
      await index.remove(instance.id)
    },
    close: (id) => index.remove(id),
    open: () => index.list(),
    async query(query) {
      const pages = table.listEntities({ queryOptions: { filter: filterOf(query) } }).byPage({
        maxPageSize: query.top,
        ...(query.continuation ? { continuationToken: query.continuation } : {}),
      })
      const { value: page } = await pages.next()
      return {
        found: ((page ?? []) as Row[]).map(fromStateRow).filter(({ id }) => id.startsWith(query.prefix)),
        continuation: (page as { continuationToken?: string } | undefined)?.continuationToken,
      }
    },
  }
}

/** More than one transaction takes: the pages first, which nothing points at yet, and the state row last. */
async function writeTogether(table: TableClient, rows: Row[]): Promise<void> {
  const size = rows.reduce((sum, row) => sum + JSON.stringify(row).length, 0)
  if (rows.length <= MOST_ROWS && size <= MOST_CHARACTERS) {
    await table.submitTransaction(rows.map((row): TransactionAction => ['upsert', row, 'Replace']))
    return
  }
  for (const row of rows) await table.upsertEntity(row, 'Replace')
}

function filterOf({ prefix, statuses, createdFrom, createdTo }: InstanceQuery): string {
  const conditions = [`kind eq 'instance'`]
  if (prefix) {
    const key = toKey(prefix) // which never contains ~, the last of the characters that keys are made of
    conditions.push(`PartitionKey ge '${key}' and PartitionKey lt '${key}~'`)
  }
  if (statuses.length > 0)
    conditions.push(`(${statuses.map((status) => `status eq '${fromKey(toKey(status))}'`).join(' or ')})`)
  if (createdFrom) conditions.push(`created ge '${createdFrom.toISOString()}'`)
  if (createdTo) conditions.push(`created le '${createdTo.toISOString()}'`)
  return conditions.join(' and ')
}
