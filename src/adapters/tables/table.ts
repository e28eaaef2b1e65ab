import { randomUUID } from 'node:crypto'
import {
  odata,
  RestError,
  TableClient,
  type TableEntityResult,
  type TransactionAction,
} from '@azure/data-tables'
import { Unavailable } from '../../ports.ts'

/** A row of ours: two keys, and everything else as one JSON text, which zod-checked code wrote and reads. */
export type Row = { partitionKey: string; rowKey: string; doc: string }
export type ReadRow = { rowKey: string; partitionKey: string; doc: string; etag: string }

/** How a row joins a transaction. */
export type Write =
  | { put: Row; onlyIf: 'absent' }
  | { put: Row; onlyIf: 'whatever' }
  | { put: Row; onlyIf: { etag: string } }
  | { delete: Pick<Row, 'partitionKey' | 'rowKey'> }

/** As it is stored. */
type Doc = { doc: string; rest?: string }

/** One table, created at its first use. Throws `Unavailable` when the storage is away or asks us to wait. */
export interface Table {
  get(partitionKey: string, rowKey: string): Promise<ReadRow | undefined>
  /** Rows of a range of keys, in the order of their keys, at most `top`. */
  query(partitionKey: string, from: string, to: string, top: number): Promise<ReadRow[]>
  /** A page of the whole table, for lists of everything. */
  page(top: number, token: string | null): Promise<{ rows: ReadRow[]; token: string | null }>
  /**
   * All or nothing; answers with the new ETags, in order. Undefined, and nothing written, when a condition does not hold
   * or a row to delete is not there. (The SDK cannot delete under an ETag within a transaction: replace instead.)
   */
  transact(writes: readonly Write[]): Promise<string[] | undefined>
}

export type TableAccess =
  | { connectionString: string }
  | { url: string; credential: import('@azure/identity').TokenCredential }

export function openTable(access: TableAccess, name: string): Table {
  const client = connect(access, name)
  let created: Promise<unknown> | undefined
  /** The table is made when the first operation finds none: no round trip on an ordinary start. */
  async function withTable<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation()
    } catch (error) {
      if (!isMissingTable(error)) throw outage(error)
      created ??= client.createTable(patience()).catch((failure) => {
        created = undefined
        throw failure
      })
      await created
      return await operation().catch((failure) => Promise.reject(outage(failure)))
    }
  }

  return {
    get: (partitionKey, rowKey) =>
      withTable(async () => {
        try {
          return asRow(await client.getEntity<Doc>(partitionKey, rowKey, patience()))
        } catch (error) {
          if (error instanceof RestError && error.statusCode === 404 && !isMissingTable(error))
            return undefined
          throw error
        }
      }),

    query: (partitionKey, from, to, top) =>
      withTable(async () => {
        const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${from} and RowKey lt ${to}`
        const rows: ReadRow[] = []
        const pages = client
          .listEntities<Doc>({ queryOptions: { filter }, ...patience() })
          .byPage({ maxPageSize: Math.min(top, 1000) })
        for await (const page of pages) {
          rows.push(...page.map(asRow))
          if (rows.length >= top) break
        }
        return rows.slice(0, top)
      }),

    page: (top, token) =>
      withTable(async () => {
        const pages = client
          .listEntities<Doc>(patience())
          .byPage({ maxPageSize: top, ...(token ? { continuationToken: token } : {}) })
        const { value } = await pages.next()
        return { rows: (value ?? []).map(asRow), token: value?.continuationToken ?? null }
      }),

    transact: (writes) =>
      withTable(async () => {
        guardLimits(writes)
        const tx = randomUUID()
        try {
          const actions = writes.map((write) => asAction(write, tx))
          const { subResponses } = await client.submitTransaction(actions, patience())
          return subResponses.map(({ etag }) => etag ?? '')
        } catch (error) {
          if (!(error instanceof RestError) || !LOST.includes(error.statusCode ?? 0) || isMissingTable(error))
            throw error
          return wasOurs(client, writes, tx)
        }
      }),
  }
}

/**
 * A conflict may be with ourselves: the SDK sends again what was not answered, and the first sending may have been done. Each
 * transaction leaves its mark on the rows it writes under a condition, and by that mark it is known.
 */
async function wasOurs(
  client: TableClient,
  writes: readonly Write[],
  tx: string,
): Promise<string[] | undefined> {
  const conditional = writes.find((write) => 'put' in write && write.onlyIf !== 'whatever')
  if (!conditional || !('put' in conditional)) return undefined
  const { partitionKey, rowKey } = conditional.put
  const row = await client.getEntity<{ tx?: string }>(partitionKey, rowKey, patience()).catch(() => undefined)
  if (row?.tx !== tx) return undefined
  return writes.map((write) => (write === conditional ? row.etag : ''))
}

/** Nothing waits for the storage longer than this, so that whoever started it is not long gone when it is done. */
const patience = () => ({ abortSignal: AbortSignal.timeout(30_000) })

/** 409: it is there already. 412: it has changed. 404: it is gone. */
const LOST = [404, 409, 412]

function connect(access: TableAccess, name: string): TableClient {
  if ('url' in access) return new TableClient(access.url, name, access.credential)
  return TableClient.fromConnectionString(access.connectionString, name, { allowInsecureConnection: true })
}

function asAction(write: Write, tx: string): TransactionAction {
  if ('delete' in write) return ['delete', write.delete]
  const put = { ...write.put, ...inProperties(onOneLine(write.put.doc)) }
  if (write.onlyIf === 'absent') return ['create', { ...put, tx }]
  if (write.onlyIf === 'whatever') return ['upsert', put, 'Replace']
  return ['update', { ...put, tx }, 'Replace', { etag: write.onlyIf.etag }]
}

/** A property holds 64 KiB, two bytes a character: the rest of a longer text stands in a second one. */
function inProperties(doc: string): { doc: string; rest?: string } {
  if (doc.length <= MOST_OF_A_PROPERTY) return { doc }
  const isHalf = /[\uD800-\uDBFF]/.test(doc.charAt(MOST_OF_A_PROPERTY - 1)) // no half of a character survives
  const end = MOST_OF_A_PROPERTY - (isHalf ? 1 : 0)
  return { doc: doc.slice(0, end), rest: doc.slice(end) }
}

const MOST_OF_A_PROPERTY = 32_000

/** Two characters that JSON may leave as they are and that break lines, upon which Azurite answers 500. */
const onOneLine = (doc: string) => doc.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')

/** The real service refuses what Azurite accepts; found here, it is found in every test. */
export function guardLimits(writes: readonly Write[]): void {
  if (writes.length > 100) throw new RangeError(`A transaction of ${writes.length} rows: 100 is the limit.`)
  for (const write of writes) {
    const { partitionKey, rowKey } = 'put' in write ? write.put : write.delete
    if (/[/\\#?\p{Cc}]/u.test(partitionKey + rowKey))
      throw new RangeError(`Not a table key: ${partitionKey} ${rowKey}`)
    if (partitionKey.length > MOST_OF_A_KEY || rowKey.length > MOST_OF_A_KEY)
      throw new RangeError(`A table key has more than 1 KiB: ${partitionKey} ${rowKey}`)
    if ('put' in write && onOneLine(write.put.doc).length > 2 * MOST_OF_A_PROPERTY)
      throw new RangeError(`Row ${rowKey} has more than 125 KiB.`)
  }
}

/** 1 KiB in UTF-16. What is longest in our keys are Azure scopes, which are kept short where callers name them. */
const MOST_OF_A_KEY = 512

const asRow = ({ partitionKey, rowKey, doc, rest = '', etag }: TableEntityResult<Doc>): ReadRow => ({
  partitionKey: partitionKey as string,
  rowKey: rowKey as string,
  doc: doc + rest,
  etag,
})

function isMissingTable(error: unknown): boolean {
  return (
    error instanceof RestError &&
    error.statusCode === 404 &&
    /TableNotFound/.test(`${error.code} ${error.message}`)
  )
}

/** 401 and 403: our token or key is not accepted, yet or any more. The caller can do nothing about it but wait. */
const MAY_PASS = [401, 403, 408, 429]

function outage(error: unknown): unknown {
  if (error instanceof Error && error.name === 'AbortError')
    return new Unavailable('The storage did not answer in time.')
  if (!(error instanceof RestError)) return error
  const { statusCode } = error
  if (statusCode !== undefined && statusCode < 500 && !MAY_PASS.includes(statusCode)) return error
  return new Unavailable(`The storage did not answer (${error.code ?? statusCode ?? 'no connection'}).`)
}
