import type { AuditEvent } from '../../src/domain/audit.ts'
import { roleKey } from '../../src/domain/role.ts'
import type { RoleSettings } from '../../src/domain/role-settings.ts'
import type { SettingsChange } from '../../src/domain/settings-change.ts'
import type { Tier } from '../../src/domain/tier.ts'
import type { Settings, Stored, Tiers } from '../../src/ports.ts'

/** Role settings in memory. `events` are shared with the store, as they share a table. */
export function fakeSettings(events: Map<string, AuditEvent>) {
  const rows = new Map<string, Stored<RoleSettings>>()
  const changes = new Map<string, SettingsChange>()
  const tierRows = new Map<string, Stored<Tier>>()
  let writes = 0
  const record = (fresh: readonly AuditEvent[]) => {
    for (const event of fresh) events.set(event.id, structuredClone(event))
  }
  const settings: Settings = {
    async read(role) {
      return structuredClone(rows.get(roleKey(role)))
    },
    async write(next, read, fresh, change) {
      const key = roleKey(next.role)
      if (rows.get(key)?.etag !== read?.etag) return false
      rows.set(key, { value: structuredClone(next), etag: `"${++writes}"` })
      if (change) changes.set(change.id, structuredClone(change))
      record(fresh)
      return true
    },
    async findChange(id) {
      return structuredClone(changes.get(id))
    },
  }
  const tiers: Tiers = {
    async list() {
      return structuredClone(
        [...tierRows.values()].map(({ value }) => value).sort((a, b) => (a.name < b.name ? -1 : 1)),
      )
    },
    async read(name) {
      return structuredClone(tierRows.get(name))
    },
    async write(tier, read, fresh) {
      if (tierRows.get(tier.name)?.etag !== read?.etag) return false
      tierRows.set(tier.name, { value: structuredClone(tier), etag: `"${++writes}"` })
      record(fresh)
      return true
    },
  }
  return { settings, tiers, rows, changes }
}
