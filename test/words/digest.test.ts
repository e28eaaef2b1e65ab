import { describe, expect, test } from 'vitest'
import { type Digest, digestOf, type Line } from '../../src/domain/digest.ts'
import type { Tally } from '../../src/domain/tally.ts'
import { digestLetter, digestPage, unsubscribePage } from '../../src/words/digest-letter.ts'
import { ada } from '../fakes/people.ts'
import { HOSTILE } from './hostile.ts'

const ABOUT = {
  tenantName: 'Contoso',
  timeZone: 'Europe/Berlin',
  page: 'https://interim.example/api/digest',
  unsubscribe: 'https://interim.example/api/digest/unsubscribe/abc.def',
}
const WEEK = {
  week: '2026-W47',
  from: '2026-11-15T23:00:00.000Z',
  to: '2026-11-22T23:00:00.000Z',
  asOf: '2026-11-23T07:07:00.000Z',
}
const at = '2026-11-20T09:00:00.000Z'
const line = (more: Partial<Line> = {}): Line => ({
  id: 'req-1',
  kind: 'activation',
  title: 'Exchange Administrator',
  scopeName: 'the whole directory',
  who: { id: ada.id, displayName: 'Ada Lovelace' },
  at,
  ...more,
})
const tally = (words: string): Tally => ({
  directory: {
    counts: { activated: 12, permanent: 3, inside: 4, outside: 1, breakGlass: 1 },
    latest: {
      permanent: [
        { id: 'req-2', at, provider: 'directory', title: words, who: { id: ada.id, displayName: words } },
      ],
      outside: [],
      breakGlass: [],
    },
    roles: [{ role: 'r', title: words, activated: 12, inside: 1 }],
  },
})
const of = (words = 'Exchange Administrator'): Digest =>
  digestOf(WEEK, tally(words), {
    directory: {
      pending: { items: [line({ title: words }), line({ kind: 'moreTime' })], hasMore: true },
      overdue: { items: [], hasMore: false },
    },
    azure: { expiringSoon: { items: [line({ kind: 'eligibility', scopeName: words })], hasMore: false } },
    group: { alerts: { items: [], hasMore: false } },
  })

describe('the digest', () => {
  test('reads well as plain text, what waits first; what is empty is not there', () => {
    expect(digestLetter(of(), ABOUT).text.split('\n')).toEqual([
      'Your weekly digest for Contoso',
      'Monday, 16 Nov 2026 to Sunday, 22 Nov 2026 (Europe/Berlin)',
      '',
      'Microsoft Entra roles',
      '=====================',
      '',
      'Waiting for a decision',
      '- Ada Lovelace, Exchange Administrator: the whole directory, since 20 Nov 2026, 09:00 UTC',
      '- Ada Lovelace, Exchange Administrator: the whole directory, more time to be eligible, since 20 Nov 2026, 09:00 UTC',
      '  and more',
      '',
      'This week',
      '- Users activated: 12',
      '- Users made permanent: 3',
      '- Role assignments in PIM: 4',
      '- Role assignments outside of PIM: 1',
      '',
      'Users made permanent',
      '- Exchange Administrator, Exchange Administrator: 20 Nov 2026, 09:00 UTC',
      '  and 2 more',
      '',
      'Overview of your top roles',
      '- Exchange Administrator: 12 times activated, once assigned',
      '',
      'Azure roles',
      '===========',
      '',
      'Expiring within 14 days',
      '- Ada Lovelace, Exchange Administrator: Exchange Administrator, eligible until 20 Nov 2026, 09:00 UTC',
      '',
      'This week so far:',
      'https://interim.example/api/digest',
      '',
      '-- ',
      'Interim, privileged access for now. No tracking in this mail.',
      'You get this because you hold Global Administrator, Privileged Role Administrator or Security Administrator.',
      'No more of these:',
      'https://interim.example/api/digest/unsubscribe/abc.def',
      '',
    ])
  })

  test('says the same as a mail and as a page', () => {
    const mail = digestLetter(of(), ABOUT)
    const page = digestPage(of(), ABOUT, [
      { label: 'The week before', address: '/api/digest?week=2026-W46' },
    ])('n').html
    for (const words of [
      'Waiting for a decision',
      'Users made permanent',
      'and 2 more',
      'Azure roles',
      'eligible until',
    ]) {
      expect(mail.html).toContain(words)
      expect(page).toContain(words)
    }
    for (const absent of ['Groups', 'Overdue', 'Alerts']) {
      expect(mail.html + mail.text).not.toContain(absent)
      expect(page).not.toContain(absent)
    }
    expect(mail.html).toContain(ABOUT.unsubscribe)
    expect(page).not.toContain('unsubscribe')
    expect(page).toContain('/api/digest?week=2026-W46')
    expect(mail.subject).toBe('PIM: Your weekly digest for Contoso')
    expect(digestLetter(of(), { ...ABOUT, tenantName: null }).subject).toBe('PIM: Your weekly digest')
  })

  test.each(HOSTILE)('has nothing in it that is no text of ours: %s', (_name, text) => {
    const mail = digestLetter(of(text), { ...ABOUT, tenantName: text })
    const page = digestPage(of(text), { ...ABOUT, tenantName: text }, [])('n').html
    const tags = (html: string) => html.match(/<[^>]*>/g)?.map((tag) => tag.replace(/"[^"]*"/g, '""'))
    const plain = digestLetter(of('x'), { ...ABOUT, tenantName: 'x' })
    expect(tags(mail.html)).toEqual(tags(plain.html))
    expect(tags(page)).toEqual(tags(digestPage(of('x'), { ...ABOUT, tenantName: 'x' }, [])('n').html))
    expect(mail.text.split('\n')).toHaveLength(plain.text.split('\n').length)
    expect(mail.subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
    expect(mail.subject.length).toBeLessThanOrEqual(200)
  })

  test.each(['\u202Eyad\u202C', 'Con\u200Btoso'])('shows nothing that is not there: %j', (text) => {
    const about = { ...ABOUT, tenantName: text }
    const mail = digestLetter(of(text), about)
    const shown = mail.subject + mail.text + mail.html + digestPage(of(text), about, [])('n').html
    expect(shown).not.toMatch(/[\u202A-\u202E\u200B]/u)
  })

  test('looks as all mails do, in the dark too', () => {
    const { html } = digestLetter(of(), ABOUT)
    for (const part of ['class="card bar-news"', 'prefers-color-scheme:dark', 'max-width:600px'])
      expect(html).toContain(part)
    expect(html).not.toContain('nowrap')
  })

  test('opening the link in it ends nothing: that takes a button', () => {
    const { html } = unsubscribePage('/api/digest/unsubscribe/abc.def')('n')
    expect(html).toContain('<form method="post" action="/api/digest/unsubscribe/abc.def">')
  })
})
