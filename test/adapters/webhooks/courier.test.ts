import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer as createSocket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type CourierOptions, httpCourier } from '../../../src/adapters/webhooks/courier.ts'
import type { Target } from '../../../src/domain/webhook.ts'
import { endpoint as endpointAt, hangUp, listening } from '../../support/listening.ts'

const endpoint = (listener: RequestListener) => endpointAt('/in', listener)

const NOW = Date.parse('2030-01-01T09:00:00Z')
const courier = (more: Partial<CourierOptions> = {}) =>
  httpCourier({
    keys: ['k'.repeat(40)],
    allowedHosts: ['127.0.0.1'],
    now: () => NOW,
    patienceMs: 400,
    ...more,
  })
const target = (url: string, ...secrets: string[]): Target => ({
  url,
  secrets: secrets.map((secret) => ({ secret, until: null })),
})
const message = (more: object = {}) => ({
  webhookId: 'hook-1',
  id: 'req-1.decided',
  contentType: 'application/cloudevents+json; charset=utf-8',
  body: JSON.stringify({ who: 'Zoë 👩‍💻' }),
  at: new Date(NOW),
  ...more,
})
const answers = async (listener: RequestListener, more: Partial<CourierOptions> = {}) =>
  courier(more).post(target(await endpoint(listener)), message())

describe('a delivery', () => {
  test('is signed with each secret, as the ten lines of the documentation verify it', async () => {
    const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync('docs/webhooks.md', 'utf8')) ?? []
    expect(example.trim().split('\n').length).toBeLessThanOrEqual(12)
    const module = `data:text/javascript,${encodeURIComponent(example)}`
    const { verify } = (await import(/* @vite-ignore */ module)) as {
      verify: (headers: object, body: Buffer, secret: string, now?: number) => boolean
    }
    const heard: { headers: Record<string, string>; body: Buffer; method?: string | undefined }[] = []
    const url = await endpoint(async (req, res) => {
      const chunks: Buffer[] = []
      for await (const chunk of req) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      heard.push({ headers: req.headers as Record<string, string>, body, method: req.method })
      res.writeHead(204).end()
    })
    const { newSecret, post } = courier()
    const [a, b, other] = [newSecret(), newSecret(), newSecret()]
    expect(a).toMatch(/^whsec_[\w+/]{43}=$/)
    const outcome = await post(target(url, a, b), message())
    expect(outcome).toEqual({ verdict: 'delivered', reason: 'Answered 204.' })
    const [{ headers, body, method } = { headers: {}, body: Buffer.from('') }] = heard
    expect(method).toBe('POST')
    expect(JSON.parse(body.toString())).toEqual({ who: 'Zoë 👩‍💻' })
    expect(headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'content-length': `${body.length}`,
      'user-agent': expect.stringMatching(/^Interim/),
      'webhook-id': 'req-1.decided',
      'webhook-timestamp': `${NOW / 1000}`,
      'webhook-signature': expect.stringMatching(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/),
    })
    for (const secret of [a, b]) expect(verify(headers, body, secret, NOW)).toBe(true)
    const forged = Buffer.from(body.toString().replace('who', 'why'))
    expect([
      verify(headers, body, other, NOW),
      verify(headers, forged, a, NOW),
      verify({ ...headers, 'webhook-id': 'req-2.decided' }, body, a, NOW),
      verify(headers, body, a, NOW + 301_000),
      verify({ ...headers, 'webhook-signature': '' }, body, a, NOW),
      verify({}, body, a, NOW),
    ]).toEqual([false, false, false, false, false, false])
  })

  test.each([
    [200, 'delivered'],
    [202, 'delivered'],
    [400, 'refused'],
    [404, 'refused'],
    [410, 'gone'],
    [429, 'later'],
    [500, 'later'],
    [503, 'later'],
  ])('that is answered %i is: %s', async (status, verdict) => {
    const outcome = await answers((_, res) => void res.writeHead(status).end('no'))
    expect(outcome).toEqual({ verdict, reason: `Answered ${status}.` })
  })

  test.each([
    ['120', 120],
    [new Date(NOW + 90_000).toUTCString(), 90],
    [new Date(NOW - 90_000).toUTCString(), undefined],
    ['soon', undefined],
    ['-5', undefined],
  ])('that is to wait with Retry-After: %s waits for %s seconds', async (header, expected) => {
    const outcome = await answers((_, res) => void res.writeHead(429, { 'retry-after': header }).end())
    expect(outcome.retryAfterSeconds).toBe(expected)
  })

  test('follows no redirect', async () => {
    let asked = 0
    const other = await endpoint((_, res) => {
      asked++
      res.end()
    })
    for (const status of [301, 302, 303, 307, 308]) {
      const outcome = await answers((_, res) => void res.writeHead(status, { location: other }).end())
      expect(outcome).toEqual({
        verdict: 'refused',
        reason: `Answered ${status}. Redirects are not followed.`,
      })
    }
    expect(asked).toBe(0)
  })

  test('is no longer than ten seconds at an endpoint that hangs', async () => {
    expect(await answers(() => undefined)).toEqual({
      verdict: 'later',
      reason: 'No answer within 0 seconds.',
    })
    const silent = await listening(createSocket(() => undefined))
    expect((await courier().post(target(silent), message())).verdict).toBe('later')
  })

  test('counts as taken when it was said to be, whatever the rest of the answer does', async () => {
    const dripping: RequestListener = (_, res) => {
      res.writeHead(200)
      const drip = setInterval(() => res.write('x'), 20)
      res.on('close', () => clearInterval(drip))
    }
    expect((await answers(dripping)).verdict).toBe('delivered')
    const breaking: RequestListener = (_, res) => {
      res.writeHead(200, { 'content-length': 100 }).write('x')
      setTimeout(() => res.destroy(), 20)
    }
    expect((await answers(breaking)).verdict).toBe('delivered')
  })

  test('reads no more than 64 KB of what an endpoint has to say', async () => {
    let written = 0
    const talking: RequestListener = (_, res) => {
      res.writeHead(200)
      const talk = () => {
        while (!res.destroyed && res.write('x'.repeat(16_384))) written += 16_384
      }
      res.on('drain', talk)
      talk()
    }
    expect((await answers(talking, { patienceMs: 5000 })).verdict).toBe('delivered')
    expect(written).toBeLessThan(32 * 1024 * 1024)
  })

  test.each([
    ['breaks at once', (socket: import('node:net').Socket) => socket.destroy()],
    ['speaks no HTTP', (socket: import('node:net').Socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
  ])('to an endpoint that %s is tried again', async (_, meet) => {
    const url = await listening(
      createSocket((socket) => {
        socket.on('error', () => undefined)
        meet(socket)
      }),
    )
    const outcome = await courier().post(target(url), message())
    expect(outcome).toMatchObject({ verdict: 'later', reason: expect.stringMatching(/^No connection \(/) })
  })

  test('to nobody is tried again', async () => {
    const url = await endpoint(() => undefined)
    hangUp()
    expect((await courier().post(target(url), message())).verdict).toBe('later')
  })
})

describe('an endpoint that must not be called', () => {
  test('is not: nothing arrives', async () => {
    let arrived = 0
    const server = createSocket(() => arrived++)
    const url = await listening(server)
    const { port } = new URL(url)
    for (const where of [
      url,
      `http://localhost:${port}/`,
      `https://127.0.0.1:${port}/`,
      `https://[::ffff:7f00:1]:${port}/`,
    ])
      expect((await courier({ allowedHosts: [] }).post(target(where), message())).verdict).toBe('refused')
    expect(arrived).toBe(0)
  })

  test('is not, when its name leads elsewhere at the second look: the connection goes where the first one led', async () => {
    let arrived = 0
    const { port } = new URL(await endpoint(() => arrived++))
    let asked = 0
    const rebinding = async () => [{ address: asked++ === 0 ? '192.0.2.1' : '127.0.0.1', family: 4 as const }]
    const posting = (allowedHosts: string[]) =>
      courier({ allowedHosts, resolve: rebinding, patienceMs: 100 }).post(
        target(`https://rebind.example:${port}/`),
        message(),
      )
    expect((await posting([])).verdict).toBe('refused')
    expect((await posting([])).verdict).toBe('refused')
    asked = 0
    expect((await posting(['rebind.example'])).verdict).toBe('later') // 192.0.2.1 is nobody's
    expect([asked, arrived]).toEqual([1, 0])
  })
})

test('no more than four are on their way to one webhook at once, and others are not concerned', async () => {
  const { post } = courier()
  const url = await endpoint(() => undefined)
  const many = await Promise.all(Array.from({ length: 6 }, () => post(target(url), message())))
  expect(many.map(({ verdict }) => verdict).sort()).toEqual([
    'busy',
    'busy',
    'later',
    'later',
    'later',
    'later',
  ])
  const well = await endpoint((_, res) => void res.end())
  const [other] = await Promise.all([
    post(target(well), message({ webhookId: 'hook-2' })),
    ...Array.from({ length: 4 }, () => post(target(url), message())),
  ])
  expect(other?.verdict).toBe('delivered')
  expect((await post(target(well), message())).verdict).toBe('delivered')
})

describe('what is sealed', () => {
  const secret = target('https://siem.example/in?key=1', 'whsec_AAAA')

  test('shows nothing, and is opened with the keys of the settings, the older ones too', async () => {
    const sealed = await courier({ keys: ['a'.repeat(40)] }).seal(secret)
    expect(sealed).not.toContain('siem')
    const rotated = courier({ keys: ['b'.repeat(40), 'a'.repeat(40)] })
    expect(await courier({ keys: ['a'.repeat(40)] }).open(sealed)).toEqual({
      target: secret,
      isCurrent: true,
    })
    expect(await rotated.open(sealed)).toEqual({ target: secret, isCurrent: false })
    expect(await courier({ keys: ['b'.repeat(40)] }).open(sealed)).toBeUndefined()
    expect(await rotated.open(`${sealed.slice(0, -4)}AAAA`)).toBeUndefined()
  })
})
