import { describe, expect, inject, test } from 'vitest'
import { tableSettings } from '../../../src/adapters/tables/settings.ts'
import { tableStore } from '../../../src/adapters/tables/store.ts'
import { openTable } from '../../../src/adapters/tables/table.ts'
import { makeId, settingsOwner } from '../../../src/domain/ids.ts'
import { event } from '../../../src/domain/request-steps.ts'
import type { Role } from '../../../src/domain/role.ts'
import { defaultRules, type RoleSettings, settingsRole } from '../../../src/domain/role-settings.ts'
import { ada, engineers, exchangeRole, helpdeskRole } from '../../fakes/people.ts'
import { BOTH, requestOf } from './both.ts'

const role = settingsRole(exchangeRole)
const version = (n: number): RoleSettings => ({
  role,
  version: n,
  rules: defaultRules(),
  lastModifiedDateTime: null,
  lastModifiedBy: null,
})
const changed = (of: Role = role) => {
  const id = makeId('set', settingsOwner(of), new Date('2030-01-01T09:00:00Z'), '0000000000ab')
  return event(
    { ...requestOf(), id },
    'changed',
    'Update role setting in PIM',
    ada,
    '2030-01-01T09:00:00.000Z',
  )
}

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
