import { randomBytes } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { tableFindings } from '../../../src/adapters/tables/findings.ts'
import { tableStore } from '../../../src/adapters/tables/store.ts'
import { openTable, type Table } from '../../../src/adapters/tables/table.ts'
import { governedEvent } from '../../../src/domain/governed.ts'
import { makeId } from '../../../src/domain/ids.ts'
import { accepted, detected, type Incident, resolved } from '../../../src/domain/incident.ts'
import { ada, exchangeRole, grace, helpdeskRole } from '../../fakes/people.ts'
import { memoryTable } from '../../fakes/table.ts'

const TABLES: [name: string, make: () => Table][] = [
  ['in memory', () => memoryTable()],
  [
    'in tables',
    () => openTable({ connectionString: inject('storage') }, `drift${randomBytes(6).toString('hex')}`),
  ],
]
const now = new Date('2030-01-01T09:00:00.000Z')
let made = 0
const incidentOf = (more: Partial<Incident> = {}): Incident => ({
  ...exchangeRole,
  id: makeId('inc', ada.id, new Date(now.getTime() + made++), '000000000001'),
  state: 'active',
  principal: { id: ada.id, displayName: ada.displayName },
  principalType: 'User',
  assignmentId: 'A1',
  roleName: 'Exchange Administrator',
  scopeName: 'the whole directory',
  detectedDateTime: now.toISOString(),
  atFirstLook: false,
  acknowledged: null,
  removal: null,
  resolved: null,
  ...more,
})
const directory = { provider: 'directory' as const, scope: '/' }
const page = { top: 10, after: null }

describe.each(TABLES)('findings %s', (_name, make) => {
  test('of a principal and a role one incident stands at a time', async () => {
    const findings = tableFindings(make())
    const [first, second, other] = [incidentOf(), incidentOf(), incidentOf(helpdeskRole)]
    expect(await findings.openIncident(detected(first))).toBe(true)
    expect(await findings.openIncident(detected(first))).toBe(true) // its answer was not heard
    expect(await findings.openIncident(detected(second))).toBe(false)
    expect(await findings.openIncident(detected(other))).toBe(true)
    expect((await findings.standing(exchangeRole, ada.id))?.value.id).toBe(first.id)
    expect((await findings.standingAt(directory)).map(({ id }) => id).sort()).toEqual(
      [first.id, other.id].sort(),
    )
    expect(await findings.standingAt({ provider: 'directory', scope: '/administrativeUnits/1' })).toEqual([])
  })

  test('an incident is on the list of its state, changed under a lock, with its events', async () => {
    const table = make()
    const findings = tableFindings(table)
    const incident = incidentOf()
    await findings.openIncident(detected(incident))
    const read = await findings.findIncident(incident.id)
    if (!read) throw new Error('It is not there.')
    const step = accepted(incident, grace, 'Known.', now)
    expect(await findings.writeIncident(read, step)).toMatchObject({ value: { state: 'acknowledged' } })
    expect(await findings.writeIncident(read, accepted(incident, ada, 'Late.', now))).toBeUndefined()
    expect((await findings.incidents('directory', 'active', page)).items).toEqual([])
    expect((await findings.incidents('directory', 'acknowledged', page)).items).toEqual([step.incident])
    const again = await findings.findIncident(incident.id)
    if (again) await findings.writeIncident(again, resolved(again.value, now))
    expect(await findings.standing(exchangeRole, ada.id)).toBeUndefined()
    expect((await findings.incidents('directory', 'resolved', page)).items).toHaveLength(1)
    expect(await findings.openIncident(detected(incidentOf()))).toBe(true) // it has come again
    const events = await tableStore(table).eventsOf(incident.id)
    expect(events.map(({ id }) => id.split('.')[1]?.split('-')[0]).sort()).toEqual([
      'acknowledged',
      'detected',
      'resolved',
    ])
  })

  test('what is governed has pages', async () => {
    const findings = tableFindings(make())
    const scopes = Array.from({ length: 5 }, (_, n) => `/groups/00000000-0000-4000-8000-00000000000${n}`)
    const by = { id: ada.id, displayName: ada.displayName }
    for (const scope of scopes)
      await findings.govern({ provider: 'group', scope, scopeName: 'x', id: 'gov-1', since: null, by }, [])
    const first = await findings.governedPage({ top: 3, after: null })
    const rest = await findings.governedPage({ top: 3, after: first.next })
    expect([...first.items, ...rest.items].map(({ scope }) => scope)).toEqual(scopes)
    expect(rest.next).toBeNull()
  })

  test('lists have pages, the newest first', async () => {
    const findings = tableFindings(make())
    const roles = Array.from({ length: 5 }, (_, n) => `00000000-0000-4000-8000-00000000000${n}`)
    for (const roleDefinitionId of roles)
      await findings.openIncident(detected(incidentOf({ roleDefinitionId })))
    const first = await findings.incidents('directory', 'active', { top: 3, after: null })
    const rest = await findings.incidents('directory', 'active', { top: 3, after: first.next })
    const listed = [...first.items, ...rest.items].map(({ roleDefinitionId }) => roleDefinitionId)
    expect([listed, rest.next]).toEqual([[...roles].reverse(), null])
    expect((await findings.incidents('group', 'active', page)).items).toEqual([])
  })

  test('a scope is governed once, and let go once', async () => {
    const findings = tableFindings(make())
    const scope = '/subscriptions/00000000-0000-4000-8000-000000000001'
    const id = makeId('gov', grace.id, now, '000000000001')
    const at = now.toISOString()
    const place = { provider: 'azure' as const, scope, id, scopeName: 'Production', since: at, by: grace }
    expect(await findings.govern(place, [governedEvent(place, 'onboarded', grace, at, null)])).toBe(true)
    expect(await findings.govern(place, [])).toBe(false)
    expect(await findings.findGoverned(place)).toEqual(place)
    expect(await findings.findGoverned({ ...place, scope: `${place.scope}0` })).toBeUndefined()
    expect(await findings.governed()).toEqual([place])
    expect(await findings.release(place, [])).toBe(true)
    expect(await findings.release(place, [])).toBe(false)
    expect(await findings.governed()).toEqual([])
  })

  test('pages of what is governed leave none out whose name begins as that of another', async () => {
    const findings = tableFindings(make())
    const group = '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/app'
    const scopes = [
      group,
      `${group}-dev`,
      `${group}.test`,
      `${group}1`,
      `${group}!`,
      `${group}/providers/a/b/c`,
      `${group}ü`,
    ]
    const at = now.toISOString()
    for (const [n, scope] of scopes.entries()) {
      const id = makeId('gov', grace.id, now, `${n}`.padStart(12, '0'))
      await findings.govern({ provider: 'azure', scope, id, scopeName: scope, since: at, by: grace }, [])
    }
    const found: string[] = []
    let after: string | null = null
    do {
      const { items, next } = await findings.governedPage({ top: 1, after })
      found.push(...items.map(({ scope }) => scope))
      after = next
    } while (after !== null)
    expect(found.sort()).toEqual(scopes.sort())
  })

  test('a place is kept with all that was seen, and forgotten whole', async () => {
    const findings = tableFindings(make())
    const seen = Array.from(
      { length: 250 },
      (_, n) => `somebody ${`${n}`.padStart(4, '0')} ${'x'.repeat(140)}`,
    )
    await findings.writePlace('look', { after: 'page 7', seen })
    await findings.writePlace('look-elsewhere', { after: 'page 1', seen: [] })
    expect(await findings.readPlace('look')).toEqual({ after: 'page 7', seen })
    await findings.writePlace('look', { after: 'page 8', seen: ['one'] })
    expect(await findings.readPlace('look')).toEqual({ after: 'page 8', seen: ['one'] })
    const long = Array.from({ length: 900 }, (_, n) => `azure|${`${n}`.padStart(4, '0')}|${'x'.repeat(700)}`)
    await findings.writePlace('look', { after: 'y'.repeat(5000), seen: long })
    expect(await findings.readPlace('look')).toEqual({ after: 'y'.repeat(5000), seen: long })
    await findings.writePlace('look', undefined)
    expect(await findings.readPlace('look')).toBeUndefined()
    expect(await findings.readPlace('look-elsewhere')).toEqual({ after: 'page 1', seen: [] })
  })
})
