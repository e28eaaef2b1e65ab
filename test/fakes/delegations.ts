import type { AuditEvent } from '../../src/domain/audit.ts'
import type { Delegation } from '../../src/domain/delegation.ts'
import type { Delegations, Stored } from '../../src/ports.ts'

/** Delegations in memory, under locks; what happens to them among the other events. */
export function fakeDelegations(events: Map<string, AuditEvent>): Delegations {
  const rows = new Map<string, Stored<Delegation>>()
  let writes = 0
  return {
    async current(now) {
      const all = [...rows.values()].map(({ value }) => structuredClone(value))
      return all.filter((each) => !each.revokedDateTime && new Date(each.endDateTime) > now)
    },
    async find(id) {
      return structuredClone(rows.get(id))
    },
    async write(delegation, read, more) {
      if (rows.get(delegation.id)?.etag !== read?.etag) return false
      rows.set(delegation.id, { value: structuredClone(delegation), etag: `"${++writes}"` })
      for (const event of more) events.set(event.id, structuredClone(event))
      return true
    },
  }
}
