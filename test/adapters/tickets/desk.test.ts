import type { RequestListener } from 'node:http'
import { createServer as createSocket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { TokenSource } from '../../../src/adapters/entra/app-token.ts'
import { type DeskOptions, httpTicketDesk } from '../../../src/adapters/tickets/desk.ts'
import type { DeskDemand } from '../../../src/domain/ticket-check.ts'
import type { TicketQuestion } from '../../../src/domain/ticket-question.ts'
import { Unavailable } from '../../../src/ports.ts'
import { endpoint as endpointAt, listening } from '../../support/listening.ts'

const endpoint = (listener: RequestListener) => endpointAt('/check', listener)

const YES = { evaluationId: 'e-1', evaluationOutcome: 'Approved', reason: [] }
const question = {
  id: null,
  ticketInfo: { ticketNumber: 'CHG1' },
  justification: 'Zoë 👩‍💻',
} as TicketQuestion
const desk = (more: Partial<DeskOptions> = {}) =>
  httpTicketDesk({
    allowedHosts: ['127.0.0.1'],
    tokensFor: () => {
      throw new Error('No token is asked for.')
    },
    pauseMs: 1,
    ...more,
  })
const demand = (targetUrl: string, more: Partial<DeskDemand> = {}): DeskDemand => ({
  targetUrl,
  resourceId: null,
  timeoutInMilliseconds: 400,
  maximumRetries: 0,
  ...more,
})

/** Answers as the list says, from the first to the last, and then as the last. */
async function answering(...listeners: RequestListener[]) {
  const state = { asked: 0 }
  const url = await endpoint((req, res) => {
    const listener = listeners[Math.min(state.asked++, listeners.length - 1)]
    listener?.(req, res)
  })
  return { url, state }
}
const status =
  (code: number, body: unknown = YES, headers: Record<string, string> = {}): RequestListener =>
  (_, res) =>
    void res.writeHead(code, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
const ask = (url: string, more: Partial<DeskDemand> = {}) => desk().evaluate(demand(url, more), question)

describe('a desk that says when to ask again', () => {
  test('is asked then', async () => {
    const { url, state } = await answering(status(503, '', { 'retry-after': '0.4' }), status(200))
    const before = performance.now()
    expect(await ask(url, { maximumRetries: 1 })).toMatchObject({ outcome: 'Approved' })
    expect([state.asked, performance.now() - before >= 390]).toEqual([2, true])
  })

  test('and means a while is not waited for: whoever asks for access would wait, too', async () => {
    const { url, state } = await answering(status(429, '', { 'retry-after': '3' }), status(200))
    await expect(ask(url, { maximumRetries: 3 })).rejects.toThrow('Answered 429, and to ask again after 3 s.')
    expect(state.asked).toBe(1)
  })

  test('in words that nobody understands is asked as any other', async () => {
    const { url, state } = await answering(status(503, '', { 'retry-after': 'soon' }), status(200))
    expect(await ask(url, { maximumRetries: 1 })).toMatchObject({ outcome: 'Approved' })
    expect(state.asked).toBe(2)
  })
})

describe('a question', () => {
  test('is posted as JSON, and answered', async () => {
    let heard: unknown
    const url = await endpoint(async (req, res) => {
      const chunks: Buffer[] = []
      for await (const chunk of req) chunks.push(chunk)
      const { method, headers, url } = req
      heard = { method, url, headers, body: JSON.parse(Buffer.concat(chunks).toString()) }
      res.end(JSON.stringify({ ...YES, evaluationOutcome: 'Denied', reason: ['Closed.'] }))
    })
    expect(await ask(url)).toEqual({ evaluationId: 'e-1', outcome: 'Denied', reason: 'Closed.' })
    expect(heard).toMatchObject({
      method: 'POST',
      url: '/check',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': expect.stringMatching(/^Interim/),
      },
      body: question,
    })
    expect(heard).not.toHaveProperty('headers.authorization')
  })

  test('carries a token of the app where an application is named, made once, and anew after it was refused', async () => {
    const made: string[] = []
    const heard: (string | undefined)[] = []
    const listeners = [200, 200, 401, 200].map(
      (code): RequestListener =>
        (req, res) => {
          heard.push(req.headers.authorization)
          status(code)(req, res)
        },
    )
    const { url } = await answering(...listeners)
    const tokensFor = (resource: string): TokenSource => {
      made.push(resource)
      let count = 1
      return { get: async () => `token-${count}`, forget: () => void count++ }
    }
    const one = desk({ tokensFor })
    const resourceId = 'api://127.0.0.1/11111111-2222-4333-8444-555555555555'
    const asks = () => one.evaluate(demand(url, { resourceId }), question)
    await asks()
    await asks()
    await expect(asks()).rejects.toThrow('Answered 401.')
    await asks()
    expect(made).toEqual([resourceId])
    expect(heard).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
  })

  test('without a token in time is not sent', async () => {
    const { url, state } = await answering(status(200))
    const hanging = { get: () => new Promise<string>(() => undefined), forget: () => undefined }
    const away = { ...hanging, get: () => Promise.reject(new Unavailable('No app token could be had.')) }
    for (const [source, why] of [
      [hanging, 'No answer within 200 ms.'],
      [away, 'No app token'],
    ] as const)
      await expect(
        desk({ tokensFor: () => source }).evaluate(
          demand(url, { resourceId: 'api://x/y', timeoutInMilliseconds: 200 }),
          question,
        ),
      ).rejects.toThrow(why)
    expect(state.asked).toBe(0)
  })
})

describe('it is asked again', () => {
  test.each([
    ['after a 429', status(429)],
    ['after a 500', status(500)],
    ['after a 503', status(503)],
    ['after no answer in time', (() => undefined) as RequestListener],
    ['after it broke off', ((_, res) => void res.destroy()) as RequestListener],
    [
      'after it broke off in the middle',
      ((_, res) => {
        res.writeHead(200, { 'content-length': 100 }).write('{"evaluationId":')
        setTimeout(() => res.destroy(), 20)
      }) as RequestListener,
    ],
  ])('%s', async (_name, first) => {
    const { url, state } = await answering(first, status(200))
    expect(await ask(url, { maximumRetries: 1 })).toMatchObject({ outcome: 'Approved' })
    expect(state.asked).toBe(2)
    state.asked = 0
    await expect(ask(url)).rejects.toBeInstanceOf(Unavailable)
    expect(state.asked).toBe(1)
  })

  test('no more often than the settings say', async () => {
    const { url, state } = await answering(status(503))
    await expect(ask(url, { maximumRetries: 3 })).rejects.toThrow('Answered 503.')
    expect(state.asked).toBe(4)
  })

  test('and not at all when its answer stands', async () => {
    const garbled = { evaluationId: 'e-1', evaluationOutcome: 'approved' }
    for (const [listener, why] of [
      [status(400), 'Answered 400.'],
      [status(401), 'Answered 401.'],
      [status(403), 'Answered 403.'],
      [status(404), 'Answered 404.'],
      [status(201), 'Answered 201.'],
      [status(204, ''), 'Answered 204.'],
      [status(200, ''), 'no evaluation'],
      [status(200, 'Approved'), 'no evaluation'],
      [status(200, '{"evaluationId":"e-1"'), 'no evaluation'],
      [status(200, '<html>Approved</html>'), 'no evaluation'],
      [status(200, garbled), 'no evaluation'],
      [((_, res) => void res.end(Buffer.from([0x22, 0xff, 0x22]))) as RequestListener, 'no evaluation'],
    ] as const) {
      const { url, state } = await answering(listener)
      await expect(ask(url, { maximumRetries: 3 })).rejects.toThrow(why)
      expect(state.asked).toBe(1)
    }
  })
})

describe('an answer', () => {
  test('from elsewhere is none: redirects are not followed', async () => {
    const other = await answering(status(200))
    for (const code of [301, 302, 303, 307, 308]) {
      const { url } = await answering(status(code, '', { location: other.url }))
      await expect(ask(url, { maximumRetries: 3 })).rejects.toThrow(`Answered ${code}.`)
    }
    expect(other.state.asked).toBe(0)
  })

  test('that comes too slowly is none, however it begins', async () => {
    const dripping: RequestListener = (_, res) => {
      res.writeHead(200)
      const drip = setInterval(() => res.write(' '), 20)
      res.on('close', () => clearInterval(drip))
    }
    const { url } = await answering(dripping)
    await expect(ask(url)).rejects.toThrow('No answer within 400 ms.')
    const silent = await listening(createSocket(() => undefined))
    await expect(ask(silent)).rejects.toThrow('No answer within 400 ms.')
  })

  test('of more than 64 KB is none, and is not read to its end', async () => {
    let written = 0
    const talking: RequestListener = (_, res) => {
      res.writeHead(200)
      const talk = () => {
        while (!res.destroyed && res.write(' '.repeat(16_384))) written += 16_384
      }
      res.on('drain', talk)
      talk()
    }
    const { url } = await answering(talking)
    await expect(ask(url, { timeoutInMilliseconds: 5000 })).rejects.toThrow('longer than 64 KB')
    expect(written).toBeLessThan(32 * 1024 * 1024)
    const padded = await answering(status(200, `${JSON.stringify(YES)}${' '.repeat(60_000)}`))
    expect(await ask(padded.url)).toMatchObject({ outcome: 'Approved' })
  })

  test('with hostile reasons is read as one line of plain words', async () => {
    const reason = ['<script>alert(1)</script>', 'a\r\nSet-Cookie: a=b', '\u202egnp.exe', 'x'.repeat(50_000)]
    const { url } = await answering(status(200, { ...YES, evaluationOutcome: 'Denied', reason }))
    const said = await ask(url)
    expect(said.reason).toMatch(/^<script>alert\(1\)<\/script> a Set-Cookie: a=b gnp\.exe x+…$/)
    expect(said.reason.length).toBeLessThanOrEqual(300)
  })
})

describe('a desk that must not be called', () => {
  test('is not: nothing arrives', async () => {
    let arrived = 0
    const { port } = new URL(await listening(createSocket(() => arrived++)))
    for (const url of [
      `http://127.0.0.1:${port}/`,
      `https://127.0.0.1:${port}/`,
      `https://localhost:${port}/`,
      `https://[::ffff:7f00:1]:${port}/`,
    ])
      await expect(
        desk({ allowedHosts: [] }).evaluate(demand(url, { maximumRetries: 3 }), question),
      ).rejects.toThrow('WEBHOOK_ALLOWED_HOSTS')
    expect(arrived).toBe(0)
  })

  test('is not, when its name leads into our networks, or leads there at the second look', async () => {
    let arrived = 0
    const { port } = new URL(await endpoint(() => arrived++))
    let asked = 0
    const rebinding = async () => [{ address: asked++ === 0 ? '192.0.2.1' : '127.0.0.1', family: 4 as const }]
    const asks = (allowedHosts: string[]) =>
      desk({ allowedHosts, resolve: rebinding }).evaluate(
        demand(`https://rebind.example:${port}/`, { timeoutInMilliseconds: 200 }),
        question,
      )
    await expect(asks([])).rejects.toThrow('not on the internet')
    await expect(asks([])).rejects.toThrow('not on the internet')
    asked = 0
    await expect(asks(['rebind.example'])).rejects.toBeInstanceOf(Unavailable) // 192.0.2.1 is nobody's
    expect([asked, arrived]).toEqual([1, 0])
  })
})
