import type { TableClient } from '@azure/data-tables'
import type { ClockKeeper } from '../clock/clock.ts'
import type { ScheduleStatuses } from '../timers/schedule-status.ts'
import { toKey } from './keys.ts'
import { readRow } from './tables.ts'

/** The schedule status of each timer, one row each. */
export function scheduleStatuses(table: TableClient): ScheduleStatuses {
  return {
    async read(name) {
      const row = await readRow(table, 'timer', `timer~${toKey(name)}`)
      return row && { last: String(row.last), next: String(row.next), lastUpdated: String(row.lastUpdated) }
    },
    async write(name, status) {
      await table.upsertEntity(
        { partitionKey: 'timer', rowKey: `timer~${toKey(name)}`, ...status },
        'Replace',
      )
    },
  }
}

/** Without a clock to share, a moved clock must still outlive this process: what is stored has its times. */
export function storedClock(table: TableClient): ClockKeeper {
  return {
    async read() {
      const row = await readRow(table, 'clock', 'clock')
      return row ? Number(row.offsetText) : 0
    },
    async write(offset) {
      await table.upsertEntity({ partitionKey: 'clock', rowKey: 'clock', offsetText: `${offset}` }, 'Replace')
    },
  }
}
