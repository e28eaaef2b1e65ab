import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { request as pass } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { QueueClient } from '@azure/storage-queue'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { endpoint } from '../../support/listening.ts'
import { eventually, startApp } from './support.ts'

type Run = { at: string; message: unknown; attempt: number; metadata: string[] }

/** A host with the queue app on a queue of its own. */
async function startQueue(env: Record<string, string> = {}, suffix = '') {
  const name = `q-${randomUUID()}${suffix}`
  const notes = join(mkdtempSync(join(tmpdir(), 'queues-')), 'notes')
  const host = await startApp('queues', { NOTES: notes, QUEUE: name, ...env })
  const runs = (): Run[] => {
    try {
      return readFileSync(notes, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Run)
    } catch {
      return []
    }
  }
  const queue = new QueueClient(inject('storage'), name)
  const poison = new QueueClient(inject('storage'), `${name}-poison`)
  const send = (message: unknown, encoding: 'base64' | 'utf8' = 'base64') =>
    queue.sendMessage(Buffer.from(JSON.stringify(message)).toString(encoding))
  const poisoned = async () =>
    (await poison.peekMessages({ numberOfMessages: 32 }).catch(() => undefined))?.peekedMessageItems ?? []
  const left = async () => (await queue.getProperties()).approximateMessagesCount
  return { host, runs, send, poisoned, left }
}

/** The storage, through a service that has taken messages out for a while before it says so. */
async function givenOutLate(storage: string): Promise<string> {
  const to = new URL(/QueueEndpoint=([^;]+)/.exec(storage)?.[1] ?? '')
  const { origin } = new URL(
    await endpoint('/', ({ method, url, headers }, answer) => {
      const { host: _, ...rest } = headers
      const passed = pass(
        { host: to.hostname, port: to.port, method, path: url, headers: rest },
        (response) => {
          const isTaking = method === 'GET' && /messages\?/.test(url ?? '')
          setTimeout(
            () => response.pipe(answer.writeHead(response.statusCode ?? 500, response.headers)),
            isTaking ? 50 : 0,
          )
        },
      )
      passed.on('error', () => answer.destroy())
      answer.req.pipe(passed)
    }),
  )
  return storage.replace(to.origin, origin)
}

describe('a queue trigger', () => {
  let shared: Awaited<ReturnType<typeof startQueue>>
  beforeAll(async () => {
    shared = await startQueue()
  })
  /** The shared host, with only the runs of this test. */
  const useShared = () => {
    const before = shared.runs().length
    return { ...shared, runs: () => shared.runs().slice(before) }
  }

  test('gets JSON parsed, its metadata beside it, and the message is gone afterwards', async () => {
    const { host, runs, send, left } = useShared()
    await send({ to: 'grace' })
    await send('text')
    await host.idle()
    const byText = runs().sort((a, b) => (JSON.stringify(a.message) < JSON.stringify(b.message) ? -1 : 1))
    expect(byText.map(({ message, attempt }) => ({ message, attempt }))).toEqual([
      { message: 'text', attempt: 1 },
      { message: { to: 'grace' }, attempt: 1 },
    ])
    expect(runs()[0]?.metadata).toEqual(
      expect.arrayContaining([
        'dequeueCount',
        'expirationTime',
        'id',
        'insertionTime',
        'nextVisibleTime',
        'popReceipt',
        'queueTrigger',
      ]),
    )
    expect(await left()).toBe(0)
  })

  test('needs nobody to ask: messages are seen soon, those that a function sends too', async () => {
    const { host, runs } = useShared()
    await fetch(`${host.url}/api/send`, { method: 'POST', body: JSON.stringify({ chain: 2 }) })
    await eventually(runs, (all) => all.length === 3)
  })

  test('makes the host busy until the last message of a chain is done', async () => {
    const { host, runs, send } = useShared()
    await send({ chain: 5 })
    await host.idle()
    expect(runs()).toHaveLength(6)
  })

  test('tries a failed message again after visibilityTimeout, measured on the movable clock', async () => {
    const { host, runs, send } = useShared()
    await send({ failUntil: 3 })
    await host.idle()
    expect(runs()).toHaveLength(1)
    await host.advance('PT29S')
    expect(runs()).toHaveLength(1)
    await host.advance('PT2S')
    expect(runs()).toHaveLength(2)
    await host.advance('PT1M')
    expect(runs().map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    const [first, second] = runs().map(({ at }) => Date.parse(at)) as [number, number]
    expect(second - first).toBeGreaterThanOrEqual(30_000)
  })

  test('gives up after maxDequeueCount, and the message lies in the poison queue', async () => {
    const { host, runs, send, poisoned, left } = useShared()
    await send({ failUntil: 99 })
    await host.advance('PT10M')
    expect(runs().map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    const message = (await poisoned()).at(-1)
    expect(JSON.parse(Buffer.from(message?.messageText ?? '', 'base64').toString())).toEqual({
      failUntil: 99,
    })
    expect(await left()).toBe(0)
  })

  test('is not bothered with a message that is not base64: it goes to the poison queue', async () => {
    const { host, runs, send, poisoned } = useShared()
    await send({ plain: true }, 'utf8')
    await host.idle()
    expect(runs()).toEqual([])
    const texts = (await poisoned()).map(({ messageText }) => messageText)
    expect(texts).toContain('{"plain":true}')
  })

  test('takes messages as they are with messageEncoding none', async () => {
    const { host, runs, send } = await startQueue({
      AzureFunctionsJobHost__extensions__queues__messageEncoding: 'none',
    })
    await send({ plain: true }, 'utf8')
    await host.idle()
    expect(runs()[0]?.message).toEqual({ plain: true })
  })

  test('works years ahead of the clock of the storage service', async () => {
    const { host, runs, send, left } = useShared()
    await host.jump('P9Y')
    await send({ failUntil: 2 })
    await host.advance('PT5M')
    expect(runs().map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(await left()).toBe(0)
  })

  const walkHours = async ({ host, runs }: Awaited<ReturnType<typeof startQueue>>, count: number) => {
    await host.advance(`PT${count}H`)
    const hours = runs().map(({ at, message }) => [new Date(at).getUTCHours(), message])
    expect(hours).toHaveLength(count)
    expect(hours).toEqual(hours.map(([hour]) => [hour, { hour }]))
  }

  test.each(['SDK', 'fetch'])(
    'is worked on a walk before the clock goes on, when a timer sends it by %s',
    async (HOURLY) => walkHours(await startQueue({ HOURLY }), 3),
  )

  test('is worked on a walk before the clock goes on, when it is found by a look already under way', async () => {
    const AzureWebJobsStorage = await givenOutLate(inject('storage'))
    await walkHours(await startQueue({ HOURLY: 'slow', AzureWebJobsStorage }), 9)
  })

  test('works a batch at a time, and all of many messages in the end', async () => {
    const { host, runs, send } = await startQueue({
      AzureFunctionsJobHost__extensions__queues__batchSize: '4',
    })
    await Promise.all(Array.from({ length: 20 }, (_, n) => send({ n, slow: 5 })))
    await host.idle()
    expect(runs()).toHaveLength(20)
  })

  test('gets a message again after a crash, with a higher count', async () => {
    const { host, runs, send } = await startQueue({ LOCAL_HOST_RERUN_SECONDS: '0' })
    await send({ slow: 600_000 })
    await eventually(runs, (all) => all.length === 1)
    await host.restart()
    await eventually(runs, (all) => all.length === 2)
    expect(runs()[1]?.attempt).toBe(2)
  })
})

test('what fails in a poison queue comes again every ten minutes, and is moved nowhere', async () => {
  const { host, runs, send, poisoned, left } = await startQueue({}, '-poison')
  await send({ failUntil: 6 })
  await host.advance('PT45M')
  const minutes = runs().map(({ at }) =>
    Math.round((Date.parse(at) - Date.parse(runs()[0]?.at as string)) / 60_000),
  )
  expect([minutes, await poisoned(), await left()]).toEqual([[0, 10, 20, 30, 40], [], 1])
  await host.advance('PT10M')
  expect([runs().length, await left()]).toEqual([6, 0])
})
