import { describe, expect, test } from 'vitest'
import { makeId, newestFirst, newestFirstOf, principalOf, settingsOwner } from '../../src/domain/ids.ts'
import { ada, engineers, exchangeRole, helpdeskRole } from '../fakes/people.ts'

const at = new Date('2030-01-01T09:00:00.000Z')

test('an id tells whose it is', () => {
  const id = makeId('req', ada.id.toUpperCase(), at, '000000000abc')
  expect(principalOf(id)).toBe(ada.id)
})

test.each([
  '',
  'req-',
  'req-x',
  'REQ-11111111000040008000000000000001-0kabcdefg0000000001',
  'acc-11111111000040008000000000000001-0kabcdefg0000000001',
  'req-11111111000040008000000000000001-0kabcdefg',
  'req-11111111000040008000000000000001-0kabcdefg0000000001/..',
  `req-${'z'.repeat(32)}-0kabcdefg0000000001`,
  'req-11111111000040008000000000000001-0kabcdefg0000000001.decided',
])('%j is no id', (id) => expect(principalOf(id)).toBeUndefined())

describe('the newest sorts first', () => {
  test.each([
    ['2030-01-01T09:00:00.000Z', '2030-01-01T09:00:00.001Z'],
    ['2029-12-31T23:59:59.999Z', '2030-01-01T00:00:00.000Z'],
    ['2000-01-01T00:00:00.000Z', '2199-12-31T23:59:59.999Z'],
    ['2029-09-09T01:46:39.999Z', '2059-09-09T01:46:40.000Z'],
  ])('%s comes after %s', (older, newer) => {
    expect(newestFirst(new Date(newer)) < newestFirst(new Date(older))).toBe(true)
    const [a, b] = [older, newer].map((text) =>
      newestFirstOf(makeId('req', ada.id, new Date(text), '0000000000')),
    )
    expect((b as string) < (a as string)).toBe(true)
  })
  test('an id and the instant it was made at sort alike', () => {
    expect(newestFirstOf(makeId('req', ada.id, at, '0000000000'))).toBe(newestFirst(at))
  })
})

describe('a change of settings has an id that tells where it is kept', () => {
  const member = { provider: 'group' as const, roleDefinitionId: 'member', scope: `/groups/${engineers}` }
  const all = [
    exchangeRole,
    helpdeskRole,
    member,
    { ...member, roleDefinitionId: 'owner' },
    { ...member, scope: `/groups/${ada.id}` },
    { ...exchangeRole, provider: 'azure' as const, scope: `/subscriptions/${ada.id}` },
    { ...exchangeRole, provider: 'azure' as const, scope: `/subscriptions/${engineers}` },
  ]
  test.each(all)('of $provider $roleDefinitionId at $scope', (role) => {
    const owner = settingsOwner(role)
    expect(principalOf(makeId('set', owner, at, '0000000000'))).toBe(owner)
  })
  test('and no two roles are kept together', () =>
    expect(new Set(all.map(settingsOwner)).size).toBe(all.length))
})
