import { describe, expect, inject, test } from 'vitest'
import { tableSettings } from '../../../src/adapters/tables/settings.ts'
import { tableStore } from '../../../src/adapters/tables/store.ts'
import { openTable } from '../../../src/adapters/tables/table.ts'
import { makeId, settingsOwner } from '../../../src/domain/ids.ts'
import { event } from '../../../src/domain/request-steps.ts'
import type { Role } from '../../../src/domain/role.ts'
import { defaultRules, type RoleSettings, settingsRole } from '../../../src/domain/role-settings.ts'
import type { SettingsChange } from '../../../src/domain/settings-change.ts'
import { TIERS, type Tier } from '../../../src/domain/tier.ts'
import { ada, approversGroup, engineers, exchange, exchangeRole, helpdeskRole } from '../../fakes/people.ts'
import { BOTH, requestOf } from './both.ts'

const role = settingsRole(exchangeRole)
const version = (n: number): RoleSettings => ({
  role,
  version: n,
  rules: defaultRules(),
  lastModifiedDateTime: null,
  lastModifiedBy: null,
})
const changed = (of: Role | string = role) => {
  const owner = typeof of === 'string' ? of : settingsOwner(of)
  const id = makeId('set', owner, new Date('2030-01-01T09:00:00Z'), '0000000000ab')
  return event(
    { ...requestOf(), id },
    'changed',
    'Update role setting in PIM',
    ada,
    '2030-01-01T09:00:00.000Z',
  )
}

const changeOf = (id: string): SettingsChange => ({
  id,
  role,
  roleName: exchange.displayName,
  scopeName: exchange.scopeName,
  status: 'Pending',
  basedOn: 0,
  rules: defaultRules(),
  tier: null,
  justification: null,
  requestedBy: { id: ada.id, displayName: ada.displayName },
  requestedDateTime: '2030-01-01T09:00:00.000Z',
  decidedBy: null,
  decidedDateTime: null,
})

describe.each(BOTH)('settings %s', (_name, make) => {
  test('of a role that nobody changed there are none', async () => {
    expect(await make().settings.read(role)).toBeUndefined()
  })

  test('are read as they were written, and belong to one role', async () => {
    const { settings, store } = make()
    const record = changed()
    expect(await settings.write(version(1), undefined, [record])).toBe(true)
    expect((await settings.read(role))?.value).toEqual(version(1))
    expect(await settings.read(settingsRole(helpdeskRole), 'fresh')).toBeUndefined()
    expect(await store.eventsOf(record.correlationId)).toEqual([record])
  })

  test.each<Role>([
    { provider: 'group', roleDefinitionId: 'member', scope: `/groups/${engineers}` },
    { provider: 'group', roleDefinitionId: 'owner', scope: `/groups/${engineers}` },
    { ...exchangeRole, provider: 'azure', scope: `/subscriptions/${engineers}` },
  ])('of $provider $roleDefinitionId: what was changed is found again by its id', async (other) => {
    const { settings, store } = make()
    const record = changed(other)
    expect(await settings.write({ ...version(1), role: other }, undefined, [record])).toBe(true)
    expect((await settings.read(other, 'fresh'))?.value.role).toEqual(other)
    expect(await settings.read(role, 'fresh')).toBeUndefined()
    expect(await store.eventsOf(record.correlationId)).toEqual([record])
  })

  test('of two first changes at once exactly one is made', async () => {
    const { settings } = make()
    const made = await Promise.all([1, 2].map((n) => settings.write(version(n), undefined, [])))
    expect([...made].sort()).toEqual([false, true])
    expect((await settings.read(role, 'fresh'))?.value.version).toBe(made[0] ? 1 : 2)
  })

  test('of two later changes under one lock exactly one is made', async () => {
    const { settings } = make()
    await settings.write(version(1), undefined, [])
    const read = await settings.read(role, 'fresh')
    const made = await Promise.all([2, 3].map((n) => settings.write(version(n), read, [])))
    expect([...made].sort()).toEqual([false, true])
    expect(await settings.write(version(9), undefined, [])).toBe(false)
    expect((await settings.read(role))?.value.version).toBe(made[0] ? 2 : 3)
  })
})

const azureRole = (scope: string): Role => ({ ...exchangeRole, provider: 'azure', scope })
const MANAGEMENT = '/providers/microsoft.management/managementgroups/root'
const SUBSCRIPTION = '/subscriptions/55555555-0000-4000-8000-000000000001'
const groupRole: Role = { provider: 'group', roleDefinitionId: 'owner', scope: `/groups/${approversGroup}` }

describe.each(BOTH)('settings at scopes and with a second person %s', (_name, make) => {
  test.each([
    ['a management group', azureRole(MANAGEMENT)],
    ['a resource', azureRole(`${SUBSCRIPTION}/resourcegroups/web/providers/microsoft.web/sites/shop`)],
    ['a group', groupRole],
  ])('are kept and found again at %s, and their events by the id of the change', async (_scope, at) => {
    const { settings, store } = make()
    const record = changed(settingsOwner(at))
    expect(await settings.write({ ...version(1), role: at }, undefined, [record])).toBe(true)
    expect((await settings.read(at, 'fresh'))?.value.role).toEqual(at)
    expect(await settings.read(azureRole(SUBSCRIPTION))).toBeUndefined()
    expect(await store.eventsOf(record.correlationId)).toEqual([record])
  })

  test('a change that waits is written with them or not at all, and found by its id', async () => {
    const { settings } = make()
    const waiting = changeOf(makeId('set', exchange.id, new Date('2030-01-01T09:00:00Z'), '0000000000ac'))
    const pending = { ...version(0), pendingChangeId: waiting.id }
    expect(await settings.write(pending, undefined, [], waiting)).toBe(true)
    expect(await settings.findChange(waiting.id)).toEqual(waiting)
    const read = await settings.read(role, 'fresh')
    const applied = { ...waiting, status: 'Applied' as const }
    expect(await settings.write(version(1), undefined, [], applied)).toBe(false)
    expect((await settings.findChange(waiting.id))?.status).toBe('Pending')
    expect(await settings.write(version(1), read, [], applied)).toBe(true)
    expect((await settings.findChange(waiting.id))?.status).toBe('Applied')
    expect(await settings.findChange(makeId('set', exchange.id, new Date(0), '0000000000ad'))).toBeUndefined()
  })

  test('of two who decide at once exactly one does', async () => {
    const { settings } = make()
    const waiting = changeOf(makeId('set', exchange.id, new Date('2030-01-01T09:00:00Z'), '0000000000ae'))
    await settings.write({ ...version(0), pendingChangeId: waiting.id }, undefined, [], waiting)
    const read = await settings.read(role, 'fresh')
    const said = await Promise.all(
      (['Applied', 'Denied'] as const).map((status) =>
        settings.write(version(1), read, [], { ...waiting, status }),
      ),
    )
    expect([...said].sort()).toEqual([false, true])
    expect((await settings.findChange(waiting.id))?.status).toBe(said[0] ? 'Applied' : 'Denied')
  })
})

describe.each(BOTH)('tiers %s', (_name, make) => {
  const tier = (name: string, n: number): Tier => ({
    name,
    displayName: name,
    description: '',
    rules: defaultRules(),
    version: n,
    isRemoved: false,
    lastModifiedDateTime: '2030-01-01T09:00:00.000Z',
    lastModifiedBy: { id: ada.id, displayName: ada.displayName },
  })

  test('are read, listed by name, and written under the lock they were read with, with their event', async () => {
    const { tiers, store } = make()
    expect([await tiers.list(), await tiers.read('high')]).toEqual([[], undefined])
    const record = changed(TIERS)
    expect(await tiers.write(tier('low', 1), undefined, [record])).toBe(true)
    expect(await tiers.write(tier('high', 1), undefined, [])).toBe(true)
    expect(await tiers.write(tier('high', 9), undefined, [])).toBe(false)
    const read = await tiers.read('high')
    const made = await Promise.all([2, 3].map((n) => tiers.write(tier('high', n), read, [])))
    expect([...made].sort()).toEqual([false, true])
    expect((await tiers.list()).map(({ name }) => name)).toEqual(['high', 'low'])
    expect(await store.eventsOf(record.correlationId)).toEqual([record])
  })
})

test('another process’s change is seen after a quarter of a minute, at once by who asks for it fresh', async () => {
  let now = Date.parse('2030-01-01T09:00:00.000Z')
  const table = openTable({ connectionString: inject('storage') }, 'SettingsOfTwo')
  const [ours, theirs] = [tableSettings(table, () => now), tableSettings(table, () => now)]
  await ours.write(version(1), undefined, [])
  const read = await ours.read(role)
  await theirs.write(version(2), await theirs.read(role), [])
  expect((await ours.read(role))?.value.version).toBe(1)
  expect(await ours.write(version(3), read, [])).toBe(false) // what is old is only old, never written
  now += 15_000
  expect((await ours.read(role))?.value.version).toBe(2)
  await theirs.write(version(3), await theirs.read(role, 'fresh'), [])
  expect((await ours.read(role, 'fresh'))?.value.version).toBe(3)
  expect(tableStore(table)).toBeDefined()
})
