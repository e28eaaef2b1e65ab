import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const FIRST = 10_240
/** Where Linux begins to give ports to outgoing connections; other systems begin higher. */
const USUAL_END = 32_768
const ENOUGH = 1000

/**
 * A port on 127.0.0.1 that nobody listens on right now, and never the same one twice. Not one of those that the system gives
 * to outgoing connections: until somebody listens on it, or while a host that was killed is started again, one could take it.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < ENOUGH; tries++) {
    const port = FIRST + (next++ % (end - FIRST))
    if (await isFree(port)) return port
  }
  throw new Error(`There is no free port from ${FIRST} to ${end - 1}.`)
}

/** The end of the range: what follows belongs to outgoing connections, or so many are left that they hardly matter. */
function endOfRange(): number {
  try {
    const [low = ''] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/)
    const begin = Number(low)
    return begin >= FIRST + ENOUGH ? Math.min(begin, USUAL_END) : USUAL_END
  } catch {
    return USUAL_END
  }
}

const end = endOfRange()
/** One after the other, from anywhere: two processes that ask at the same time hardly ever meet. */
let next = randomInt(end - FIRST)

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
