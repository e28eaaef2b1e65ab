import type { AuditEvent } from '../../src/domain/audit.ts'
import { roleKey } from '../../src/domain/role.ts'
import type { RoleSettings } from '../../src/domain/role-settings.ts'
import type { Settings, Stored } from '../../src/ports.ts'

/** Role settings in memory. `events` are shared with the store, as they share a table. */
export function fakeSettings(events: Map<string, AuditEvent>) {
  const rows = new Map<string, Stored<RoleSettings>>()
  let writes = 0
  const settings: Settings = {
    async read(role) {
      return structuredClone(rows.get(roleKey(role)))
    },
    async write(next, read, fresh) {
      const key = roleKey(next.role)
      if (rows.get(key)?.etag !== read?.etag) return false
      rows.set(key, { value: structuredClone(next), etag: `"${++writes}"` })
      for (const event of fresh) events.set(event.id, structuredClone(event))
      return true
    },
  }
  return { settings, rows }
}
