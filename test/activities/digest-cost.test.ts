import { expect, test } from 'vitest'
import { eventIndex } from '../../src/adapters/tables/event-index.ts'
import { tableFindings } from '../../src/adapters/tables/findings.ts'
import { tableStore } from '../../src/adapters/tables/store.ts'
import type { Table } from '../../src/adapters/tables/table.ts'
import { tableTallies } from '../../src/adapters/tables/tallies.ts'
import { tableViews } from '../../src/adapters/tables/views.ts'
import type { AuditEvent } from '../../src/domain/audit.ts'
import { makeId } from '../../src/domain/ids.ts'
import { listedAtRest, UNLISTED } from '../../src/domain/open-work.ts'
import type { Request } from '../../src/domain/request.ts'
import { opened, provisioned } from '../../src/domain/request-steps.ts'
import { countWeek, digestOfWeek } from '../../src/live/digest.ts'
import type { Ports } from '../../src/ports.ts'
import { held, pending } from '../domain/requests.ts'
import { memoryTable } from '../fakes/table.ts'
import { world } from '../fakes/world.ts'

// Sunday night: all days of the week were busy.
const NOW = new Date('2030-01-06T22:00:00.000Z')
const DAYS = ['2029-12-31', ...[1, 2, 3, 4, 5, 6].map((day) => `2030-01-0${day}`)]

/** Tables that say how often they are asked, and how many rows they answer with. */
function watched() {
  const cost = { trips: 0, rows: 0 }
  const watch = (table: Table): Table => ({
    ...table,
    get: (...key) => {
      cost.trips++
      cost.rows++
      return table.get(...key)
    },
    query: async (...range) => {
      cost.trips++
      const rows = await table.query(...range)
      cost.rows += rows.length
      return rows
    },
  })
  return { cost, table: () => watch(memoryTable()) }
}

/** So many roles were given this week, all counted; as many wait for a decision, and as many end within two weeks. */
async function tenantWith(size: number) {
  const { cost, table } = watched()
  const [truth, events] = [table(), table()]
  const store = tableStore(truth)
  const views = tableViews({ open: table(), events, days: table(), byRole: table() }, () => NOW.getTime())
  const ports: Ports = {
    ...world().ports,
    now: () => NOW,
    store,
    views,
    findings: tableFindings(truth),
    tallies: tableTallies(events),
  }
  const index = eventIndex(events, memoryTable())
  const given: AuditEvent[] = []
  for (let n = 0; n < size; n++) {
    const hex = `${n}`.padStart(12, '0')
    const principal = { id: `11111111-0000-4000-8000-${hex}`, displayName: `Person ${n}` }
    const idOf = (at: string) => makeId('req', principal.id, new Date(at), hex)
    const at = `${DAYS[n % 7]}T0${n % 10}:00:00.000Z`
    const assigned: Request = { ...held, id: idOf(at), principal, action: 'adminAssign', endsAt: null }
    given.push(...provisioned(assigned, 'an assignment', false, new Date(at)).events)
    if (n >= 100) continue // lists are paged: what lies behind the page is not asked for, however much
    const asks: Request = { ...pending, id: idOf(NOW.toISOString()), principal }
    const ends: Request = {
      ...assigned,
      id: idOf(DAYS[0] as string),
      endsAt: '2030-01-09T00:00:00.000Z',
      guard: 'assigned',
    }
    for (const each of [asks, ends]) {
      await store.openRequest(opened(each))
      await views.list(each.id, listedAtRest(each, NOW), UNLISTED)
    }
  }
  for (let start = 0; start < given.length; start += 20) await index.add(given.slice(start, start + 20))
  await countWeek(ports, '2030-W01', new Date(NOW.getTime() + 1))
  cost.trips = 0
  cost.rows = 0
  const digest = await digestOfWeek(ports, '2030-W01', true)
  return { digest, cost: { ...cost } }
}

test('the digest of a week with ten thousand grants costs the rows that it shows, as one with twenty does', async () => {
  const few = await tenantWith(20)
  const many = await tenantWith(10_000)
  expect(few.digest.providers).toMatchObject([
    { provider: 'directory', counts: { permanent: 20, inside: 20 } },
  ])
  expect(many.digest.providers).toMatchObject([
    { provider: 'directory', counts: { permanent: 10_000, inside: 10_000 } },
  ])
  expect(many.cost).toEqual(few.cost)
  const [{ lists, latest }] = many.digest.providers as [NonNullable<(typeof many.digest.providers)[0]>]
  expect([lists.pending?.items.length, lists.pending?.hasMore]).toEqual([10, true])
  expect([lists.expiringSoon?.items.length, lists.expiringSoon?.hasMore]).toEqual([10, true])
  expect(latest.permanent).toHaveLength(5)
  console.log(`The digest of a week: ${many.cost.trips} round trips, ${many.cost.rows} rows`)
  // Seven days; four lists of each of two providers; and the twenty rows that are shown, each read by itself.
  expect(many.cost.trips).toBe(7 + 4 * 2 + 20)
})
