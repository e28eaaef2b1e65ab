import { describe, expect, test } from 'vitest'
import {
  changedRules,
  defaultRules,
  demandsOf,
  RoleSettingsChange,
  type Rule,
  rulesFaults,
} from '../../src/domain/role-settings.ts'
import { grace, user } from '../fakes/people.ts'
import { approvalRule, enablement } from '../fakes/world.ts'
import { demandFor } from './requests.ts'

const base = '#microsoft.graph.unifiedRoleManagementPolicy'
const longest = (maximumDuration: string): Extract<Rule, { maximumDuration: string }> => ({
  '@odata.type': `${base}ExpirationRule`,
  id: 'Expiration_EndUser_Assignment',
  isExpirationRequired: true,
  maximumDuration,
})
const context = (isEnabled: boolean, claimValue: string | null): Rule => ({
  '@odata.type': `${base}AuthenticationContextRule`,
  id: 'AuthenticationContext_EndUser_Assignment',
  isEnabled,
  claimValue,
})
const read = (rules: Rule[], isPrivileged = true) => demandsOf({ version: 3, rules }, isPrivileged)

test('the defaults are Microsoft’s seventeen rules, each once, and stand', () => {
  expect(defaultRules().map(({ id }) => id)).toEqual([
    'Expiration_Admin_Eligibility',
    'Enablement_Admin_Eligibility',
    'Expiration_Admin_Assignment',
    'Enablement_Admin_Assignment',
    'Expiration_EndUser_Assignment',
    'Enablement_EndUser_Assignment',
    'Approval_EndUser_Assignment',
    'AuthenticationContext_EndUser_Assignment',
    'Notification_Admin_Admin_Eligibility',
    'Notification_Admin_Admin_Assignment',
    'Notification_Admin_EndUser_Assignment',
    'Notification_Requestor_Admin_Eligibility',
    'Notification_Requestor_Admin_Assignment',
    'Notification_Requestor_EndUser_Assignment',
    'Notification_Approver_Admin_Eligibility',
    'Notification_Approver_Admin_Assignment',
    'Notification_Approver_EndUser_Assignment',
  ])
  expect(rulesFaults(defaultRules())).toEqual([])
  expect(RoleSettingsChange.parse({ rules: defaultRules() }).rules).toEqual(defaultRules())
})

test('by default an activation takes eight hours at most and a justification, and nothing else', () => {
  expect(read(defaultRules())).toEqual({
    version: 3,
    maximumDuration: 'PT8H',
    justification: true,
    ticket: false,
    ticketPatterns: [],
    mfa: false,
    contexts: [],
    approval: null,
  })
})

describe('what the rules ask for', () => {
  test.each<[string, Rule[], boolean, object]>([
    [
      'a second factor and a ticket',
      [enablement('MultiFactorAuthentication', 'Ticketing')],
      true,
      { mfa: true, ticket: true, justification: false },
    ],
    ['a context', [context(true, 'c9')], true, { contexts: ['c9'] }],
    ['a context that is switched off', [context(false, 'c9')], true, { contexts: [] }],
    [
      'minutes win over days',
      [approvalRule()],
      true,
      { approval: { mode: 'Serial', stages: [demandFor([user(grace.id)])], automatic: [] } },
    ],
    [
      'days where no minutes are given',
      [
        approvalRule([user(grace.id)], {
          approvalStageTimeOutInMinutes: null,
          approvalStageTimeOutInDays: 2,
        }),
      ],
      true,
      { approval: { stages: [{ timeoutMinutes: 2880 }] } },
    ],
    [
      'a link decides by itself where the role is not privileged',
      [approvalRule()],
      false,
      { approval: { stages: [{ byLink: true }] } },
    ],
    [
      'a link that must not',
      [approvalRule([user(grace.id)], { isDecisionByLinkAllowed: false })],
      false,
      { approval: { stages: [{ byLink: false }] } },
    ],
    [
      'a link that may, by order',
      [approvalRule([user(grace.id)], { isDecisionByLinkAllowed: true })],
      true,
      { approval: { stages: [{ byLink: true }] } },
    ],
  ])('%s', (_name, change, isPrivileged, demands) => {
    expect(read(changedRules(defaultRules(), change), isPrivileged)).toMatchObject(demands)
  })
})

test('a change replaces whole rules by their ids; the others stay', () => {
  const changed = changedRules(defaultRules(), [longest('PT2H')])
  expect(changed).toHaveLength(17)
  expect(changed[4]).toEqual(longest('PT2H'))
  expect(changed.filter((_, index) => index !== 4)).toEqual(defaultRules().filter((_, index) => index !== 4))
})

test('rules come back as Graph gives them, with what their ids say already', () => {
  const target = { caller: 'EndUser', operations: ['all'], level: 'Assignment', enforcedSettings: [] }
  const asGraph = defaultRules().map((rule) => {
    if (!('setting' in rule)) return { ...rule, target }
    const stages = rule.setting.approvalStages
    const approvalStages = stages.map((stage) => ({
      '@odata.type': '#microsoft.graph.unifiedApprovalStage',
      ...stage,
    }))
    const setting = { '@odata.type': '#microsoft.graph.approvalSettings', ...rule.setting, approvalStages }
    return { ...rule, setting, target }
  })
  expect(RoleSettingsChange.parse({ rules: asGraph }).rules).toEqual(defaultRules())
})

describe('rules that cannot stand', () => {
  test.each<[string, Rule[], string[]]>([
    ['half an hour', [longest('PT30M')], []],
    ['a day', [longest('P1D')], []],
    [
      'a second less than half an hour',
      [longest('PT29M59S')],
      ['InvalidPolicy Expiration_EndUser_Assignment.maximumDuration'],
    ],
    [
      'a second more than a day',
      [longest('PT24H1S')],
      ['InvalidPolicy Expiration_EndUser_Assignment.maximumDuration'],
    ],
    [
      'a context and a second factor',
      [context(true, 'c1'), enablement('MultiFactorAuthentication')],
      ['MfaAndAcrsConflict AuthenticationContext_EndUser_Assignment'],
    ],
    [
      'a context switched off and a second factor',
      [context(false, 'c1'), enablement('MultiFactorAuthentication')],
      [],
    ],
    [
      'a context without a name',
      [context(true, null)],
      ['InvalidPolicy AuthenticationContext_EndUser_Assignment.claimValue'],
    ],
    [
      'a context with an empty name',
      [context(true, '')],
      ['InvalidPolicy AuthenticationContext_EndUser_Assignment.claimValue'],
    ],
    [
      'an approval by nobody',
      [approvalRule([])],
      ['InvalidPolicy Approval_EndUser_Assignment.setting.approvalStages[0].primaryApprovers'],
    ],
    ['an approval by somebody', [approvalRule()], []],
    [
      'an approval that is required and is none',
      [{ ...approvalRule(), setting: { ...approvalRule().setting, approvalMode: 'NoApproval' } }],
      ['InvalidPolicy Approval_EndUser_Assignment.setting.approvalMode'],
    ],
    [
      'an activation without an end',
      [{ ...longest('PT8H'), isExpirationRequired: false }],
      ['InvalidPolicy Expiration_EndUser_Assignment.isExpirationRequired'],
    ],
    [
      'less than five minutes to be eligible or assigned',
      [
        { ...longest('PT4M59S'), id: 'Expiration_Admin_Eligibility' },
        { ...longest('PT1S'), id: 'Expiration_Admin_Assignment' },
      ],
      [
        'InvalidPolicy Expiration_Admin_Eligibility.maximumDuration',
        'InvalidPolicy Expiration_Admin_Assignment.maximumDuration',
      ],
    ],
    [
      'eleven years',
      [{ ...longest('P11Y'), id: 'Expiration_Admin_Eligibility' }],
      ['InvalidPolicy Expiration_Admin_Eligibility.maximumDuration'],
    ],
    [
      'all at once',
      [longest('P2D'), context(true, null), enablement('MultiFactorAuthentication'), approvalRule([])],
      [
        'InvalidPolicy Expiration_EndUser_Assignment.maximumDuration',
        'MfaAndAcrsConflict AuthenticationContext_EndUser_Assignment',
        'InvalidPolicy AuthenticationContext_EndUser_Assignment.claimValue',
        'InvalidPolicy Approval_EndUser_Assignment.setting.approvalStages[0].primaryApprovers',
      ],
    ],
  ])('%s', (_name, change, faults) => {
    expect(
      rulesFaults(changedRules(defaultRules(), change)).map(({ code, target }) => `${code} ${target}`),
    ).toEqual(faults)
  })
})

describe('changes that are not read', () => {
  test.each<[string, unknown]>([
    ['none', { rules: [] }],
    ['a rule of no known id', { rules: [{ ...longest('PT1H'), id: 'Expiration_Anything' }] }],
    [
      'the id of one rule with the type of another',
      { rules: [{ ...longest('PT1H'), id: 'Approval_EndUser_Assignment' }] },
    ],
    ['a rule with something more', { rules: [{ ...longest('PT1H'), more: {} }] }],
    ['a duration that is none', { rules: [longest('-PT1H')] }],
    ['a context that is none', { rules: [context(true, 'c0')] }],
    [
      'two stages',
      { rules: [{ ...approvalRule(), setting: { isApprovalRequired: true, approvalStages: [] } }] },
    ],
    [
      'an approver who is no person',
      { rules: [approvalRule([{ '@odata.type': '#microsoft.graph.singleServicePrincipal' } as never])] },
    ],
    ['twenty-one approvers', { rules: [approvalRule(Array.from({ length: 21 }, () => user(grace.id)))] }],
    ['eleven signatures', { rules: [approvalRule([user(grace.id)], { approvalsRequired: 11 })] }],
    [
      'a time-out of four minutes',
      { rules: [approvalRule([user(grace.id)], { approvalStageTimeOutInMinutes: 4 })] },
    ],
  ])('%s', (_name, change) => {
    expect(RoleSettingsChange.safeParse(change).success).toBe(false)
  })
})
