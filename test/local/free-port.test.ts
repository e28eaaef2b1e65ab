import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { freePort } from '../../local/free-port.ts'

const RANGE = '/proc/sys/net/ipv4/ip_local_port_range'

const inTurn = async (count: number) => {
  const ports: number[] = []
  while (ports.length < count) ports.push(await freePort())
  return ports
}

test('a free port is never given twice', async () => {
  const ports = [...(await inTurn(30)), ...(await Promise.all(Array.from({ length: 30 }, freePort)))]
  expect(new Set(ports).size).toBe(60)
})

test('a free port is none that an outgoing connection could be given', async () => {
  const low = existsSync(RANGE) ? Number(readFileSync(RANGE, 'utf8').trim().split(/\s+/)[0]) : 49_152
  const first = low > 12_000 ? low : 32_768
  for (const port of await inTurn(20)) {
    expect(port).toBeLessThan(first)
    expect(port).toBeGreaterThan(1024)
  }
})

test('a port that somebody listens on is passed over', async () => {
  const port = await freePort()
  const neighbours = [port + 1, port + 2, port + 3].map((each) => createServer().listen(each, '127.0.0.1'))
  try {
    await Promise.all(neighbours.map((each) => once(each, 'listening')))
    expect([port + 1, port + 2, port + 3]).not.toContain(await freePort())
  } finally {
    for (const each of neighbours) each.close()
  }
})

test('two processes that ask at the same time are given different ports', async () => {
  const built = new URL('../../dist/local/free-port.js', import.meta.url).href
  const script = `import { freePort } from '${built}'; for (let i = 0; i < 5; i++) console.log(await freePort())`
  const ask = async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    return stdout.trim().split('\n')
  }
  const [one, two] = await Promise.all([ask(), ask()])
  expect(new Set([...one, ...two]).size).toBe(10)
})
