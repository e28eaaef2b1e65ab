import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PolicyFile, policyFaults, rulesOf } from '../../src/domain/policy-file.ts'
import { changedRules, defaultRules, demandsOf } from '../../src/domain/role-settings.ts'
import { ruleOf } from '../../src/domain/rules.ts'
import { TierBody, tierFaults } from '../../src/domain/tier.ts'
import { ada, exchange, exchangeRole } from '../fakes/people.ts'
import { approvalRule, enablement } from '../fakes/world.ts'

const example = (path: string) => JSON.parse(readFileSync(`examples/${path}`, 'utf8'))

describe('the example tiers', () => {
  test.each([
    ['reader', { maximumDuration: 'PT8H', justification: true, ticket: false, mfa: false }, false, 'P365D'],
    [
      'user-administration',
      { maximumDuration: 'PT8H', justification: true, ticket: false, mfa: true },
      false,
      'P365D',
    ],
    [
      'identity-platform',
      { maximumDuration: 'PT1H', justification: true, ticket: true, mfa: true },
      true,
      'P90D',
    ],
  ])('%s', (name, demands, isApproved, eligibleFor) => {
    const tier = TierBody.parse(example(`tiers/${name}.json`))
    expect(tierFaults(tier)).toEqual([])
    const rules = changedRules(defaultRules(), tier.rules)
    const read = demandsOf({ version: 1, rules }, true)
    expect(read).toMatchObject(demands)
    expect([read.approval !== null, read.approval?.stages.some(({ byLink }) => byLink) ?? false]).toEqual([
      isApproved,
      false,
    ])
    expect(ruleOf(rules, 'Expiration_Admin_Eligibility')).toMatchObject({
      isExpirationRequired: true,
      maximumDuration: eligibleFor,
    })
    expect(example('policy.json').tiers[name]).toEqual(example(`tiers/${name}.json`))
  })

  test('are these three, and the example policy is sound', () => {
    expect(readdirSync('examples/tiers')).toHaveLength(3)
    expect(policyFaults(PolicyFile.parse(example('policy.json')))).toEqual([])
  })
})

const { roleDefinitionId } = exchangeRole
const tier = (...rules: object[]) => ({ displayName: '', description: '', rules })
const longest = (maximumDuration: string) => ({
  '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
  id: 'Expiration_EndUser_Assignment',
  isExpirationRequired: true,
  maximumDuration,
})

describe('a policy file', () => {
  test.each<[string, object, string[]]>([
    ['with nothing in it', {}, []],
    [
      'a tier that cannot stand',
      { tiers: { high: tier(longest('P2D')) } },
      ['tiers.high.Expiration_EndUser_Assignment.maximumDuration InvalidPolicy'],
    ],
    [
      'a tier that is not there',
      { settings: [{ roleDefinitionId, tier: 'high' }] },
      ['settings.0.tier InputPolicyNotFound'],
    ],
    [
      'a role twice',
      { settings: [{ roleDefinitionId }, { roleDefinitionId, scope: `/${ada.id}` }] },
      ['settings.1 InvalidPolicy'],
    ],
    [
      'a tier and rules that conflict only together',
      {
        tiers: { high: tier(enablement('MultiFactorAuthentication')) },
        settings: [
          {
            roleDefinitionId,
            tier: 'high',
            rules: [
              {
                '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule',
                id: 'AuthenticationContext_EndUser_Assignment',
                isEnabled: true,
                claimValue: 'c1',
              },
            ],
          },
        ],
      },
      ['settings.0.AuthenticationContext_EndUser_Assignment MfaAndAcrsConflict'],
    ],
    [
      'an approval by nobody',
      { settings: [{ roleDefinitionId, rules: [approvalRule([])] }] },
      ['settings.0.Approval_EndUser_Assignment.setting.approvalStages[0].primaryApprovers InvalidPolicy'],
    ],
    [
      'somebody eligible twice',
      {
        eligibilities: [
          { principalId: ada.id, roleDefinitionId },
          { principalId: ada.id, roleDefinitionId },
        ],
      },
      ['eligibilities.1 RoleAssignmentExists'],
    ],
  ])('%s', (_name, file, faults) => {
    expect(policyFaults(PolicyFile.parse(file)).map(({ path, code }) => `${path} ${code}`)).toEqual(faults)
  })

  test.each<[string, object]>([
    ['a field that nobody knows', { setting: [] }],
    ['a tier whose name is no name', { tiers: { 'High!': tier(longest('PT1H')) } }],
    ['a rule twice', { settings: [{ roleDefinitionId, rules: [longest('PT1H'), longest('PT2H')] }] }],
    ['an Azure role in the directory', { settings: [{ provider: 'azure', roleDefinitionId }] }],
    ['a principal without a guid', { eligibilities: [{ principalId: 'ada', roleDefinitionId }] }],
  ])('is not read: %s', (_name, file) => {
    expect(PolicyFile.safeParse(file).success).toBe(false)
  })

  test('a role’s own rules come over those of its tier', () => {
    const file = PolicyFile.parse({
      tiers: { high: tier(longest('PT1H'), enablement('Ticketing')) },
      settings: [{ roleDefinitionId: exchange.id, tier: 'high', rules: [longest('PT2H')] }],
    })
    const [role] = file.settings
    expect(role && rulesOf(file, role)).toEqual([longest('PT2H'), enablement('Ticketing')])
  })
})
