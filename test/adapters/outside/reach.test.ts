import { createServer as createSocket } from 'node:net'
import { expect, test } from 'vitest'
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
