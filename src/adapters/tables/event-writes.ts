import type { AuditEvent } from '../../domain/audit.ts'
import { truth } from './keys.ts'
import type { Write } from './table.ts'

/**
 * How events join the transaction of the change that they record, in the partition of that change. They may be written again by a
 * step that is taken again: the same id, the same row.
 */
export const eventWrites = (partitionKey: string, events: readonly AuditEvent[]): Write[] =>
  events.map((event) => ({
    put: { partitionKey, rowKey: truth.event(event.id), doc: JSON.stringify(event) },
    onlyIf: 'whatever',
  }))
