import { settingsOwner } from '../../domain/ids.ts'
import { type Role, roleKey } from '../../domain/role.ts'
import type { RoleSettings } from '../../domain/role-settings.ts'
import type { Settings, Stored } from '../../ports.ts'
import { settings as keys, truth } from './keys.ts'
import type { Table } from './table.ts'

/** How long a read may be served again: decisions minutes apart each look, those seconds apart share a look. */
const FRESH_MILLIS = 15_000

/** Settings in the table of the truth, each role in a partition of its own. `now` is in milliseconds. */
export function tableSettings(table: Table, now: () => number): Settings {
  const seen = new Map<string, { at: number; settings: Stored<RoleSettings> | undefined }>()

  async function read(role: Role): Promise<Stored<RoleSettings> | undefined> {
    const key = roleKey(role)
    const row = await table.get(keys.partition(settingsOwner(role)), keys.row(key))
    const settings = row && { value: JSON.parse(row.doc) as RoleSettings, etag: row.etag }
    seen.set(key, { at: now(), settings })
    return settings
  }

  return {
    async read(role, fresh) {
      const cached = fresh ? undefined : seen.get(roleKey(role))
      if (cached && Math.abs(now() - cached.at) < FRESH_MILLIS) return cached.settings
      return read(role)
    },

    async write(settings, before, events) {
      const key = roleKey(settings.role)
      const partitionKey = keys.partition(settingsOwner(settings.role))
      seen.delete(key)
      const written = await table.transact([
        {
          put: { partitionKey, rowKey: keys.row(key), doc: JSON.stringify(settings) },
          onlyIf: before ? { etag: before.etag } : 'absent',
        },
        ...events.map((event) => ({
          put: { partitionKey, rowKey: truth.event(event.id), doc: JSON.stringify(event) },
          onlyIf: 'whatever' as const,
        })),
      ])
      seen.delete(key)
      return written !== undefined
    },
  }
}
