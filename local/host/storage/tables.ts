import { RestError, TableClient } from '@azure/data-tables'

export type Row = { partitionKey: string; rowKey: string; [column: string]: unknown }

export async function openTable(connection: string, name: string): Promise<TableClient> {
  const table = TableClient.fromConnectionString(connection, name, { allowInsecureConnection: true })
  await table.createTable()
  return table
}

export const isStatus = (error: unknown, status: number): boolean =>
  error instanceof RestError && error.statusCode === status

/** Undefined when there is no such row. */
export async function readRow(table: TableClient, partition: string, row: string): Promise<Row | undefined> {
  try {
    return (await table.getEntity(partition, row)) as Row
  } catch (error) {
    if (isStatus(error, 404)) return undefined
    throw error
  }
}

/** A row that is gone already is as good as deleted. */
export async function deleteRow(table: TableClient, partition: string, row: string): Promise<void> {
  await table.deleteEntity(partition, row).catch((error) => {
    if (!isStatus(error, 404)) throw error
  })
}
