import { describe, expect, test } from 'vitest'
import { assigningDemandsOf, assigningDenials } from '../../src/domain/assigning.ts'
import { changedRules, defaultRules, type Rule } from '../../src/domain/role-settings.ts'
import { exchangeRole, WEAK } from '../fakes/people.ts'

const now = new Date('2030-01-01T09:00:00Z')
const base = '#microsoft.graph.unifiedRoleManagementPolicy'
const settings = (provider: 'directory' | 'azure' | 'group', change: Rule[] = []) => ({
  role: { ...exchangeRole, provider },
  version: 3,
  rules: changedRules(defaultRules(provider), change),
  lastModifiedDateTime: null,
  lastModifiedBy: null,
})
const asks = (...enabledRules: ('MultiFactorAuthentication' | 'Justification' | 'Ticketing')[]): Rule => ({
  '@odata.type': `${base}EnablementRule`,
  id: 'Enablement_Admin_Eligibility',
  enabledRules,
})
const lasts = (isExpirationRequired: boolean, maximumDuration: string): Rule => ({
  '@odata.type': `${base}ExpirationRule`,
  id: 'Expiration_Admin_Eligibility',
  isExpirationRequired,
  maximumDuration,
})
const until = (endDateTime: string | null, startDateTime = '2030-01-01T09:00:00.000Z') => ({
  startDateTime,
  endDateTime,
})
const denied = (
  {
    provider = 'directory',
    change = [] as Rule[],
  }: { provider?: 'directory' | 'azure' | 'group'; change?: Rule[] },
  window: ReturnType<typeof until>,
  more: { justification?: string; ticketInfo?: object; proof?: typeof WEAK; mfaContext?: string } = {},
) => {
  const { proof = WEAK, mfaContext = null, ...ask } = more
  const demands = assigningDemandsOf(settings(provider, change), 'Eligibility')
  return assigningDenials({ ...ask, window }, { now, demands, proof, mfaContext }).map(({ rule }) => rule)
}

describe('who makes others eligible', () => {
  test.each<[string, Parameters<typeof denied>, string[]]>([
    ['of directory roles may do so for good', [{}, until(null)], []],
    ['and beyond the year that is written beside it', [{}, until('2040-01-01T00:00:00.000Z')], []],
    ['of Azure roles not for good', [{ provider: 'azure' }, until(null)], ['ExpirationRule']],
    ['of groups not for good', [{ provider: 'group' }, until(null)], ['ExpirationRule']],
    ['of groups for a year', [{ provider: 'group' }, until('2031-01-01T09:00:00.000Z')], []],
    ['but no longer', [{ provider: 'group' }, until('2031-01-01T09:00:00.001Z')], ['ExpirationRule']],
    [
      'counts a year from a start that is ahead',
      [{ provider: 'group' }, until('2031-06-01T00:00:00.000Z', '2030-06-01T00:00:00.000Z')],
      [],
    ],
    [
      'and from now where the start is past',
      [{ provider: 'group' }, until('2030-12-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z')],
      [],
    ],
    [
      'is bound by what the settings say',
      [{ change: [lasts(true, 'P15D')] }, until('2030-01-17T00:00:00.000Z')],
      ['ExpirationRule'],
    ],
    ['and freed by them', [{ provider: 'azure', change: [lasts(false, 'P15D')] }, until(null)], []],
    [
      'is told all at once',
      [
        { change: [lasts(true, 'P15D'), asks('Justification', 'Ticketing', 'MultiFactorAuthentication')] },
        until(null),
      ],
      ['ExpirationRule', 'JustificationRule', 'TicketingRule', 'MfaRule'],
    ],
    [
      'and gives it all',
      [
        { change: [asks('Justification', 'Ticketing', 'MultiFactorAuthentication')] },
        until(null),
        {
          justification: 'project',
          ticketInfo: { ticketNumber: '1', ticketSystem: 'x' },
          proof: { mfa: true, contexts: [] },
        },
      ],
      [],
    ],
    [
      'or a context that counts as a second factor',
      [
        { change: [asks('MultiFactorAuthentication')] },
        until(null),
        { proof: { mfa: false, contexts: ['c1'] }, mfaContext: 'c1' },
      ],
      [],
    ],
  ])('%s', (_name, args, rules) => {
    expect(denied(...args)).toEqual(rules)
  })
})

test('assignments have rules of their own', () => {
  expect(assigningDemandsOf(settings('azure'), 'Assignment')).toEqual({
    version: 3,
    isExpirationRequired: true,
    maximumDuration: 'P180D',
    justification: true,
    ticket: false,
    mfa: false,
  })
})
