import { randomUUID } from 'node:crypto'
import { RestError, type TableClient, type TransactionAction } from '@azure/data-tables'

/** A row of ours: two keys, and everything else as one JSON text, which zod-checked code wrote and reads. */
export type Row = { partitionKey: string; rowKey: string; doc: string }

/** How a row joins a transaction. */
export type Write =
  | { put: Row; onlyIf: 'absent' }
  | { put: Row; onlyIf: 'whatever' }
  | { put: Row; onlyIf: { etag: string } }
  | { delete: Pick<Row, 'partitionKey' | 'rowKey'> }

/** As it is stored. */
export type Doc = { doc: string; rest?: string }

/**
 * Writes all or nothing; answers with the new ETags, in order. Undefined, and nothing written, when a condition does not hold or a row to
 * delete is not there.
 */
export async function transact(client: TableClient, writes: readonly Write[]): Promise<string[] | undefined> {
  guardLimits(writes)
  const tx = randomUUID()
  try {
    return await submit(
      client,
      writes.map((write) => asAction(write, tx)),
    )
  } catch (error) {
    if (!(error instanceof RestError) || !LOST.includes(error.statusCode ?? 0) || isMissingTable(error))
      throw error
    return wasOurs(client, writes, tx)
  }
}

/** A single write goes without the wrapping of a batch, which costs more than the write. */
async function submit(client: TableClient, actions: TransactionAction[]): Promise<string[]> {
  const [action, ...more] = actions
  if (!action || more.length > 0) {
    const { subResponses } = await client.submitTransaction(actions, patience())
    return subResponses.map(({ etag }) => etag ?? '')
  }
  const { etag } = await submitAlone(client, action)
  return [etag ?? '']
}

function submitAlone(
  client: TableClient,
  [kind, row, ...how]: TransactionAction,
): Promise<{ etag?: string }> {
  switch (kind) {
    case 'create':
      return client.createEntity(row, patience())
    case 'upsert':
      return client.upsertEntity(row, 'Replace', patience())
    case 'update':
      return client.updateEntity(row, 'Replace', { ...how[1], ...patience() })
    case 'delete':
      return client.deleteEntity(row.partitionKey, row.rowKey, patience()).then(() => ({}))
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
export const patience = () => ({ abortSignal: AbortSignal.timeout(30_000) })

/** 409: it is there already. 412: it has changed. 404: it is gone. */
const LOST = [404, 409, 412]

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

export function isMissingTable(error: unknown): boolean {
  return (
    error instanceof RestError &&
    error.statusCode === 404 &&
    /TableNotFound/.test(`${error.code} ${error.message}`)
  )
}
