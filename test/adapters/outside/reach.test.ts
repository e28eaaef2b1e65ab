import { createServer as createSocket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { reach } from '../../../src/adapters/outside/reach.ts'
import { listening } from '../../support/listening.ts'

/** What somebody's server answers, byte for byte; then it hangs up. */
const answering = (raw: string) =>
  listening(
    createSocket((socket) => void socket.on('error', () => undefined).once('data', () => socket.end(raw))),
  )

async function reached(raw: string): Promise<string> {
  const url = await answering(raw)
  const sending = { url, headers: {}, body: '{}', allowedHosts: ['127.0.0.1'] }
  const answer = reach(sending, AbortSignal.timeout(300)).then(
    ({ statusCode }) => `answered ${statusCode}`,
    () => 'failed',
  )
  return Promise.race([answer, new Promise<string>((late) => setTimeout(late, 1000, 'hangs'))])
}

test.each([
  [
    'an upgrade that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
  ],
  ['an upgrade to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['a promise only', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['hints only', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ['nothing', ''],
  ['rubbish', 'rubbish\r\n\r\n'],
  ['a demand to upgrade', 'HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nUpgrade: h2\r\n\r\n'],
])('whoever answers with %s keeps nobody waiting', async (_, raw) => {
  expect(await reached(raw)).not.toBe('hangs')
})

describe('names whose own server does not answer', () => {
  const silent = () => new Promise<never>(() => undefined)

  test('take no more than two threads, and who has given up takes none', async () => {
    const lookedUp: string[] = []
    const free: (() => void)[] = []
    const resolve = (host: string) => {
      lookedUp.push(host)
      return Promise.race([
        silent(),
        new Promise<never>((_, fail) => free.push(() => fail(new Error('gone')))),
      ])
    }
    const to = (name: string, millis: number) => {
      const sending = { url: `https://${name}.example/`, headers: {}, body: '{}', allowedHosts: [], resolve }
      return reach(sending, AbortSignal.timeout(millis)).catch(() => undefined)
    }
    const first = [to('a', 5000), to('b', 5000)]
    await to('c', 50) // has given up before its turn
    const patient = to('d', 5000)
    expect(lookedUp).toEqual(['a.example', 'b.example'])
    for (const end of free.splice(0)) end()
    await Promise.all(first)
    await new Promise((soon) => setTimeout(soon, 10))
    expect(lookedUp).toEqual(['a.example', 'b.example', 'd.example'])
    for (const end of free.splice(0)) end()
    await patient
  })
})
