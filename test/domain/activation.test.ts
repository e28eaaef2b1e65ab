import { describe, expect, test } from 'vitest'
import { activationDenials, type Circumstances } from '../../src/domain/activation.ts'
import { type Ask, windowAsked } from '../../src/domain/ask.ts'
import type { Eligibility } from '../../src/domain/eligibility.ts'
import { INTERIM } from '../../src/domain/person.ts'
import { type Demands, defaultRules, demandsOf } from '../../src/domain/role-settings.ts'
import { ada, exchange, exchangeRole, helpdeskRole, WEAK } from '../fakes/people.ts'

const NOW = '2030-01-01T09:00:00.000Z'
const eligible = (more: Partial<Eligibility> = {}): Eligibility => ({
  ...exchangeRole,
  id: 'elig-1',
  principalId: ada.id,
  principalType: 'User',
  principalName: ada.displayName,
  roleName: exchange.displayName,
  scopeName: 'the whole directory',
  startDateTime: '2029-01-01T00:00:00.000Z',
  endDateTime: null,
  createdDateTime: '2029-01-01T00:00:00.000Z',
  createdBy: INTERIM,
  justification: null,
  ...more,
})
const demands: Demands = {
  ...demandsOf(
    {
      version: 1,
      rules: defaultRules(),
    },
    false,
  ),
  maximumDuration: 'PT8H',
}
const usual: Circumstances = {
  now: new Date(NOW),
  requester: ada,
  definition: exchange,
  eligibilities: [eligible()],
  demands,
  proof: WEAK,
  mfaContext: null,
  approvers: null,
}
const lasting = (duration: string, startDateTime?: string): Ask['scheduleInfo'] => ({
  startDateTime,
  expiration: { type: 'afterDuration', duration },
})
const until = (endDateTime: string, startDateTime?: string): Ask['scheduleInfo'] => ({
  startDateTime,
  expiration: { type: 'afterDateTime', endDateTime },
})
const plain: Ask = {
  role: exchangeRole,
  justification: 'INC-42',
  ticketInfo: undefined,
  scheduleInfo: lasting('PT1H'),
}

type Case = [name: string, ask: Partial<Ask>, circumstances: Partial<Circumstances>, denials: string[]]
const denied = (ask: Partial<Ask>, circumstances: Partial<Circumstances>) =>
  activationDenials({ ...plain, ...ask }, { ...usual, ...circumstances }).map(
    ({ rule, target }) => `${rule} ${target}`,
  )

const ticketed = { demands: { ...demands, ticket: true } }
const DURATION = 'ExpirationRule scheduleInfo.expiration.duration'
const END = 'ExpirationRule scheduleInfo.expiration.endDateTime'
const OUTLASTS = 'ExpirationRule scheduleInfo.expiration'
const ELIGIBILITY = 'EligibilityRule roleDefinitionId'
const NOT_YET = 'EligibilityRule scheduleInfo.startDateTime'

describe('an activation is refused for every rule it breaks, and for no other', () => {
  test.each<Case>([
    ['an ordinary request', {}, {}, []],
    ['a requester who is not in the directory', {}, { requester: undefined }, ['RequesterRule principalId']],
    [
      'a disabled account',
      {},
      { requester: { ...ada, accountEnabled: false } },
      ['RequesterRule principalId'],
    ],
    ['a role the tenant does not have', {}, { definition: undefined }, ['RoleRule roleDefinitionId']],
    [
      'a role switched off',
      {},
      { definition: { ...exchange, isEnabled: false } },
      ['RoleRule roleDefinitionId'],
    ],
    ['no eligibility', {}, { eligibilities: [] }, [ELIGIBILITY]],
    ['an eligibility for another role', {}, { eligibilities: [eligible(helpdeskRole)] }, [ELIGIBILITY]],
    [
      'an eligibility at another scope',
      {},
      { eligibilities: [eligible({ scope: '/44444444-0000-4000-8000-000000000001' })] },
      [ELIGIBILITY],
    ],
    [
      'an eligibility whose scope differs only in the case of its letters',
      { role: { ...exchangeRole, scope: '/AAAAAAAA-0000-4000-8000-000000000001' } },
      { eligibilities: [eligible({ scope: '/aaaaaaaa-0000-4000-8000-000000000001' })] },
      [],
    ],
    ['an eligibility that has ended', {}, { eligibilities: [eligible({ endDateTime: NOW })] }, [ELIGIBILITY]],
    [
      'an eligibility that begins this very instant',
      {},
      { eligibilities: [eligible({ startDateTime: NOW })] },
      [],
    ],
    [
      'an eligibility that begins a millisecond later',
      {},
      { eligibilities: [eligible({ startDateTime: '2030-01-01T09:00:00.001Z' })] },
      [NOT_YET],
    ],
    [
      'an eligibility that begins by the start asked for',
      { scheduleInfo: lasting('PT1H', '2030-01-02T09:00:00.000Z') },
      { eligibilities: [eligible({ startDateTime: '2030-01-02T09:00:00.000Z' })] },
      [],
    ],
    [
      'an eligibility that ends exactly at the end',
      {},
      { eligibilities: [eligible({ endDateTime: '2030-01-01T10:00:00.000Z' })] },
      [],
    ],
    [
      'an eligibility that ends a millisecond before the end',
      {},
      { eligibilities: [eligible({ endDateTime: '2030-01-01T09:59:59.999Z' })] },
      [OUTLASTS],
    ],
    [
      'an eligibility that is over by the start asked for',
      { scheduleInfo: lasting('PT1H', '2030-01-03T09:00:00.000Z') },
      { eligibilities: [eligible({ endDateTime: '2030-01-02T09:00:00.000Z' })] },
      [NOT_YET],
    ],
    [
      'two eligibilities that only together cover the window',
      {},
      {
        eligibilities: [
          eligible({ endDateTime: '2030-01-01T09:30:00.000Z' }),
          eligible({ startDateTime: '2030-01-01T09:30:00.000Z' }),
        ],
      },
      [OUTLASTS],
    ],
    [
      'of two eligibilities the second covers the window',
      {},
      { eligibilities: [eligible({ endDateTime: '2030-01-01T09:30:00.000Z' }), eligible()] },
      [],
    ],
    ['exactly the maximum', { scheduleInfo: lasting('PT8H') }, {}, []],
    ['the maximum in minutes', { scheduleInfo: lasting('PT480M') }, {}, []],
    ['the maximum, by its end', { scheduleInfo: until('2030-01-01T17:00:00.000Z') }, {}, []],
    ['a millisecond over the maximum', { scheduleInfo: until('2030-01-01T17:00:00.001Z') }, {}, [END]],
    ['a second over the maximum', { scheduleInfo: lasting('PT8H1S') }, {}, [DURATION]],
    [
      'a day where half an hour is the maximum',
      { scheduleInfo: lasting('P1D') },
      { demands: { ...demands, maximumDuration: 'PT30M' } },
      [DURATION],
    ],
    ['the shortest', { scheduleInfo: lasting('PT5M') }, {}, []],
    ['a second less than the shortest', { scheduleInfo: lasting('PT4M59S') }, {}, [DURATION]],
    ['an end that is past', { scheduleInfo: until('2030-01-01T08:00:00.000Z') }, {}, [END]],
    [
      'an end before its own start',
      { scheduleInfo: until('2030-01-02T08:00:00.000Z', '2030-01-02T09:00:00.000Z') },
      {},
      [END],
    ],
    [
      'a start that is past, and an end that is not: measured from the start asked for',
      { scheduleInfo: until('2030-01-01T16:30:00.000Z', '2030-01-01T08:00:00.000Z') },
      {},
      [END],
    ],
    ['a start 180 days ahead', { scheduleInfo: lasting('PT1H', '2030-06-30T09:00:00.000Z') }, {}, []],
    [
      'a start 180 days and a millisecond ahead',
      { scheduleInfo: lasting('PT1H', '2030-06-30T09:00:00.001Z') },
      {},
      ['ExpirationRule scheduleInfo.startDateTime'],
    ],
    ['no justification', { justification: undefined }, {}, ['JustificationRule justification']],
    ['a justification of blanks', { justification: ' \t\n' }, {}, ['JustificationRule justification']],
    [
      'no justification where none is asked for',
      { justification: null },
      { demands: { ...demands, justification: false } },
      [],
    ],
    ['no ticket', {}, ticketed, ['TicketingRule ticketInfo']],
    [
      'a ticket without its system',
      { ticketInfo: { ticketNumber: '42', ticketSystem: ' ' } },
      ticketed,
      ['TicketingRule ticketInfo'],
    ],
    ['a ticket and its system', { ticketInfo: { ticketNumber: '42', ticketSystem: 'SNOW' } }, ticketed, []],
    ['no second factor', {}, { demands: { ...demands, mfa: true } }, ['MfaRule authorization']],
    ['a second factor', {}, { demands: { ...demands, mfa: true }, proof: { mfa: true, contexts: [] } }, []],
    [
      'the context that stands for a second factor here',
      {},
      { demands: { ...demands, mfa: true }, proof: { mfa: false, contexts: ['c1'] }, mfaContext: 'c1' },
      [],
    ],
    [
      'a context that stands for nothing here',
      {},
      { demands: { ...demands, mfa: true }, proof: { mfa: false, contexts: ['c2'] }, mfaContext: 'c1' },
      ['MfaRule authorization'],
    ],
    [
      'another context than the one asked for',
      {},
      { demands: { ...demands, contexts: ['c9'] }, proof: { mfa: true, contexts: ['c1'] } },
      ['AcrsRule authorization'],
    ],
    [
      'the context asked for',
      {},
      { demands: { ...demands, contexts: ['c9'] }, proof: { mfa: false, contexts: ['c1', 'c9'] } },
      [],
    ],
    ['nobody who could approve', {}, { approvers: false }, ['ApprovalRule roleDefinitionId']],
    ['one who could approve', {}, { approvers: true }, []],
    [
      'everything at once',
      { justification: '', scheduleInfo: lasting('P1D', '2031-01-01T00:00:00.000Z') },
      {
        requester: undefined,
        definition: undefined,
        eligibilities: [],
        demands: { ...demands, ticket: true, mfa: true },
        approvers: false,
      },
      [
        'RequesterRule principalId',
        'RoleRule roleDefinitionId',
        ELIGIBILITY,
        DURATION,
        'ExpirationRule scheduleInfo.startDateTime',
        'JustificationRule justification',
        'TicketingRule ticketInfo',
        'MfaRule authorization',
        'ApprovalRule roleDefinitionId',
      ],
    ],
  ])('%s', (_name, ask, circumstances, denials) => {
    expect(denied(ask, circumstances)).toEqual(denials)
  })

  test('each refusal says in words what would satisfy it', () => {
    const all = activationDenials(
      { ...plain, scheduleInfo: lasting('PT9H') },
      { ...usual, demands: { ...demands, mfa: true } },
    )
    expect(all.map(({ message }) => message)).toEqual([
      'At most PT8H (8 h) for this role; 9 h asked for.',
      'Sign in again with a second factor.',
    ])
  })

  test.each([
    [
      'the context asked for',
      { contexts: ['c9'], mfa: false },
      null,
      '{"access_token":{"acrs":{"essential":true,"value":"c9"}}}',
    ],
    [
      'the context that stands for a second factor',
      { contexts: [], mfa: true },
      'c1',
      '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}',
    ],
    ['a second factor', { contexts: [], mfa: true }, null, '{"access_token":{"amr":{"values":["mfa"]}}}'],
  ])('what a client has to fetch a token with: %s', (_name, more, mfaContext, claims) => {
    const [denial] = activationDenials(plain, { ...usual, demands: { ...demands, ...more }, mfaContext })
    expect(denial?.claims).toBe(claims)
  })
})

describe('windows on hard dates', () => {
  test.each([
    ['Europe moves its clocks forward', '2030-03-31T00:30:00.000Z', 'PT2H', '2030-03-31T02:30:00.000Z'],
    ['Europe moves its clocks back', '2030-10-27T00:30:00.000Z', 'PT2H', '2030-10-27T02:30:00.000Z'],
    ['America moves its clocks forward', '2030-03-10T06:30:00.000Z', 'PT2H', '2030-03-10T08:30:00.000Z'],
    ['a day is a day where clocks move', '2030-03-30T12:00:00.000Z', 'P1D', '2030-03-31T12:00:00.000Z'],
    ['a month from the end of January', '2030-01-31T09:00:00.000Z', 'P1M', '2030-02-28T09:00:00.000Z'],
    [
      'a month from the end of January of a leap year',
      '2032-01-31T09:00:00.000Z',
      'P1M',
      '2032-02-29T09:00:00.000Z',
    ],
    ['a month from the end of March', '2030-03-31T09:00:00.000Z', 'P1M', '2030-04-30T09:00:00.000Z'],
    ['a day from the leap day', '2032-02-28T23:30:00.000Z', 'P1D', '2032-02-29T23:30:00.000Z'],
    ['a year from the leap day', '2032-02-29T09:00:00.000Z', 'P1Y', '2033-02-28T09:00:00.000Z'],
    ['the turn of the year', '2030-12-31T23:59:59.999Z', 'PT8H', '2031-01-01T07:59:59.999Z'],
    ['a week', '2030-02-26T09:00:00.000Z', 'P1W', '2030-03-05T09:00:00.000Z'],
  ])('%s', (_name, now, duration, end) => {
    const window = windowAsked({ scheduleInfo: lasting(duration) }, new Date(now))
    expect([window.start.toISOString(), window.end.toISOString()]).toEqual([now, end])
  })

  test('a month is as long as it is from where it begins, for the maximum too', () => {
    const monthly = { demands: { ...demands, maximumDuration: 'P1M' } }
    const february = new Date('2030-02-01T09:00:00.000Z')
    expect(denied({ scheduleInfo: lasting('P28D') }, { ...monthly, now: february })).toEqual([])
    expect(denied({ scheduleInfo: lasting('P29D') }, { ...monthly, now: february })).toEqual([DURATION])
    expect(denied({ scheduleInfo: lasting('P31D') }, monthly)).toEqual([])
  })

  test('a start that is past begins now, and ends where it would have ended', () => {
    const window = windowAsked({ scheduleInfo: lasting('PT2H', '2030-01-01T08:30:00.000Z') }, new Date(NOW))
    expect([window.start.toISOString(), window.end.toISOString()]).toEqual([NOW, '2030-01-01T10:30:00.000Z'])
  })
})
