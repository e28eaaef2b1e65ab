import type { Departure } from '../../src/domain/last-administrator.ts'
import { roleKey } from '../../src/domain/role.ts'
import type { Departures, Stored } from '../../src/ports.ts'

/** Departures in memory, under locks. */
export function fakeDepartures(): Departures {
  const rows = new Map<string, Stored<readonly Departure[]>>()
  let writes = 0
  return {
    async read(role) {
      return structuredClone(rows.get(roleKey(role)))
    },
    async write(role, departures, read) {
      if (rows.get(roleKey(role))?.etag !== read?.etag) return false
      rows.set(roleKey(role), { value: structuredClone(departures), etag: `"${++writes}"` })
      return true
    },
  }
}
