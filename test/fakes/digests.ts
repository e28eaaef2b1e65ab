import { createHash } from 'node:crypto'
import { tableDigests } from '../../src/adapters/tables/digests.ts'
import { eventIndex } from '../../src/adapters/tables/event-index.ts'
import { tablePersonals } from '../../src/adapters/tables/personals.ts'
import { tableTallies } from '../../src/adapters/tables/tallies.ts'
import type { AuditEvent } from '../../src/domain/audit.ts'
import type { Secrets } from '../../src/ports.ts'
import { memoryTable } from './table.ts'

/** What digests and calendars are made of, as it is, over tables in memory. `events` are shared with the store. */
export function fakeDigests(events: Map<string, AuditEvent>) {
  const truth = memoryTable(({ rowKey, doc }) => {
    if (rowKey.startsWith('audit|')) events.set(rowKey.slice('audit|'.length), JSON.parse(doc))
  })
  const counted = memoryTable()
  const index = eventIndex(counted, memoryTable())
  let made = 0
  const secrets: Secrets = {
    make: () => `${++made}`.padStart(43, 's'),
    hash: (secret) => createHash('sha256').update(secret).digest('base64url'),
  }
  return {
    tallies: tableTallies(counted),
    digests: tableDigests(truth),
    personals: tablePersonals(truth),
    secrets,
    index: (fresh: readonly AuditEvent[]) => index.add(fresh),
  }
}
