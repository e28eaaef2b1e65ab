import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { activationDenials, type Circumstances } from '../../src/domain/activation.ts'
import type { Ask } from '../../src/domain/ask.ts'
import { automaticApproval } from '../../src/domain/auto-approval.ts'
import { demandsOf, stricter } from '../../src/domain/demands.ts'
import { looserRules } from '../../src/domain/looser.ts'
import { changedRules, defaultRules, type Rule, rulesFaults } from '../../src/domain/role-settings.ts'
import { EnablementRule } from '../../src/domain/rules.ts'
import { differences } from '../../src/domain/settings-effect.ts'
import { type DeskAnswer, deskKey, evaluationIn, TicketCheck } from '../../src/domain/ticket-check.ts'
import { desksToAsk } from '../../src/domain/ticket-denials.ts'
import { approvalRule, enablement } from '../fakes/world.ts'

const APP = '11111111-2222-4333-8444-555555555555'
const URL = 'https://desk.contoso.example/pim'
const check = (more: object = {}) => TicketCheck.parse({ targetUrl: URL, ...more })
const withCheck = (more: object = {}): Rule =>
  ({ ...enablement('Justification'), ticketCheck: check(more) }) as never
const rulesWith = (...rules: Rule[]) => changedRules(defaultRules(), rules)
const demands = (...rules: Rule[]) => demandsOf({ version: 1, rules: rulesWith(...rules) }, true)
const id = 'Enablement_EndUser_Assignment'

describe('the setting', () => {
  test('asks by default once more, for three seconds each time, and approves nothing by itself', () => {
    expect(check()).toEqual({
      targetUrl: URL,
      timeoutInMilliseconds: 3000,
      maximumRetries: 1,
      mayAutoApprove: false,
    })
  })

  test.each<[string, object, string | null]>([
    ['an application at the host that is asked', { resourceId: `api://desk.contoso.example/${APP}` }, null],
    ['no application', { resourceId: null }, null],
    ['this very machine', { targetUrl: 'http://127.0.0.1:7071/desk' }, null],
    ['the shortest patience', { timeoutInMilliseconds: 200, maximumRetries: 0 }, null],
    ['the longest', { timeoutInMilliseconds: 10_000, maximumRetries: 3 }, null],
    ['no TLS', { targetUrl: 'http://desk.contoso.example/' }, 'https://'],
    ['a user name', { targetUrl: 'https://u:p@desk.contoso.example/' }, 'without a user name'],
    ['a fragment', { targetUrl: `${URL}#a` }, 'fragment'],
    ['no address', { targetUrl: 'desk' }, 'https://'],
    ['an address without end', { targetUrl: `https://desk.example/${'a'.repeat(500)}` }, '500'],
    ['a signature in the address', { targetUrl: `${URL}?sp=run&sig=abc` }, 'no key or token'],
    ['a key in the address', { targetUrl: `${URL}?code=abc` }, 'no key or token'],
    ['less patience', { timeoutInMilliseconds: 199 }, '200'],
    ['more patience', { timeoutInMilliseconds: 10_001 }, '10000'],
    ['more attempts', { maximumRetries: 4 }, '3'],
    ['half an attempt', { maximumRetries: 0.5 }, 'int'],
    ['another field', { password: 'x' }, 'password'],
    ['a token for Microsoft Graph', { resourceId: '00000003-0000-0000-c000-000000000000' }, 'nobody else'],
    ['a token for Azure', { resourceId: 'https://management.azure.com' }, 'nobody else'],
    ['a token of another host', { resourceId: `api://other.example/${APP}` }, 'nobody else'],
    [
      'a token of a host that ends alike',
      { resourceId: `api://evil-desk.contoso.example/${APP}` },
      'nobody else',
    ],
    ['a token of no host', { resourceId: `api://${APP}` }, 'nobody else'],
    [
      'a token of more than an application',
      { resourceId: `api://desk.contoso.example/${APP}/x` },
      'nobody else',
    ],
  ])('%s', (_name, more, why) => {
    const { error } = TicketCheck.safeParse({ targetUrl: URL, ...more })
    if (why === null) return void expect(error).toBeUndefined()
    expect(error?.issues.map(({ message }) => message).join()).toContain(why)
  })

  test('is for those who activate alone', () => {
    for (const other of ['Enablement_Admin_Eligibility', 'Enablement_Admin_Assignment'] as const)
      expect(rulesFaults(rulesWith(EnablementRule.parse({ ...withCheck(), id: other })))).toMatchObject([
        { code: 'InvalidPolicy', target: `${other}.ticketCheck` },
      ])
    expect(rulesFaults(rulesWith(withCheck()))).toEqual([])
  })

  const plain = enablement('Justification')
  const approves = withCheck({ mayAutoApprove: true })
  test.each<[string, Rule, Rule, boolean]>([
    ['none any more', withCheck(), plain, true],
    ['another desk', withCheck(), withCheck({ targetUrl: `${URL}/2` }), true],
    [
      'another application',
      withCheck(),
      withCheck({ resourceId: `api://desk.contoso.example/${APP}` }),
      true,
    ],
    ['one that may approve', withCheck(), approves, true],
    ['one that may approve, from none', plain, approves, true],
    ['one that may not approve any more', approves, withCheck(), false],
    ['one from none', plain, withCheck(), false],
    ['other patience', withCheck(), withCheck({ maximumRetries: 3, timeoutInMilliseconds: 200 }), false],
  ])('is looser or not: %s', (_name, before, after, isLooser) => {
    expect(looserRules(rulesWith(before), rulesWith(after))).toEqual(isLooser ? [id] : [])
  })

  test('is told when it changes, and so is that it may approve', () => {
    const approval = approvalRule()
    const [none, some] = [demands(approval), demands(approval, approves)]
    expect(differences(none, some)).toEqual([
      { what: 'ticketCheck', effect: 'harder', from: 'none', to: URL },
      { what: 'automaticApproval', effect: 'easier', from: 'none', to: 'Ticket check' },
    ])
    expect(differences(some, none).map(({ effect }) => effect)).toEqual(['easier', 'harder'])
  })
})

describe('of two settings', () => {
  const kinds = [
    enablement(),
    withCheck(),
    withCheck({ maximumRetries: 3, timeoutInMilliseconds: 500 }),
    withCheck({ mayAutoApprove: true }),
    withCheck({ targetUrl: 'https://other.example/' }),
    withCheck({ resourceId: `api://desk.contoso.example/${APP}` }),
  ].map((rule) => demands(rule, approvalRule()))
  const some = fc.constantFrom(...kinds)

  test('every desk is asked, each once, whichever comes first', () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const both = stricter(a, b)
        expect(both).toEqual(stricter(b, a))
        expect(stricter(both, b)).toEqual(both)
        expect(stricter(both, c)).toEqual(stricter(a, stricter(b, c)))
        const keys = (both.ticketDesks ?? []).map(deskKey)
        expect(keys).toEqual(
          [...new Set([...(a.ticketDesks ?? []), ...(b.ticketDesks ?? [])].map(deskKey))].sort(),
        )
      }),
    )
  })

  test('a desk approves only where both let it', () => {
    const said: DeskAnswer[] = [{ desk: URL, outcome: 'AutoApproved', evaluationId: 'e', reason: 'planned' }]
    const facts = { start: new Date(0), end: new Date(1), hasTicket: true, memberOf: [], said }
    const passes = (a: object, b: object) =>
      automaticApproval(
        stricter(demands(withCheck(a), approvalRule()), demands(withCheck(b), approvalRule())).approval
          ?.automatic ?? [],
        facts,
      )
    const may = { mayAutoApprove: true }
    expect(passes(may, may)).toEqual({ description: 'Ticket check: planned' })
    expect([passes(may, {}), passes({}, may), passes({}, {})]).toEqual([null, null, null])
    expect(passes(may, { ...may, targetUrl: 'https://other.example/' })).toBeNull()
  })

  test('that it was asked is not that it approved', () => {
    const lists = demands(withCheck({ mayAutoApprove: true }), approvalRule()).approval?.automatic ?? []
    const facts = { start: new Date(0), end: new Date(1), hasTicket: true, memberOf: [] }
    for (const said of [
      undefined,
      [],
      [{ desk: URL, outcome: 'unheard' as const }],
      [{ desk: URL, outcome: 'Approved' as const, evaluationId: 'e', reason: '' }],
      [{ desk: 'https://other.example/', outcome: 'AutoApproved' as const, evaluationId: 'e', reason: '' }],
    ])
      expect(automaticApproval(lists, { ...facts, ...(said && { said }) })).toBeNull()
  })
})

describe('an answer', () => {
  const good = { evaluationId: 'e-1', evaluationOutcome: 'Denied', reason: ['Closed.', 'Ask again.'] }
  test.each<[string, unknown, object | undefined]>([
    ['as it should be', good, { evaluationId: 'e-1', outcome: 'Denied', reason: 'Closed. Ask again.' }],
    [
      'without a reason',
      { ...good, reason: undefined },
      { evaluationId: 'e-1', outcome: 'Denied', reason: '' },
    ],
    ['with no reason', { ...good, reason: null }, { reason: '' }],
    ['with another field', { ...good, '@odata.type': '#x' }, { evaluationId: 'e-1' }],
    ['nothing', undefined, undefined],
    ['null', null, undefined],
    ['a list', [good], undefined],
    ['only a word', 'Approved', undefined],
    ['in other letters', { ...good, evaluationOutcome: 'approved' }, undefined],
    ['another outcome', { ...good, evaluationOutcome: 'Pending' }, undefined],
    ['true', { ...good, evaluationOutcome: true }, undefined],
    ['no outcome', { evaluationId: 'e-1' }, undefined],
    ['no id', { evaluationOutcome: 'Approved' }, undefined],
    ['an empty id', { ...good, evaluationId: ' ' }, undefined],
    ['an id that nobody sees', { ...good, evaluationId: '\u200b\u202e' }, undefined],
    ['a number as its id', { ...good, evaluationId: 7 }, undefined],
    ['an endless id', { ...good, evaluationId: 'e'.repeat(201) }, undefined],
    ['a reason that is no list', { ...good, reason: 'Closed.' }, undefined],
    ['reasons that are no text', { ...good, reason: [{}] }, undefined],
  ])('%s', (_name, answer, expected) => {
    if (!expected) return void expect(evaluationIn(answer)).toBeUndefined()
    expect(evaluationIn(answer)).toMatchObject(expected)
  })

  test('whatever its reasons are, it is one short line without anything that turns or hides letters', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 2000 }),
      fc.constantFrom(
        '\u0000',
        'a\r\nSet-Cookie: a=b',
        '\u202egnp.exe',
        '\ud800',
        '👩‍💻'.repeat(400),
        '\u2028x',
      ),
    )
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 9 }), hostile, (reason, evaluationId) => {
        const read = evaluationIn({ ...good, reason, evaluationId: `e${evaluationId}`.slice(0, 200) })
        for (const [words, most] of [
          [read?.reason ?? '', 300],
          [read?.evaluationId ?? 'none', 100],
        ] as const) {
          expect([...words].length).toBeLessThanOrEqual(most)
          expect(words).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        }
      }),
    )
    expect(evaluationIn({ ...good, reason: ['a\r\nb', '\u202egnp.exe', ' '] })?.reason).toBe('a b gnp.exe')
    expect(evaluationIn({ ...good, reason: ['x'.repeat(500)] })?.reason).toBe(`${'x'.repeat(199)}…`)
  })
})

describe('what a desk says', () => {
  const ask = (ticketNumber: string | null, ticketSystem: string | null = 'Desk'): Ask => ({
    role: { provider: 'directory', roleDefinitionId: APP, scope: '/' },
    justification: 'because',
    ticketInfo: { ticketNumber, ticketSystem },
    scheduleInfo: { startDateTime: null, expiration: { type: 'afterDuration', duration: 'PT1H' } },
  })
  const rule = { ...withCheck(), ticketPattern: 'CHG\\d+' } as Rule
  test.each<[string, Ask, Rule, number]>([
    ['a ticket that looks like one', ask(' CHG1 '), rule, 1],
    ['one that does not', ask('INC1'), rule, 0],
    ['none', ask(null), rule, 0],
    ['blanks', ask(' '), rule, 0],
    [
      'one without its system, where both are asked for',
      ask('CHG1', null),
      { ...rule, enabledRules: ['Ticketing'] } as Rule,
      0,
    ],
    ['one without its system', ask('CHG1', null), rule, 1],
    ['one where nobody checks', ask('CHG1'), enablement('Ticketing'), 0],
  ])('is asked about %s', (_name, asked, settings, count) => {
    expect(desksToAsk(asked, { demands: demands(settings) })).toHaveLength(count)
  })

  const role = ask('').role
  const circumstances = (said: DeskAnswer[] | undefined, more: Partial<Circumstances> = {}): Circumstances =>
    ({
      now: new Date('2030-01-01T09:00:00Z'),
      requester: { id: APP, displayName: 'Ada', mail: null, accountEnabled: true },
      definition: { isEnabled: true },
      eligibilities: [{ ...role, id: 'elig-1', startDateTime: '2029-01-01T00:00:00Z', endDateTime: null }],
      demands: demands(rule),
      proof: { mfa: true, contexts: [] },
      mfaContext: null,
      approvers: null,
      ...(said && { said }),
      ...more,
    }) as unknown as Circumstances
  const messages = (c: Circumstances) =>
    activationDenials(ask('CHG1'), c).map(({ rule, message }) => `${rule}: ${message}`)
  const answer = (outcome: 'Approved' | 'AutoApproved' | 'Denied', reason = ''): DeskAnswer[] => [
    { desk: URL, outcome, evaluationId: 'e', reason },
  ]
  const unchecked =
    'TicketingRule: The ticket could not be checked, and nothing is given without: try again later.'
  test.each<[string, DeskAnswer[] | undefined, string[]]>([
    ['yes', answer('Approved'), []],
    ['yes, and at once', answer('AutoApproved'), []],
    ['no', answer('Denied', 'It is closed.'), ['TicketingRule: The ticket was refused: It is closed.']],
    ['no, and not why', answer('Denied'), ['TicketingRule: The ticket was refused.']],
    ['nothing', [{ desk: URL, outcome: 'unheard' }], [unchecked]],
    [
      'yes, but another desk',
      [{ ...answer('Approved')[0], desk: 'https://other.example/' } as DeskAnswer],
      [unchecked],
    ],
    ['was never asked', [], [unchecked]],
    ['is forgotten', undefined, [unchecked]],
  ])('%s', (_name, said, expected) => {
    expect(messages(circumstances(said))).toEqual(expected)
  })

  test('is not missed where something else refuses it: then nobody was asked', () => {
    const c = circumstances([], { requester: undefined })
    expect(messages(c)).toEqual(['RequesterRule: The requester is not in the directory.'])
  })
})
