import { type Countable, counted, type Tally } from '../../domain/tally.ts'
import type { Tallies } from '../../ports.ts'
import { tallies as keys, range } from './keys.ts'
import type { ReadRow, Table, Write } from './table.ts'

/**
 * Counts in the partitions of the event index. What is to be counted stands in a row of its own, written with the index; counting
 * takes it away, notes that it was counted, and adds it to the tally: one transaction. An event that is indexed again is to be counted again,
 * found to have been, and only taken away. So each is counted once, however late it comes and however often.
 */
export function tableTallies(events: Table): Tallies {
  /** Why it did not go: somebody else is counting, or some were counted before. */
  async function forgetCounted(day: string, fresh: readonly ReadRow[]): Promise<void> {
    for (const { rowKey } of fresh)
      if (await events.get(day, keys.counted(eventIdOf(rowKey))))
        await events.transact([{ delete: { partitionKey: day, rowKey } }])
  }

  return {
    async count(day, weekOf) {
      const { from, to } = range(keys.allFresh)
      const rows = await events.query(day, from, to, AT_ONCE)
      if (rows.length === 0) return true
      const byWeek = new Map<string, Countable[]>()
      for (const { doc } of rows) {
        const fresh = JSON.parse(doc) as Countable
        const week = weekOf(new Date(fresh.at))
        byWeek.set(week, [...(byWeek.get(week) ?? []), fresh])
      }
      const sums = await Promise.all(
        [...byWeek].map(async ([week, fresh]): Promise<Write> => {
          const rowKey = keys.tally(day, week)
          const before = await events.get(day, rowKey)
          const next = counted(before ? (JSON.parse(before.doc) as Tally) : {}, fresh)
          return {
            put: { partitionKey: day, rowKey, doc: JSON.stringify(next) },
            onlyIf: before ? { etag: before.etag } : 'absent',
          }
        }),
      )
      const moves = rows.flatMap(({ rowKey }): Write[] => [
        { delete: { partitionKey: day, rowKey } },
        {
          put: { partitionKey: day, rowKey: keys.counted(eventIdOf(rowKey)), doc: '{}' },
          onlyIf: 'absent',
        },
      ])
      if (await events.transact([...sums, ...moves])) return rows.length < AT_ONCE
      await forgetCounted(day, rows)
      return false
    },

    async read(day, week) {
      const row = await events.get(day, keys.tally(day, week))
      return row && (JSON.parse(row.doc) as Tally)
    },
  }
}

/** Two rows each, and the tallies of at most two weeks: a transaction takes a hundred. */
const AT_ONCE = 49

const eventIdOf = (rowKey: string) => rowKey.slice(keys.allFresh.length)
