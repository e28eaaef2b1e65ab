import { tableFindings } from '../../src/adapters/tables/findings.ts'
import type { AuditEvent } from '../../src/domain/audit.ts'
import { memoryTable } from './table.ts'

/** The findings as they are, over a table in memory. `events` are shared with the store, as they share a table. */
export function fakeFindings(events: Map<string, AuditEvent>) {
  const table = memoryTable(({ rowKey, doc }) => {
    if (rowKey.startsWith('audit|')) events.set(rowKey.slice('audit|'.length), JSON.parse(doc))
  })
  return { findings: tableFindings(table), rows: table.rows }
}
