import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { activationDenials, type Circumstances, eligibilityFor } from '../../src/domain/activation.ts'
import type { Ask } from '../../src/domain/ask.ts'
import { kindOfScope } from '../../src/domain/azure-scope.ts'
import type { Eligibility } from '../../src/domain/eligibility.ts'
import { INTERIM } from '../../src/domain/person.ts'
import { covers, type Role } from '../../src/domain/role.ts'
import { defaultRules, demandsOf } from '../../src/domain/role-settings.ts'
import { ada, exchange, WEAK } from '../fakes/people.ts'

const CONTRIBUTOR = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
const root = '/providers/microsoft.management/managementgroups/contoso'
const subscription = '/subscriptions/66666666-0000-4000-8000-000000000001'
const other = '/subscriptions/66666666-0000-4000-8000-000000000002'
const group = `${subscription}/resourcegroups/data`
const vault = `${group}/providers/microsoft.keyvault/vaults/keys`
const at = (scope: string, roleDefinitionId = CONTRIBUTOR): Role => ({
  provider: 'azure',
  roleDefinitionId,
  scope,
})
const aboveVault = [group, subscription, root]

describe('what is held covers', () => {
  test.each<[string, Role, Role, string[], boolean]>([
    ['its own scope', at(group), at(group), [subscription, root], true],
    ['a scope in it', at(subscription), at(group), [subscription, root], true],
    ['a scope far down in it', at(root), at(vault), aboveVault, true],
    ['not the scope above it', at(group), at(subscription), [root], false],
    ['not a scope beside it', at(other), at(group), [subscription, root], false],
    [
      'not a scope whose name begins alike',
      at(`${subscription}/resourcegroups/dat`),
      at(group),
      [subscription],
      false,
    ],
    ['not another role', at(subscription, READER), at(group), [subscription, root], false],
    ['not another provider', { ...at('/'), provider: 'directory' }, at('/'), ['/'], false],
    ['only its own scope where nothing is known of those above', at(subscription), at(group), [], false],
  ])('%s', (_name, wide, role, above, answer) => {
    expect(covers(wide, role, above)).toBe(answer)
  })
})

const eligible = (role: Role, more: Partial<Eligibility> = {}): Eligibility => ({
  ...role,
  id: `elig at ${role.scope}`,
  principalId: ada.id,
  principalType: 'User',
  principalName: ada.displayName,
  roleName: 'Contributor',
  scopeName: '',
  startDateTime: '2029-01-01T00:00:00.000Z',
  endDateTime: null,
  createdDateTime: '2029-01-01T00:00:00.000Z',
  createdBy: INTERIM,
  justification: null,
  ...more,
})
const ask: Ask = {
  role: at(vault),
  justification: 'INC-42',
  ticketInfo: null,
  scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
}
const circumstances = (eligibilities: Eligibility[]): Circumstances => ({
  now: new Date('2030-01-01T09:00:00.000Z'),
  requester: ada,
  definition: exchange,
  eligibilities,
  scopesAbove: aboveVault,
  demands: demandsOf({ version: 1, rules: defaultRules() }, false),
  proof: WEAK,
  mfaContext: null,
  approvers: null,
})

describe('an activation at a smaller scope', () => {
  test('rests upon the nearest eligibility that lasts long enough', () => {
    const soonOver = { endDateTime: '2030-01-01T09:30:00.000Z' }
    const rests = (...all: Eligibility[]) => eligibilityFor(ask, circumstances(all))?.scope
    expect(rests(eligible(at(root)), eligible(at(group)))).toBe(group)
    expect(rests(eligible(at(root)), eligible(at(group), soonOver))).toBe(root)
    expect(rests(eligible(at(other)))).toBeUndefined()
  })

  test('cannot outlast the eligibility above', () => {
    const all = [eligible(at(subscription), { endDateTime: '2030-01-01T09:30:00.000Z' })]
    expect(activationDenials(ask, circumstances(all)).map(({ rule }) => rule)).toEqual(['ExpirationRule'])
  })

  test('an eligibility never covers a scope outside its own, whatever lies around', () => {
    const name = fc.constantFrom('a', 'ab', 'b', 'data')
    const path = fc.array(name, { maxLength: 4 }).map((names) => names.map((each) => `/${each}`))
    const scopeOf = (parts: string[]) => `/subscriptions${parts.join('')}`
    const aboveOf = (parts: string[]) => parts.map((_, n) => scopeOf(parts.slice(0, n))).reverse()
    fc.assert(
      fc.property(path, path, (wide, asked) => {
        const inside = wide.every((part, n) => asked[n] === part)
        const c = { ...circumstances([eligible(at(scopeOf(wide)))]), scopesAbove: aboveOf(asked) }
        const given = eligibilityFor({ ...ask, role: at(scopeOf(asked)) }, c)
        expect(given !== undefined).toBe(inside)
      }),
    )
  })
})

test.each([
  [root, 'managementgroup'],
  [subscription, 'subscription'],
  [group, 'resourcegroup'],
  [vault, 'microsoft.keyvault/vaults'],
  [`${group}/providers/microsoft.sql/servers/s/databases/d`, 'microsoft.sql/servers/databases'],
])('%s is a %s', (scope, kind) => {
  expect(kindOfScope(scope)).toBe(kind)
})
