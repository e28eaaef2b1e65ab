import { connectionString } from '../settings.ts'
import { scheduleStatuses, storedClock } from './host-state.ts'
import { openTable } from './tables.ts'

/** The two tables of a hub: one for instances, a small one for all the host reads when it starts. */
export async function openHostStorage(connectionName: string, hub: string) {
  const connection = connectionString(connectionName, 'host.json')
  const [instances, host] = await Promise.all([
    openTable(connection, `${hub}LocalInstances`),
    openTable(connection, `${hub}LocalHost`),
  ])
  return { tables: { instances, host }, clock: storedClock(host), statuses: scheduleStatuses(host) }
}
