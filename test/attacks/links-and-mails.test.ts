import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { daily, isThorough } from '../support/daily.ts'
import { type Heard, indecency, people, roles, useGround } from './ground.ts'
import { chosen, foreignMarkup, formTokenIn, Visitor } from './visitor.ts'

let visits = 0
const ground = useGround(
  ({ tried }) => `links and mails: tried ${tried} visits, ${visits} of them by scanners`,
)

/** Decided by the link itself: not privileged, and asked for so. */
const BY_LINK = roles.reportsReader.id
/** Decided after sign-in only. */
const BY_SESSION = roles.userAdministrator.id
const TIMED = roles.messageCenterReader.id
const DECISION = { reviewResult: 'Approve', justification: 'Known change.' }

beforeAll(async () => {
  const { it } = ground
  for (const role of [BY_LINK, BY_SESSION, TIMED]) {
    await it.makeEligible(people.ada.id, role)
    await it.makeEligible(people.mallory.id, role)
    await it.demandApproval(role, {
      isDecisionByLinkAllowed: null,
      ...(role === TIMED && { approvalStageTimeOutInMinutes: 60 }),
    })
  }
})

/** A fresh request by Ada with the links that were mailed; what waited before is withdrawn. */
async function asked(
  role: string,
  who = 'ada',
): Promise<{ id: string; link: (to: string) => Promise<string> }> {
  const { it } = ground
  const mine = await it.as(who, 'GET', '/api/me/roles')
  for (const each of [...mine.body.pending, ...mine.body.active])
    if (each.roleDefinitionId === role) {
      if (each.status === 'PendingApproval') await it.as(who, 'POST', `/api/requests/${each.id}/cancel`)
      else await it.host.advance('PT1H1M')
    }
  await it.host.idle()
  const heard = await it.asks(who, role)
  expect(heard.status, heard.text).toBe(201)
  return { id: heard.body.id, link: (to) => it.link(to) }
}

/** Of so many places in a text every day a third. */
const everyPlace = (count: number) =>
  daily(
    Array.from({ length: count }, (_, n) => n),
    3,
  )

const visitor = () => new Visitor(ground.it)

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE', 'PUT', 'DELETE', 'PATCH']
const APPENDED = [
  '',
  '/',
  '?utm_source=mail',
  '?reviewResult=Approve&justification=x',
  '?_method=POST&reviewResult=Approve&justification=x',
  '#Approve',
]
const HEADERS = [[], ['X-HTTP-Method-Override', 'POST'], ['Purpose', 'prefetch'], ['User-Agent', 'SafeLinks']]
const WAYS = METHODS.flatMap((method) =>
  APPENDED.flatMap((more) => HEADERS.map((headers) => ({ method, more, headers }))),
)

describe('scanners', () => {
  test.each([
    ['that decides by itself', BY_LINK],
    ['that asks to sign in', BY_SESSION],
  ])('opening a link %s, in every way that scanners know, changes nothing', async (_, role) => {
    const { it } = ground
    const { id, link } = await asked(role)
    const path = await link('grace')
    await it.host.advance('PT10M')
    const before = await it.stored()
    const mails = (await it.tenant.mails()).length
    const first = it.tried
    for (const { method, more, headers } of daily(WAYS, role === BY_LINK ? 5 : 7)) {
      const heard = await visitor().get(`${path}${more.replace('#', '%23')}`, headers, method)
      expect([method, more, heard.status]).toEqual([method, more, heard.status === 200 ? 200 : 404])
    }
    const page = await visitor().get(path)
    for (const [, address = ''] of page.text.matchAll(/(?:href|action)="([^"]+)"/g))
      await visitor().get(address.replaceAll('&amp;', '&'))
    visits += it.tried - first
    expect(await it.statusOf(id)).toBe('PendingApproval')
    expect(await it.stored()).toEqual(before)
    expect((await it.tenant.mails()).length).toBe(mails)
  })

  test('pressing every button, as a machine does, decides nothing', async () => {
    const { it } = ground
    for (const role of [BY_LINK, BY_SESSION]) {
      const { id, link } = await asked(role)
      const path = await link('grace')
      await it.host.advance('PT10M')
      const before = await it.stored()
      const formToken = formTokenIn(await visitor().get(path))
      expect(formToken !== '').toBe(role === BY_LINK)
      const type = ['Content-Type', 'application/x-www-form-urlencoded']
      const tries: [string, Record<string, string>, string[]?][] = [
        ['blank', { formToken, reviewResult: 'Approve', justification: '' }],
        ['spaces', { formToken, reviewResult: 'Approve', justification: ' \t\n' }],
        ['no reason field', { formToken, reviewResult: 'Deny' }],
        ['no form token', DECISION],
        ['an empty form token', { ...DECISION, formToken: '' }],
        ['its own link for a form token', { ...DECISION, formToken: path.split('/').at(-1) ?? '' }],
        ['no button', { formToken, justification: 'x' }],
        ['another button', { formToken, justification: 'x', reviewResult: 'Approved' }],
        ['too long', { ...DECISION, formToken, justification: 'x'.repeat(1001) }],
        ['control characters', { ...DECISION, formToken, justification: 'a\u0000b' }],
        ['evil origin', { ...DECISION, formToken }, [...type, 'Origin', 'https://evil.example']],
        [
          'a suffix for an origin',
          { ...DECISION, formToken },
          [...type, 'Origin', `${it.host.url}.evil.example`],
        ],
        ['https', { ...DECISION, formToken }, [...type, 'Origin', it.host.url.replace('http:', 'https:')]],
        ['cross-site', { ...DECISION, formToken }, [...type, 'Sec-Fetch-Site', 'cross-site']],
        ['same-site', { ...DECISION, formToken }, [...type, 'Sec-Fetch-Site', 'same-site']],
        [
          'null and cross-site',
          { ...DECISION, formToken },
          [...type, 'Origin', 'null', 'Sec-Fetch-Site', 'cross-site'],
        ],
        [
          'doubled',
          { ...DECISION, formToken },
          [...type, 'Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Site', 'cross-site'],
        ],
        ['as text', { ...DECISION, formToken }, ['Content-Type', 'text/plain']],
        ['as multipart', { ...DECISION, formToken }, ['Content-Type', 'multipart/form-data; boundary=x']],
        ['without a type', { ...DECISION, formToken }, []],
      ]
      for (const [what, fields, headers] of daily(tries, role === BY_LINK ? 1 : 3)) {
        const heard = await visitor().post(path, fields, headers)
        visits++
        expect([what, heard.status, indecency(heard)]).toEqual([what, expect.any(Number), null])
      }
      expect(await it.statusOf(id)).toBe('PendingApproval')
      expect(await it.stored()).toEqual(before)
    }
  })
})

describe('links that are not the right one', () => {
  test('cut, changed, forged or made for another purpose: all the same 404', async () => {
    const { it } = ground
    const { id, link } = await asked(BY_LINK)
    const path = await link('grace')
    const token = path.split('/').at(-1) as string
    const [body = '', signature = ''] = token.split('.')
    const formToken = formTokenIn(await visitor().get(path))
    const page = await it.as('dorothy', 'GET', '/api/audit?top=1')
    const pageToken = new URL(page.body.nextLink).searchParams.get('pageToken') as string
    const other = await asked(TIMED)
    const otherToken = (await other.link('linus')).split('/').at(-1) as string
    const forBody = (claim: unknown) => Buffer.from(JSON.stringify(claim)).toString('base64url')
    const key = createHmac('sha256', 'a-local-key-that-signs-links-and-is-nobodys-secret')
    const bad = [
      formToken,
      pageToken,
      body,
      `${body}.`,
      `.${signature}`,
      `${otherToken.split('.')[0]}.${signature}`,
      `${body}.${otherToken.split('.')[1]}`,
      `${forBody([id, people.mallory.id])}.${signature}`,
      `${forBody([id, people.mallory.id])}.${key.update(forBody([id, people.mallory.id])).digest('base64url')}`,
      `${forBody([id])}.${signature}`,
      `${forBody({ requestId: id })}.${signature}`,
      'eyJhbGciOiJub25lIn0.e30.',
      token.toUpperCase(),
      `${token}=`,
      `${token}.`,
      `${token}%00`,
      `%20${token}`,
      `${token}A`,
      'x'.repeat(1999),
      ...everyPlace(20).map((n) => token.slice(0, Math.floor((token.length * (n + 1)) / 21))),
      ...everyPlace(40).map((n) => {
        const at = Math.floor((token.length * n) / 40)
        return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
      }),
    ]
    const answers = new Set<string>()
    for (const each of bad) {
      for (const heard of [
        await visitor().get(`/api/approve/${each}`),
        await visitor().post(`/api/approve/${each}`, { ...DECISION, formToken }),
      ]) {
        expect([each, heard.status]).toEqual([each, 404])
        answers.add(heard.text.replaceAll(/nonce="[^"]+"/g, ''))
      }
    }
    expect(answers.size).toBe(1)
    expect((await visitor().get(`/api/approve/${'x'.repeat(2001)}`)).status).toBe(400)
    expect(await it.statusOf(id)).toBe('PendingApproval')
  })

  test('a link mailed to somebody else does not decide for who is signed in', async () => {
    const { it } = ground
    const { id, link } = await asked(BY_SESSION)
    const [toGrace, toLinus] = [await link('grace'), await link('linus')]
    const linus = visitor()
    expect((await linus.signIn('linus', toLinus)).headers.location).toBe(toLinus)
    const own = formTokenIn(await linus.get(toLinus))
    expect(own).not.toBe('')
    const others = await linus.get(toGrace)
    expect(others.text).toContain('somebody else')
    expect(formTokenIn(others)).toBe('')
    expect((await linus.post(toGrace, { ...DECISION, formToken: own })).status).toBe(403)
    const mallory = visitor()
    await mallory.signIn('mallory', toGrace)
    expect((await mallory.post(toGrace, { ...DECISION, formToken: own })).status).toBe(403)
    expect((await mallory.post(toLinus, { ...DECISION, formToken: own })).status).toBe(403)
    expect(await it.statusOf(id)).toBe('PendingApproval')
  })

  test('the requester who got hold of an approver’s link cannot use it where sign-in decides', async () => {
    const { id, link } = await asked(BY_SESSION)
    const path = await link('grace')
    const ada = visitor()
    await ada.signIn('ada', path)
    expect(formTokenIn(await ada.get(path))).toBe('')
    expect((await ada.post(path, { ...DECISION, formToken: 'x.y' })).status).toBe(403)
    expect(await ground.it.statusOf(id)).toBe('PendingApproval')
  })

  test('a form token of one request does not decide another', async () => {
    const one = await asked(BY_LINK)
    const formToken = formTokenIn(await visitor().get(await one.link('grace')))
    const two = await asked(TIMED)
    const path = await two.link('grace')
    expect((await visitor().post(path, { ...DECISION, formToken })).status).toBe(403)
    expect(await ground.it.statusOf(two.id)).toBe('PendingApproval')
  })
})

describe('links whose time is over', () => {
  test('of a canceled request: it says so, and the newer request is untouched', async () => {
    const { it } = ground
    const old = await asked(BY_LINK)
    const path = await old.link('grace')
    const formToken = formTokenIn(await visitor().get(path))
    const newer = await asked(BY_LINK) // cancels the old one
    const page = await visitor().get(path)
    expect([page.status, formTokenIn(page)]).toEqual([200, ''])
    expect(page.text).toContain('canceled')
    const heard = await visitor().post(path, { ...DECISION, formToken })
    expect([heard.status, heard.text.includes('canceled')]).toEqual([409, true])
    expect(await it.statusOf(old.id)).toBe('Canceled')
    expect(await it.statusOf(newer.id)).toBe('PendingApproval')
  })

  test('of a request that timed out', async () => {
    const { it } = ground
    const { id, link } = await asked(TIMED)
    const path = await link('grace')
    const formToken = formTokenIn(await visitor().get(path))
    await it.host.advance('PT1H1M')
    expect(await it.statusOf(id)).toBe('TimedOut')
    const page = await visitor().get(path)
    expect([page.status, formTokenIn(page)]).toEqual([200, ''])
    const heard = await visitor().post(path, { ...DECISION, formToken })
    expect([heard.status, heard.text.includes('Nobody decided it in time')]).toEqual([409, true])
    expect(await it.tenant.holds('ada', TIMED)).toBe(false)
  })

  test('replayed after the decision: the same answer again is heard, another is 409, and the end does not move', async () => {
    const { it } = ground
    const { id, link } = await asked(BY_LINK)
    const path = await link('grace')
    const formToken = formTokenIn(await visitor().get(path))
    expect((await visitor().post(path, { ...DECISION, formToken })).status).toBe(200)
    await it.host.idle()
    const end = async () =>
      (await it.must(200, 'ada', 'GET', `/api/requests/${id}`)).scheduleInfo.expiration.endDateTime
    const before = await end()
    await it.host.advance('PT10M')
    const again = await visitor().post(path, { ...DECISION, formToken })
    expect([again.status, again.text.includes('approved by Grace Hopper')]).toEqual([200, true])
    const otherwise = await visitor().post(path, { reviewResult: 'Deny', justification: 'no', formToken })
    expect([otherwise.status, otherwise.text.includes('approved by Grace Hopper')]).toEqual([409, true])
    const late = await it.decides('linus', id, 'Approve')
    expect([late.status, late.body.error.message]).toEqual([409, expect.stringContaining('Grace Hopper')])
    expect(await end()).toBe(before)
    await it.host.advance('PT1H')
    expect(await it.tenant.holds('ada', BY_LINK)).toBe(false)
    expect((await visitor().post(path, { ...DECISION, formToken })).status).toBe(200)
    await it.host.idle()
    expect(await it.tenant.holds('ada', BY_LINK)).toBe(false)
    expect(await it.statusOf(id)).toBe('Expired')
  })

  test('a role made stricter since: the link does not decide without sign-in any more', async () => {
    const { it } = ground
    const { id, link } = await asked(BY_LINK)
    const path = await link('grace')
    const formToken = formTokenIn(await visitor().get(path))
    expect(formToken).not.toBe('')
    await it.demandApproval(BY_LINK, { isDecisionByLinkAllowed: false })
    const heard = await visitor().post(path, { ...DECISION, formToken })
    expect(heard.status).toBe(403)
    const page = await visitor().get(path)
    expect([formTokenIn(page), page.text.includes('Sign in to decide')]).toEqual(['', true])
    expect(await it.statusOf(id)).toBe('PendingApproval')
    await it.demandApproval(BY_LINK, { isDecisionByLinkAllowed: null })
  })
})

test('two, three and ten decisions at once: exactly one wins, and all the others hear who', async () => {
  const { it } = ground
  const outcomes: string[] = []
  const rounds = daily([1, 2], 2)
  for (const round of rounds) {
    const { id, link } = await asked(BY_LINK)
    const links = await Promise.all(['grace', 'linus', 'margaret'].map(link))
    const forms = await Promise.all(links.map(async (path) => formTokenIn(await visitor().get(path))))
    const token = await it.token('margaret')
    const deny = { reviewResult: 'Deny', justification: 'not now' }
    const heard = await Promise.all([
      visitor().post(links[0] as string, { ...DECISION, formToken: forms[0] as string }),
      visitor().post(links[1] as string, { ...deny, formToken: forms[1] as string }),
      it.with(token, 'POST', `/api/approvals/${id}`, round % 2 ? DECISION : deny),
      ...Array.from({ length: 7 }, () =>
        visitor().post(links[1] as string, { ...DECISION, formToken: forms[1] as string }),
      ),
    ])
    const { approval, status } = await it.must(200, 'dorothy', 'GET', `/api/requests/${id}`)
    const winner = approval.reviewedBy.displayName
    for (const [index, each] of heard.entries()) {
      expect([200, 409], each.text).toContain(each.status)
      expect(each.text).toContain(each.body ? winner : `by ${winner}`)
      const who = ['Grace Hopper', 'Linus Pauling', 'Margaret Hamilton'][
        Math.min(index, 1) + (index === 2 ? 1 : 0)
      ]
      if (each.status === 200) expect(who).toBe(winner)
    }
    await it.host.idle()
    const decided = (await it.events(BY_LINK)).filter(({ id: event }) => event === `${id}.decided`)
    expect(decided).toHaveLength(1)
    expect(await it.tenant.holds('ada', BY_LINK)).toBe(approval.reviewResult === 'Approved')
    outcomes.push(status)
  }
  expect(outcomes).toHaveLength(rounds.length)
})

describe('sign-in', () => {
  test('leads back to our own pages only', async () => {
    const good = await (await asked(BY_SESSION)).link('grace')
    for (const returnTo of [
      '',
      '/',
      '//evil.example',
      '//evil.example/api/approve/x',
      'https://evil.example',
      'https:evil.example',
      'javascript:alert(1)',
      '/\\evil.example',
      '\\\\evil.example',
      '/api/approve/',
      '/api/approve/x/../../../evil',
      '/api/approve/x?next=https://evil.example',
      '/api/approve/x#@evil.example',
      '/api/approve/x\r\nLocation: https://evil.example',
      '/api/approve/x\n',
      '/api/approve/%2f%2fevil.example',
      '/api/approve/x@evil.example',
      'x/api/approve/x',
      `http://127.0.0.1${good}`,
      `${good}\u0000`,
      '/api/requests',
    ]) {
      const heard = await visitor().get(`/api/sign-in?returnTo=${encodeURIComponent(returnTo)}`)
      expect([returnTo, heard.status, heard.headers.location]).toEqual([returnTo, 400, undefined])
    }
    expect((await visitor().get('/api/sign-in')).status).toBe(400)
    expect((await visitor().get(`/api/sign-in?returnTo=${good}&returnTo=//evil.example`)).status).toBe(400)
    const begun = await visitor().get(`/api/sign-in?returnTo=${good}&redirect_uri=https://evil.example`)
    const location = new URL(`${begun.headers.location}`)
    expect(location.searchParams.get('redirect_uri')).toBe(`${ground.it.host.url}/api/sign-in/callback`)
    expect(begun.headers['set-cookie']?.[0]).toMatch(/; path=\/api; samesite=lax; httponly$/)
  })

  test('comes back only where it was begun, with its own state, once', async () => {
    const { it } = ground
    const path = await (await asked(BY_SESSION)).link('grace')
    const begin = async () => {
      const browser = visitor()
      const { headers } = await browser.get(`/api/sign-in?returnTo=${encodeURIComponent(path)}`)
      return { browser, location: `${headers.location}` }
    }
    const finish = (browser: Visitor, { pathname, search }: URL) => browser.get(`${pathname}${search}`)
    const one = await begin()
    const callback = await chosen(one.location, 'grace')
    expect((await finish(visitor(), callback)).status).toBe(400) // another browser
    const two = await begin()
    expect((await finish(two.browser, callback)).status).toBe(400) // another sign-in's state
    for (const [name, value, status] of [
      ['state', 'forged', 400],
      ['state', '', 400],
      ['code', 'forged', 403],
      ['iss', 'https://evil.example', 403],
      ['error', 'access_denied', 403],
    ] as const) {
      const changed = new URL(callback)
      changed.searchParams.set(name, value)
      expect([name, (await finish(one.browser, changed)).status]).toEqual([name, status])
    }
    const bare = new URL(callback)
    bare.search = ''
    expect((await finish(one.browser, bare)).status).toBe(400)
    const three = await begin()
    const fresh = await chosen(three.location, 'grace')
    const stolen = { ...three.browser.cookies }
    const done = await finish(three.browser, fresh)
    expect([done.status, done.headers.location]).toEqual([303, path])
    const replayed = visitor()
    replayed.cookies = stolen
    expect((await finish(replayed, fresh)).status).toBe(403) // the code is spent
    expect(replayed.cookies.interim_session).toBeUndefined()
    expect(it.host.output()).not.toContain('Unexpected.')
  })

  test('cookies that were changed, swapped, cut or made up are no session', async () => {
    const { it } = ground
    const { id, link } = await asked(BY_SESSION)
    const path = await link('grace')
    const grace = visitor()
    await grace.signIn('grace', path)
    const real = grace.cookies.interim_session as string
    const formToken = formTokenIn(await grace.get(path))
    expect(formToken).not.toBe('')
    const begun = visitor()
    await begun.get(`/api/sign-in?returnTo=${encodeURIComponent(path)}`)
    const values = [
      '',
      '.',
      '....',
      'null',
      '%E0%A4%A',
      '%',
      'x'.repeat(5000),
      real.slice(0, -1),
      real.slice(1),
      `${real}x`,
      real.toLowerCase(),
      `"${real}"x`,
      begun.cookies.interim_sign_in as string,
      formToken,
      path.split('/').at(-1) as string,
      JSON.stringify({ id: people.grace.id, displayName: 'Grace' }),
      Buffer.from(JSON.stringify({ id: people.grace.id })).toString('base64url'),
      await it.token('grace'),
      'eyJhbGciOiJub25lIn0.eyJ2YWx1ZSI6e319.',
      ...everyPlace(30).map((n) => {
        const at = Math.floor((real.length * n) / 30)
        return `${real.slice(0, at)}${real[at] === 'A' ? 'B' : 'A'}${real.slice(at + 1)}`
      }),
    ]
    for (const value of values) {
      const thief = visitor()
      thief.cookies = { interim_session: value }
      const page = await thief.get(path)
      expect([value, page.status, formTokenIn(page)]).toEqual([value, 200, ''])
      const heard = await thief.post(path, { ...DECISION, formToken })
      expect([value, heard.status]).toEqual([value, 403])
    }
    expect(await it.statusOf(id)).toBe('PendingApproval')
    await it.host.advance('PT1H1M')
    expect(formTokenIn(await grace.get(path))).toBe('') // a session lasts an hour
    expect((await grace.post(path, { ...DECISION, formToken })).status).toBe(403)
  })
})

describe('hostile names and reasons', () => {
  const PAYLOADS = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    '</title></style></textarea><svg/onload=alert(1)>',
    '<a href="https://evil.example">Approve</a>',
    '&lt;b&gt;&#60;i&#62;',
    'javascript:alert(1)//',
    'Line\r\nBcc: everybody@contoso.example\r\n\r\n<h1>new body</h1>',
    '{{constructor.constructor("alert(1)")()}}$\u007b7*7}<%= 7*7 %>',
    '<!--',
    ']]><!ENTITY x SYSTEM "file:///etc/passwd">',
    '\u202eevil\u2028next\u2029line\u0085and\u0007',
    '=HYPERLINK("https://evil.example")',
    '%0d%0aSet-Cookie:%20a=b',
    'x'.repeat(900),
    '😀'.repeat(300),
  ]

  /** Who asks, who decides, and why: each day every payload in one of the places, and thoroughly in all three. */
  const stories: [asks: string, decides: string, why: string][] = isThorough
    ? PAYLOADS.map((payload) => [payload, payload, payload])
    : PAYLOADS.filter((_, i) => i % 3 === 0).map((payload, i) => [
        payload,
        PAYLOADS[(3 * i + 1) % PAYLOADS.length] as string,
        PAYLOADS[(3 * i + 2) % PAYLOADS.length] as string,
      ])

  test('are text in every page and every mail, and never a second line of a subject', async () => {
    const { it } = ground
    const ours = new RegExp(
      `^(${it.host.url.replaceAll('.', '\\.')})?/api/(approve/[\\w.-]+|sign-in\\?returnTo=[\\w%.-]+)$`,
    )
    const clean = (what: string, text: string) =>
      expect([what, foreignMarkup(text, ours)]).toEqual([what, []])
    const seen = (await it.tenant.mails()).length
    for (const [payload, decides, why] of stories) {
      await it.tenant.control('PATCH', '/people/mallory', { displayName: payload })
      await it.tenant.control('PATCH', '/people/linus', { displayName: decides })
      const reason = why.replaceAll('\u0007', '').replaceAll('\u0085', '')
      await it.as('mallory', 'GET', '/api/me/roles')
      const heard = await it.as('mallory', 'POST', '/api/requests', {
        action: 'selfActivate',
        roleDefinitionId: BY_LINK,
        justification: reason,
        ticketInfo: { ticketNumber: reason.slice(0, 100), ticketSystem: reason.slice(0, 100) },
        scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT5M' } },
      })
      expect([payload, heard.status], heard.text).toEqual([payload, 201])
      const path = await it.link('linus')
      const page = await visitor().get(path)
      clean(payload, page.text)
      expect(page.text.includes('<script')).toBe(false)
      const formToken = formTokenIn(page)
      const refused = await visitor().post(path, { formToken, reviewResult: 'Deny', justification: ' ' })
      clean(payload, refused.text)
      const denied = await visitor().post(path, { formToken, reviewResult: 'Deny', justification: reason })
      expect(denied.status, denied.text).toBe(200)
      clean(payload, denied.text)
      const late = await visitor().post(path, { formToken, reviewResult: 'Approve', justification: reason })
      expect(late.status).toBe(409)
      clean(payload, late.text)
      await it.host.idle()
    }
    const mails = (await it.tenant.mails()).slice(seen)
    expect(mails.length).toBeGreaterThanOrEqual(stories.length * 4)
    for (const { subject, html, text, to, headers } of mails) {
      clean(subject, html)
      expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
      expect(subject.length).toBeLessThanOrEqual(200)
      expect(subject).not.toMatch(/\p{Cs}/u)
      expect(text).not.toMatch(/^(Bcc|Set-Cookie):/im)
      expect([to.length, Object.keys(headers)]).toEqual([1, []])
    }
  })

  test('a name in the token is not believed where the directory has one', async () => {
    const { it } = ground
    const name = '<script>alert(1)</script>'
    await it.tenant.control('PATCH', '/people/mallory', { displayName: 'Mallory Malone' })
    const heard = await it.as(
      'mallory',
      'POST',
      '/api/requests',
      {
        action: 'selfActivate',
        roleDefinitionId: TIMED,
        justification: 'x',
        scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT5M' } },
      },
      { set: { name, oid: people.mallory.id } },
    )
    expect(heard.status, heard.text).toBe(201)
    expect(heard.body.principal.displayName).toBe('Mallory Malone')
  })
})

test('every page and every error page has its guards', async () => {
  const { it } = ground
  const path = await (await asked(BY_SESSION)).link('grace')
  const pages: [string, Promise<Heard>][] = [
    ['page', visitor().get(path)],
    ['head', visitor().get(path, [], 'HEAD')],
    ['404', visitor().get('/api/approve/x.y')],
    ['400', visitor().get(`/api/approve/${'x'.repeat(2001)}`)],
    ['403', visitor().post(path, DECISION)],
    ['415', visitor().post(path, DECISION, ['Content-Type', 'text/plain'])],
    ['sign-in 400', visitor().get('/api/sign-in?returnTo=//evil.example')],
    ['callback 400', visitor().get('/api/sign-in/callback?code=x&state=y')],
  ]
  const nonces = new Set<string>()
  for (const [what, heard] of pages) {
    const { headers, text } = await heard
    const policy = `${headers['content-security-policy']}`
    const nonce = /style-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
    expect([what, policy]).toEqual([
      what,
      `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    ])
    nonces.add(nonce)
    expect([what, headers]).toEqual([
      what,
      expect.objectContaining({
        'content-type': 'text/html; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-robots-tag': 'noindex, nofollow',
      }),
    ])
    expect(text).not.toMatch(/<script|\bat \w+ \(|node_modules/)
  }
  expect(nonces.size).toBe(pages.length)
  for (const each of [
    await visitor().get(`/api/sign-in?returnTo=${encodeURIComponent(path)}`),
    await visitor().signIn('grace', path),
  ])
    expect(each.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  expect(it.host.output()).not.toContain('Unexpected.')
})
