import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort } from '../../../local/free-port.ts'
import { openServer } from '../../../local/host/http/server.ts'
import { createLog } from '../../../local/host/log.ts'

test('the host waits a moment for its port, on which a predecessor that was killed may still linger', async () => {
  const port = await freePort()
  const predecessor = createServer().listen(port, '127.0.0.1')
  await once(predecessor, 'listening')
  let isOpen = false
  const opening = openServer(port, createLog({}, true)).then((server) => {
    isOpen = true
    return server
  })
  await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(50) }).catch(() => undefined)
  expect(isOpen).toBe(false)
  predecessor.close()
  const server = await opening
  expect(server.port).toBe(port)
  await server.close()
})
