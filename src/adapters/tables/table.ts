import { odata, RestError, TableClient, type TableEntityResult } from '@azure/data-tables'
import { Unavailable } from '../../ports.ts'
import { type Doc, isMissingTable, patience, transact, type Write } from './transaction.ts'

export type { Row, Write } from './transaction.ts'

export type ReadRow = { rowKey: string; partitionKey: string; doc: string; etag: string }

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

    transact: (writes) => withTable(() => transact(client, writes)),
  }
}

function connect(access: TableAccess, name: string): TableClient {
  if ('url' in access) return new TableClient(access.url, name, access.credential)
  return TableClient.fromConnectionString(access.connectionString, name, { allowInsecureConnection: true })
}

const asRow = ({ partitionKey, rowKey, doc, rest = '', etag }: TableEntityResult<Doc>): ReadRow => ({
  partitionKey: partitionKey as string,
  rowKey: rowKey as string,
  doc: doc + rest,
  etag,
})

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
