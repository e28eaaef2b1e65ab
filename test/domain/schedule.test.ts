import { describe, expect, test } from 'vitest'
import { SelfActivate } from '../../src/domain/ask.ts'
import { NewEligibility } from '../../src/domain/eligibility.ts'
import { Guid, rightForProvider, roleKey, Scope } from '../../src/domain/role.ts'
import { Duration, Expiration, Instant, inWords } from '../../src/domain/schedule.ts'
import { ada, exchange, exchangeRole } from '../fakes/people.ts'

describe('durations', () => {
  test.each([
    'PT8H',
    'PT30M',
    'PT480M',
    'P1D',
    'P1W',
    'P1M',
    'P1Y',
    'P20Y',
    'P1DT2H3M4S',
    'PT1.5H',
    'PT0.001S',
  ])('%s is one', (text) => expect(Duration.safeParse(text).success).toBe(true))
  test.each([
    '',
    'P',
    'PT',
    'PT0S',
    'P0D',
    '-PT1H',
    'PT-1H',
    '8H',
    'PT8',
    'P8H',
    '1 hour',
    'PT1H ',
    ' PT1H',
    'P21Y',
    'P99999999999D',
    `PT${'9'.repeat(39)}H`,
    'P1H',
    'PT1D',
    'PT1H\n',
    'NaN',
    'Infinity',
    'PT1,5H;',
  ])('%j is none', (text) => expect(Duration.safeParse(text).success).toBe(false))
})

describe('instants', () => {
  test.each([
    ['2030-01-01T09:00:00Z', '2030-01-01T09:00:00.000Z'],
    ['2030-01-01T09:00:00.123Z', '2030-01-01T09:00:00.123Z'],
    ['2030-01-01T09:00:00.123456789Z', '2030-01-01T09:00:00.123Z'],
    ['2030-01-01T09:00:00+02:00', '2030-01-01T07:00:00.000Z'],
    ['2030-01-01T00:30:00-05:30', '2030-01-01T06:00:00.000Z'],
    ['2032-02-29T12:00:00Z', '2032-02-29T12:00:00.000Z'],
  ])('%s is %s', (text, instant) => expect(Instant.parse(text)).toBe(instant))
  test.each([
    '',
    'tomorrow',
    '2030-01-01',
    '2030-01-01T09:00:00',
    '2030-02-29T09:00:00Z',
    '2030-02-30T09:00:00Z',
    '2030-13-01T00:00:00Z',
    '2030-01-01T25:00:00Z',
    '2030-01-01 09:00:00Z',
    '1999-12-31T23:59:59Z',
    '2200-01-01T00:00:00Z',
    '+002030-01-01T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '1893456000000',
  ])('%j is none', (text) => expect(Instant.safeParse(text).success).toBe(false))
})

describe('expirations', () => {
  test.each([
    [
      { type: 'afterDuration', duration: 'PT1H' },
      { type: 'afterDuration', duration: 'PT1H' },
    ],
    [
      { type: 'AfterDuration', duration: 'PT1H' },
      { type: 'afterDuration', duration: 'PT1H' },
    ],
    [
      { type: 'AfterDateTime', endDateTime: '2030-01-01T10:00:00+01:00' },
      { type: 'afterDateTime', endDateTime: '2030-01-01T09:00:00.000Z' },
    ],
  ])('%j', (given, read) => expect(Expiration.parse(given)).toEqual(read))
  test.each([
    {},
    { type: 'noExpiration' },
    { type: 'afterDuration' },
    { type: 'afterDateTime', duration: 'PT1H' },
    { type: 'afterDuration', duration: 'PT1H', endDateTime: '2030-01-01T10:00:00Z' },
    { type: 'afterduration', duration: 'PT1H' },
  ])('%j is none', (given) => expect(Expiration.safeParse(given).success).toBe(false))
})

describe('what may be asked', () => {
  const plain = {
    action: 'selfActivate',
    roleDefinitionId: exchange.id.toUpperCase(),
    scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
  }
  test('what is left out is the whole directory, now, for real', () => {
    expect(SelfActivate.parse(plain)).toMatchObject({
      provider: 'directory',
      roleDefinitionId: exchange.id,
      scope: '/',
      isValidationOnly: false,
    })
  })
  test.each([
    ['a status of one’s own', { status: 'Provisioned' }],
    ['an approval of one’s own', { approval: null }],
    ['somebody else’s eligibility', { eligibilityId: 'elig-1' }],
    ['another action', { action: 'adminAssign' }],
    ['another provider', { provider: 'azure' }],
    ['a role that is no GUID', { roleDefinitionId: "x' or true" }],
    ['a scope that is none', { scope: '/../users' }],
    ['an endless time', { scheduleInfo: { expiration: { type: 'noExpiration' } } }],
    ['a justification that is too long', { justification: 'x'.repeat(1001) }],
    ['a ticket with more to it', { ticketInfo: { ticketNumber: '1', url: 'x' } }],
    ['truth as text', { isValidationOnly: 'true' }],
  ])('not %s', (_name, more) => {
    expect(SelfActivate.safeParse({ ...plain, ...more }).success).toBe(false)
  })
  test('an eligibility may be without an end, an activation may not', () => {
    const eligibility = { principalId: ada.id, roleDefinitionId: exchange.id }
    expect(NewEligibility.parse(eligibility).scheduleInfo).toEqual({ expiration: { type: 'noExpiration' } })
    expect(
      NewEligibility.parse({ ...eligibility, scheduleInfo: { expiration: { type: 'NoExpiration' } } })
        .scheduleInfo.expiration,
    ).toEqual({ type: 'noExpiration' })
    expect(NewEligibility.safeParse({ ...eligibility, createdBy: ada }).success).toBe(false)
  })
})

test.each([
  ['/', true],
  ['/administrativeUnits/44444444-0000-4000-8000-000000000001', true],
  ['/44444444-0000-4000-8000-000000000001', true],
  ['', false],
  ['/users/44444444-0000-4000-8000-000000000001', false],
  ['/44444444-0000-4000-8000-000000000001/', false],
  ["/' or '1' eq '1", false],
  ['//', false],
])('scope %j: %s', (scope, valid) => expect(Scope.safeParse(scope).success).toBe(valid))

describe('a role and its provider go together:', () => {
  const G = '44444444-0000-4000-8000-000000000001'
  const faults = (provider: 'directory' | 'azure' | 'group', roleDefinitionId: string, scope: string) => {
    const found: string[] = []
    rightForProvider({ provider, roleDefinitionId, scope }, { addIssue: ({ path }) => found.push(...path) })
    return found
  }
  test.each<[string, 'directory' | 'azure' | 'group', string, string, string[]]>([
    ['a directory role of the tenant', 'directory', G, '/', []],
    ['a directory role of a group', 'directory', G, `/groups/${G}`, ['scope']],
    ['a member of the directory', 'directory', 'member', '/', ['roleDefinitionId']],
    ['a member of a group', 'group', 'member', `/groups/${G}`, []],
    ['an owner of the tenant', 'group', 'owner', '/', ['scope']],
    ['a role of a group', 'group', G, `/groups/${G}`, ['roleDefinitionId']],
    ['a role of a subscription', 'azure', G, `/subscriptions/${G}`, []],
    ['a role of a resource group', 'azure', G, `/subscriptions/${G}/resourcegroups/rg-1`, []],
    [
      'a role of a resource',
      'azure',
      G,
      `/subscriptions/${G}/resourcegroups/rg-1/providers/microsoft.storage/storageaccounts/sa1`,
      [],
    ],
    ['a role of a management group', 'azure', G, '/providers/microsoft.management/managementgroups/mg-1', []],
    ['a role of the root of Azure', 'azure', G, '/', ['scope']],
  ])('%s', (_name, provider, id, scope, expected) => expect(faults(provider, id, scope)).toEqual(expected))
  test.each([
    `/subscriptions/${G}/resourceGroups/a|b`,
    `/subscriptions/${G}/resourceGroups/a~b`,
    `/subscriptions/${G}/resourceGroups/..`,
    `/subscriptions/${G}/resourceGroups/./providers/a/b/c`,
    `/subscriptions/${G}/resourceGroups/a?b`,
    `/subscriptions/${G}/resourceGroups/a%2fb`,
    `/subscriptions/${G}/resourceGroups/a b`,
    `/subscriptions/${G}/providers/x`,
    '/subscriptions/1',
    '/groups/1',
  ])('%s is no scope', (scope) => expect(Scope.safeParse(scope).success).toBe(false))
})

test('GUIDs are kept in lower case', () => {
  expect(Guid.parse('FFFFFFFF-0000-0000-0000-00000000ABCD')).toBe('ffffffff-0000-0000-0000-00000000abcd')
  expect(Guid.safeParse('{ffffffff-0000-0000-0000-00000000abcd}').success).toBe(false)
})

test('the key of a role has nothing in it that a table refuses', () => {
  expect(
    roleKey({ ...exchangeRole, scope: '/administrativeUnits/44444444-0000-4000-8000-000000000001' }),
  ).toBe(`directory|${exchange.id}|~administrativeunits~44444444-0000-4000-8000-000000000001`)
})

test.each([
  [0, '0 min'],
  [30 * 60_000, '30 min'],
  [90 * 60_000, '1 h 30 min'],
  [26 * 3_600_000, '1 d 2 h'],
  [59_999, '1 min'],
])('%i ms is %s', (millis, words) => expect(inWords(millis)).toBe(words))
