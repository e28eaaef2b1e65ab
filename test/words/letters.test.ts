import { describe, expect, test } from 'vitest'
import { allMails, ELIGIBILITY_KINDS } from '../../local/mails/all.ts'
import { decidedChange, eligibilitySample, incidentSample, PLACES } from '../../local/mails/samples.ts'
import type { NoticeKind } from '../../src/domain/notice.ts'
import type { Request } from '../../src/domain/request.ts'
import { bundleLetter } from '../../src/words/bundle-letter.ts'
import { eligibilityLetter } from '../../src/words/eligibility-letters.ts'
import { incidentLetter } from '../../src/words/incident-letters.ts'
import { letter, when } from '../../src/words/letters.ts'
import { approvalPage, decidedPage, errorPage } from '../../src/words/pages.ts'
import { settingsLetter } from '../../src/words/settings-letters.ts'
import { beingTaken, granted, held, pending } from '../domain/requests.ts'
import { grace } from '../fakes/people.ts'
import { HOSTILE } from './hostile.ts'

const KINDS: NoticeKind[] = [
  'keptAsLast',
  'endsIn14Days',
  'endsIn1Day',
  'moved',
  'approvalRequested',
  'approvalReminder',
  'decided',
  'canceled',
  'timedOut',
  'activated',
  'ended',
  'failed',
  'removalFailing',
]
const ADDRESS = 'https://interim.example/api/approve/abc.def?x=1&y=2'

/** A request with the same words wherever somebody may put words of their own. */
const saying = (words: string): Request => ({
  ...held,
  roleName: words,
  principal: { id: held.principal.id, displayName: words },
  justification: words,
  ticketInfo: { ticketNumber: words, ticketSystem: words },
  failure: { code: 'X', message: words },
  ending: { ...(beingTaken.ending as NonNullable<Request['ending']>), lastError: words },
  approval: {
    ...(pending.approval as NonNullable<Request['approval']>),
    decision: {
      reviewResult: 'Denied',
      reviewedBy: { id: grace.id, displayName: words },
      reviewedDateTime: '',
      justification: words,
      via: 'api',
    },
  },
})

/** The tags of a page, and nothing that was written into it as text. */
const tags = (html: string) => html.match(/<[^>]*>/g) ?? []

describe.each(HOSTILE)('%s', (_name, words) => {
  test.each(KINDS)('stays text in a mail that says: %s', (kind) => {
    for (const reader of ['approver', 'requester', 'administrator'] as const) {
      const harmless = letter(kind, saying('plain'), reader, ADDRESS)
      const mail = letter(kind, saying(words), reader, ADDRESS)
      expect(tags(mail.html)).toEqual(tags(harmless.html))
      expect(mail.subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
      expect(mail.subject.length).toBeLessThanOrEqual(200)
      expect(mail.subject).not.toMatch(/[\uD800-\uDBFF]$/)
      expect(mail.text.split('\n').length).toBe(harmless.text.split('\n').length)
      expect(mail.text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
    }
  })

  test('stays text in a mail that tells several', () => {
    const several = (said: string) =>
      bundleLetter(
        Array.from({ length: 30 }, (_, n) => ({
          key: `${n}`,
          ...letter(n % 2 ? 'activated' : 'decided', saying(said), 'administrator', null).content,
        })),
      )
    const [harmless, mail] = [several('plain'), several(words)]
    expect(tags(mail.html)).toEqual(tags(harmless.html))
    expect(mail.subject).toBe(harmless.subject)
    expect(mail.text.split('\n').length).toBe(harmless.text.split('\n').length)
    expect(mail.text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
  })

  test('stays text in a mail of an eligibility, an incident, a change of settings', () => {
    const mails = (said: string) => {
      const place = { ...PLACES[0], roleName: said, scopeName: said } as (typeof PLACES)[number]
      const eligibility = { ...eligibilitySample(place), principalName: said, justification: said }
      const person = { id: grace.id, displayName: said }
      const change = { ...decidedChange(place), requestedBy: person, decidedBy: person, justification: said }
      return [
        ...ELIGIBILITY_KINDS.map((kind) => eligibilityLetter(kind, eligibility, false)),
        incidentLetter('foundOutside', { ...incidentSample(place), principal: person }, 1),
        incidentLetter('foundAtFirstLook', incidentSample(place), 2),
        settingsLetter('settingsChangeAsked', change),
        settingsLetter('settingsChangeDecided', change),
      ]
    }
    const [hostile, harmless] = [mails(words), mails('plain')]
    expect(hostile.map(({ html }) => tags(html))).toEqual(harmless.map(({ html }) => tags(html)))
    for (const [index, { subject, text }] of hostile.entries()) {
      expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
      expect(text.split('\n').length).toBe(harmless[index]?.text.split('\n').length)
    }
  })

  test('stays text on the pages', () => {
    const pages = (request: Request, problem: string) => [
      approvalPage(
        request,
        { can: 'decide', action: '/api/approve/x', formToken: 'x', as: problem, reason: 'required' },
        problem,
      ),
      approvalPage(request, { can: 'signIn', address: '/api/sign-in', instead: problem }, problem),
      decidedPage(request, problem),
      errorPage({ message: problem }),
    ]
    const shown = pages(saying(words), words).map((page) => page('nonce').html)
    const harmless = pages(saying('plain'), 'plain').map((page) => page('nonce').html)
    expect(shown.map(tags)).toEqual(harmless.map(tags))
    expect(shown.join()).not.toContain('<script')
  })
})

test('a mail says who, what, where, why and for how long, in text and in HTML alike', () => {
  const { subject, text, html } = letter('approvalRequested', pending, 'approver', ADDRESS)
  expect(subject).toBe("PIM: Review Ada Lovelace's request to activate the Exchange Administrator role")
  for (const fact of [
    'Exchange Administrator',
    'the whole directory',
    'Ada Lovelace',
    'INC-42',
    '1 h from the approval',
    'the approval',
  ])
    expect([text, html].every((each) => each.includes(fact))).toBe(true)
  expect(text).toContain(ADDRESS)
  expect(html).toContain('href="https://interim.example/api/approve/abc.def?x=1&amp;y=2"')
})

test('whoever is asked next reads who has approved so far, and in whose place', () => {
  const vote = {
    reviewedBy: { id: '2', displayName: 'Linus Torvalds' },
    onBehalfOf: { id: '3', displayName: 'Grace Hopper' },
    reviewedDateTime: '2030-01-01T10:00:00.000Z',
    justification: null,
    via: 'api' as const,
    stages: [0],
    once: true,
  }
  const asked = { ...pending, approval: pending.approval && { ...pending.approval, votes: [vote] } }
  const { text } = letter('approvalRequested', asked, 'approver', ADDRESS)
  expect(text).toContain('Approved so far by: Linus Torvalds (for Grace Hopper)')
})

test.each(KINDS.filter((kind) => !kind.startsWith('approval')))(
  'there is no button in a mail that says: %s',
  (kind) => {
    expect(letter(kind, granted, 'approver', ADDRESS).html).not.toContain('<a ')
  },
)

test('a page without a decision to take has no form', () => {
  expect(decidedPage(granted, 'Thank you.')('n').html).not.toContain('<form')
  expect(approvalPage(pending, { can: 'look', because: 'no' })('n').html).not.toContain('<form')
})

test('a page brings no script, and its style only under the nonce', () => {
  const { html } = approvalPage(pending, {
    can: 'decide',
    action: '/a',
    formToken: 't',
    as: null,
    reason: 'optional',
  })('abc')
  expect(html).not.toMatch(/<script|\son\w+=|\sstyle=/i)
  expect(html.match(/<style[^>]*>/g)).toEqual(['<style nonce="abc">'])
})

test.each([
  ['2030-01-01T09:05:00.000Z', '1 Jan 2030, 09:05 UTC'],
  ['2030-12-31T23:59:59.999Z', '31 Dec 2030, 23:59 UTC'],
  [null, 'unknown'],
])('%s is %s', (instant, words) => expect(when(instant)).toBe(words))

describe('the look of all mails', () => {
  test.each(allMails())('$name', ({ letter: { subject, text, html } }) => {
    expect(subject).toMatch(/^PIM: \S/)
    // Nothing from elsewhere, nothing that is fetched, run, or tells that it was read.
    expect(html).not.toMatch(
      /<(img|script|link|iframe|object|embed|form|video|audio|svg|base)\b|@import|url\(/i,
    )
    const addresses = html.match(/\bhttps?:[^"'\s<]+/g) ?? []
    expect(addresses.length).toBe(html.match(/<a /g)?.length ?? 0)
    for (const each of addresses) expect(each).toMatch(/^https:\/\/interim\.example\/api\/(approve|digest)\b/)
    expect(html.match(/class="press"/g)?.length ?? 0).toBeLessThanOrEqual(1) // one button
    expect(html).toContain('<meta name="color-scheme" content="light dark">')
    expect(html).toContain('@media (prefers-color-scheme:dark)')
    expect(html).toContain('max-width:600px')
    expect(new TextEncoder().encode(html).length).toBeLessThan(30_000) // Gmail cuts what is longer than 102 KB
    for (const part of text.split('\n\n')) {
      const labels = [...part.matchAll(/^(\w[\w ]*): /gm)].map(([, label]) => label)
      expect(labels.filter((label) => FIRST.includes(label as string))).toEqual(
        FIRST.filter((label) => labels.includes(label)),
      )
    }
    for (const [, value = ''] of text.matchAll(/^(?:Role|Scope|Group|Who|Why|Until): (.*)$/gm))
      expect(html).toContain(value.replaceAll("'", '&#39;')) // the same is in both forms
  })

  const FIRST = ['Role', 'Scope', 'Group', 'Who', 'Why', 'Until']

  test('a name without an end pushes nothing off the screen', () => {
    const { html, text } = letter('approvalRequested', saying('x'.repeat(1000)), 'approver', ADDRESS)
    expect(/<h1[^>]*>(.*?)<\/h1>/.exec(html)?.[1]?.length).toBeLessThan(250)
    expect(text).toContain(`Who: ${'x'.repeat(1000)}`)
  })

  test('what turns writing around is left out, so that no name reads as another', () => {
    const { html, text, subject } = letter('activated', saying('Ada\u202Egnp.\u2066x'), 'approver', null)
    for (const each of [html, text, subject]) expect(each).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/)
  })
})

describe('of a group, it is the membership or the ownership that is spoken of', () => {
  const group = { provider: 'group' as const, scopeName: 'Tier Zero Operators', scope: '/groups/x' }
  const member = { ...group, roleDefinitionId: 'member', roleName: 'Member' }
  const owner = { ...group, roleDefinitionId: 'owner', roleName: 'Owner' }
  const subject = (kind: NoticeKind, request: Request, reader: 'requester' | 'approver' | 'administrator') =>
    letter(kind, request, reader, ADDRESS).subject

  test('in the subject', () => {
    expect(subject('approvalRequested', { ...pending, ...member }, 'approver')).toBe(
      "PIM: Review Ada Lovelace's request to activate membership of Tier Zero Operators",
    )
    expect(subject('activated', { ...held, ...owner }, 'requester')).toMatch(
      /^PIM: Your ownership of Tier Zero Operators is active until /,
    )
    expect(subject('ended', { ...held, ...member }, 'requester')).toBe(
      'PIM: Your membership of Tier Zero Operators has ended',
    )
    expect(subject('removalFailing', { ...beingTaken, ...owner }, 'administrator')).toBe(
      "PIM: Ada Lovelace's ownership of Tier Zero Operators could not be removed yet",
    )
  })

  test('in what is said, where nothing speaks of a role', () => {
    for (const kind of KINDS)
      for (const request of [pending, held, beingTaken]) {
        const { text, html } = letter(kind, { ...request, ...member }, 'approver', ADDRESS)
        expect(text).toContain('Role: Member of Tier Zero Operators')
        expect(text).toContain('Group: Tier Zero Operators')
        expect(text.replace('Role: ', '')).not.toMatch(/\brole\b/i)
        expect(html).toContain('Member of Tier Zero Operators')
      }
  })

  test('on the page', () => {
    const page = approvalPage({ ...pending, ...member }, { can: 'look', because: 'Over.' })('nonce').html
    expect(page).toContain('<title>Ada Lovelace asks for membership of Tier Zero Operators')
    expect(page).toContain('<h1>Ada Lovelace asks to activate membership of Tier Zero Operators</h1>')
  })
})
