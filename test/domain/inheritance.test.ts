import { describe, expect, test } from 'vitest'
import type { Provider } from '../../src/domain/role.ts'
import {
  changedRules,
  defaultRules,
  effective,
  neverChanged,
  type RoleSettings,
  type Rule,
} from '../../src/domain/role-settings.ts'
import { RULE_IDS, ruleOf } from '../../src/domain/rules.ts'
import { exchangeRole } from '../fakes/people.ts'
import { approvalRule, enablement } from '../fakes/world.ts'

const SUBSCRIPTION = '/subscriptions/55555555-0000-4000-8000-000000000001'
/** The nearest first. */
const LEVELS = [
  `${SUBSCRIPTION}/resourcegroups/web/providers/microsoft.web/sites/shop`,
  `${SUBSCRIPTION}/resourcegroups/web`,
  SUBSCRIPTION,
  '/providers/microsoft.management/managementgroups/platform',
  '/providers/microsoft.management/managementgroups/root',
]
const longest = (maximumDuration: string): Rule => ({
  '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
  id: 'Expiration_EndUser_Assignment',
  isExpirationRequired: true,
  maximumDuration,
})
const at = (scope: string, ...rules: Rule[]): RoleSettings => ({
  ...neverChanged({ ...exchangeRole, provider: 'azure', scope }),
  version: rules.length,
  rules,
})
const [RESOURCE, GROUP, SUB, MANAGEMENT, ROOT] = LEVELS as [string, string, string, string, string]

describe('of five levels the nearest that sets a rule wins:', () => {
  test.each<[name: string, set: Record<string, Rule[]>, maximum: string, from: string | null]>([
    ['nobody sets it', {}, 'PT8H', null],
    ['the root alone', { [ROOT]: [longest('PT7H')] }, 'PT7H', ROOT],
    [
      'the management group below it',
      { [ROOT]: [longest('PT7H')], [MANAGEMENT]: [longest('PT6H')] },
      'PT6H',
      MANAGEMENT,
    ],
    ['the subscription', { [ROOT]: [longest('PT7H')], [SUB]: [longest('PT5H')] }, 'PT5H', SUB],
    ['the resource group', { [SUB]: [longest('PT1H')], [GROUP]: [longest('PT4H')] }, 'PT4H', GROUP],
    ['the resource itself', { [GROUP]: [longest('PT1H')], [RESOURCE]: [longest('PT3H')] }, 'PT3H', RESOURCE],
    [
      'one that sets another rule hides nothing',
      { [SUB]: [longest('PT5H')], [GROUP]: [enablement()] },
      'PT5H',
      SUB,
    ],
    [
      'all of them',
      Object.fromEntries(LEVELS.map((scope, index) => [scope, [longest(`PT${index + 1}H`)]])),
      'PT1H',
      RESOURCE,
    ],
  ])('%s', (_name, set, maximum, from) => {
    const [own, ...above] = LEVELS.map((scope) => at(scope, ...(set[scope] ?? []))) as [
      RoleSettings,
      ...RoleSettings[],
    ]
    const { rules, origins, version } = effective(own, above)
    expect(rules.map(({ id }) => id)).toEqual(RULE_IDS)
    expect(ruleOf(rules, 'Expiration_EndUser_Assignment').maximumDuration).toBe(maximum)
    expect(origins.find(({ id }) => id === 'Expiration_EndUser_Assignment')).toEqual({
      id: 'Expiration_EndUser_Assignment',
      from: from === null ? 'default' : from === RESOURCE ? 'own' : 'inherited',
      scope: from,
    })
    expect(version).toBe(Object.keys(set).length)
  })

  test('each rule for itself', () => {
    const { origins } = effective(at(RESOURCE, approvalRule()), [
      at(SUB, longest('PT5H')),
      at(ROOT, enablement()),
    ])
    const fromOf = (id: string) => origins.find((origin) => origin.id === id)?.scope
    expect(fromOf('Approval_EndUser_Assignment')).toBe(RESOURCE)
    expect(fromOf('Expiration_EndUser_Assignment')).toBe(SUB)
    expect(fromOf('Enablement_EndUser_Assignment')).toBe(ROOT)
    expect(fromOf('Expiration_Admin_Eligibility')).toBe(null)
  })
})

test.each<[Provider, boolean]>([
  ['directory', false],
  ['azure', true],
  ['group', true],
])('by default what administrators give of %s roles must end: %s', (provider, isRequired) => {
  const rules = defaultRules(provider)
  for (const [id, longestOf] of [
    ['Expiration_Admin_Eligibility', 'P365D'],
    ['Expiration_Admin_Assignment', 'P180D'],
  ] as const)
    expect(ruleOf(rules, id)).toMatchObject({ isExpirationRequired: isRequired, maximumDuration: longestOf })
  expect(ruleOf(rules, 'Enablement_Admin_Assignment').enabledRules).toEqual(['Justification'])
  expect(ruleOf(rules, 'Expiration_EndUser_Assignment')).toMatchObject({
    isExpirationRequired: true,
    maximumDuration: 'PT8H',
  })
})

test('a change can let a rule be inherited again, and keeps the order', () => {
  const set = changedRules(
    [longest('PT2H'), enablement('Ticketing')],
    [approvalRule()],
    ['Expiration_EndUser_Assignment'],
  )
  expect(set.map(({ id }) => id)).toEqual(['Enablement_EndUser_Assignment', 'Approval_EndUser_Assignment'])
})
