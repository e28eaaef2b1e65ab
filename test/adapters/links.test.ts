import { describe, expect, test } from 'vitest'
import { cookieBox, formTokens, type Keys, pageTokens, signedLinks } from '../../src/adapters/links.ts'

const OLD = 'the key of last year, long enough to be one'
const NEW = 'the key of this year, long enough to be one'
const keys: Keys = [NEW]
const claim = { requestId: 'req-1', approverId: '11111111-0000-4000-8000-000000000002' }
const tokenOf = (of: Keys) =>
  signedLinks('https://interim.example', of).approve(claim).split('/').at(-1) as string
const read = (token: string, by: Keys = keys) => signedLinks('https://interim.example', by).read(token)

describe('mailed links', () => {
  test('name a request and a person, for those who have the key', () => {
    expect(signedLinks('https://interim.example', keys).approve(claim)).toMatch(
      /^https:\/\/interim\.example\/api\/approve\/[\w.-]+$/,
    )
    expect(read(tokenOf(keys))).toEqual(claim)
  })

  test('of the key before are read after a rotation, and not when it is gone', () => {
    expect(read(tokenOf([OLD]), [NEW, OLD])).toEqual(claim)
    expect(read(tokenOf([OLD]))).toBeUndefined()
    expect(tokenOf([NEW, OLD])).toBe(tokenOf([NEW]))
  })

  test('with any character changed, left out or added are none', () => {
    const token = tokenOf(keys)
    for (let place = 0; place < token.length; place++) {
      const other = token[place] === 'A' ? 'B' : 'A'
      const changed = token.slice(0, place) + other + token.slice(place + 1)
      if (place !== token.length - 1) expect(read(changed)).toBeUndefined() // its last character has bits that say nothing
      expect(read(token.slice(0, place))).toBeUndefined()
      expect(read(`${token.slice(0, place)}.${token.slice(place)}`)).toBeUndefined()
    }
  })

  test('with the claim of one and the signature of another are none', () => {
    const other = signedLinks('https://interim.example', keys)
      .approve({ ...claim, requestId: 'req-2' })
      .split('/')
      .at(-1) as string
    const [body] = tokenOf(keys).split('.')
    const [, signature] = other.split('.')
    expect(read(`${body}.${signature}`)).toBeUndefined()
  })

  test.each(['', '.', 'a.b', 'null.null', '{}', 'a.b.c', '..', '%2e', '\u0000', 'é.é', 'a'.repeat(5000)])(
    '%j is none',
    (text) => {
      expect(read(text)).toBeUndefined()
    },
  )

  test('what was signed for something else is none', () => {
    const { requestId, approverId } = claim
    expect(read(pageTokens(keys).seal(requestId, approverId))).toBeUndefined()
    expect(read(formTokens(keys).make(requestId, [approverId]))).toBeUndefined()
    expect(pageTokens(keys).open(requestId, tokenOf(keys))).toBeUndefined()
    expect(formTokens(keys).shown(tokenOf(keys), requestId)).toBeUndefined()
  })
})

test('a page token is good for the list it came from only', () => {
  const tokens = pageTokens(keys)
  const token = tokens.seal('requests of ada', 'past|1')
  expect(tokens.open('requests of ada', token)).toBe('past|1')
  expect(tokens.open('requests of grace', token)).toBeUndefined()
  expect(tokens.open('requests of ada', `${token}x`)).toBeUndefined()
})

test('a form token is good for one person and one request only', () => {
  const forms = formTokens(keys)
  const token = forms.make('grace', ['req-1'])
  const matches = (personId: string, stageId: string) => forms.shown(token, personId)?.join() === stageId
  expect([matches('grace', 'req-1'), matches('linus', 'req-1'), matches('grace', 'req-2')]).toEqual([
    true,
    false,
    false,
  ])
})

test('a cookie is opened by its own box, within its time, and with the keys before it', async () => {
  const box = cookieBox(keys, 'session')
  const sealed = await box.seal({ id: 'grace' }, '1h')
  expect(sealed).not.toContain('grace')
  expect(await box.open(sealed)).toEqual({ id: 'grace' })
  expect(await cookieBox(keys, 'sign-in').open(sealed)).toBeUndefined()
  expect(await cookieBox([OLD], 'session').open(sealed)).toBeUndefined()
  expect(await cookieBox([OLD, NEW], 'session').open(sealed)).toEqual({ id: 'grace' })
  expect(await box.open(await box.seal({ id: 'grace' }, '-1s'))).toBeUndefined()
  for (const text of ['', 'x', `${sealed}x`]) expect(await box.open(text)).toBeUndefined()
})

describe('the link that ends the digest', () => {
  const links = signedLinks('https://interim.example', keys)
  const person = '11111111-0000-4000-8000-000000000002'
  const token = links.unsubscribe(person).split('/').at(-1) as string

  test('names whose, for those who have the key', () => {
    expect(links.readUnsubscribe(token)).toBe(person)
    expect(signedLinks('https://interim.example', [OLD]).readUnsubscribe(token)).toBeUndefined()
    for (const wrong of ['', 'no.token', `${token}x`, token.slice(1)])
      expect(links.readUnsubscribe(wrong)).toBeUndefined()
  })

  test('decides nothing, and a link that decides ends nothing', () => {
    expect(links.read(token)).toBeUndefined()
    expect(links.readUnsubscribe(tokenOf(keys))).toBeUndefined()
  })
})
