import { settingsOwner } from '../../domain/ids.ts'
import { type Role, roleKey } from '../../domain/role.ts'
import type { RoleSettings } from '../../domain/role-settings.ts'
import type { SettingsChange } from '../../domain/settings-change.ts'
import { TIERS, type Tier } from '../../domain/tier.ts'
import type { Settings, Stored, Tiers } from '../../ports.ts'
import { freshCache } from '../fresh-cache.ts'
import { eventWrites } from './event-writes.ts'
import { settings as keys, range, truth } from './keys.ts'
import type { Table, Write } from './table.ts'

/** How long a read may be served again: decisions minutes apart each look, those seconds apart share a look. */
const FRESH_MILLIS = 15_000

/** Settings in the table of the truth, each role in a partition of its own, with all scopes that it has settings at. `now` is in milliseconds. */
export function tableSettings(table: Table, now: () => number): Settings {
  const seen = freshCache<Stored<RoleSettings> | undefined>(FRESH_MILLIS, now)

  async function read(role: Role): Promise<Stored<RoleSettings> | undefined> {
    const key = roleKey(role)
    const row = await table.get(keys.partition(settingsOwner(role)), keys.row(key))
    const settings = row && { value: JSON.parse(row.doc) as RoleSettings, etag: row.etag }
    seen.set(key, settings)
    return settings
  }

  return {
    async read(role, fresh) {
      const known = fresh ? undefined : seen.get(roleKey(role))
      return known ? known.value : read(role)
    },

    async write(settings, before, events, change) {
      const key = roleKey(settings.role)
      const partitionKey = keys.partition(settingsOwner(settings.role))
      seen.delete(key)
      const written = await table.transact([
        {
          put: { partitionKey, rowKey: keys.row(key), doc: JSON.stringify(settings) },
          onlyIf: before ? { etag: before.etag } : 'absent',
        },
        ...(change ? [put(partitionKey, keys.change(change.id), change)] : []),
        ...eventWrites(partitionKey, events),
      ])
      seen.delete(key)
      return written !== undefined
    },

    async findChange(id) {
      const partitionKey = truth.partitionOf(id)
      const row = partitionKey && (await table.get(partitionKey, keys.change(id)))
      return row ? (JSON.parse(row.doc) as SettingsChange) : undefined
    },
  }
}

/** Tiers in a partition of the same table. */
export function tableTiers(table: Table): Tiers {
  const partitionKey = keys.partition(TIERS)
  return {
    async list() {
      const { from, to } = range(keys.tier(''))
      const rows = await table.query(partitionKey, from, to, MOST_TIERS)
      return rows.map(({ doc }) => JSON.parse(doc) as Tier)
    },

    async read(name) {
      const row = await table.get(partitionKey, keys.tier(name))
      return row && { value: JSON.parse(row.doc) as Tier, etag: row.etag }
    },

    async write(tier, before, events) {
      const written = await table.transact([
        {
          put: { partitionKey, rowKey: keys.tier(tier.name), doc: JSON.stringify(tier) },
          onlyIf: before ? { etag: before.etag } : 'absent',
        },
        ...eventWrites(partitionKey, events),
      ])
      return written !== undefined
    },
  }
}

/** More than anybody tells apart; a bound, so that a list of them stays one. */
const MOST_TIERS = 1000

const put = (partitionKey: string, rowKey: string, value: object): Write => ({
  put: { partitionKey, rowKey, doc: JSON.stringify(value) },
  onlyIf: 'whatever',
})
