import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Arm, armClient } from '../../../src/adapters/azure/client.ts'
import { pageAt } from '../../../src/adapters/azure/list.ts'
import { Unavailable } from '../../../src/ports.ts'

/** No answer at all, and one that breaks off. */
const SILENCE = 0
const HALF = 1
const PATIENCE = 300

type Said = { status: number; body?: string; headers?: Record<string, string> }

/** Somebody who answers in Azure's place, one answer after another; the last one again and again. */
let server: Server
let says: Said[]
let heard: { method: string; authorization: string }[]
let tokens: string[]
let arm: Arm

beforeEach(async () => {
  heard = []
  tokens = ['first', 'second', 'third']
  server = createServer((req, res) => {
    heard.push({ method: req.method ?? '', authorization: req.headers.authorization ?? '' })
    const { status, body, headers } = (says.length > 1 ? says.shift() : says[0]) as Said
    if (status === SILENCE) return
    if (status === HALF) return void res.writeHead(200, { 'content-length': '100' }).write('{"value":')
    res.writeHead(status, headers).end(body)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const token = {
    get: async () => tokens[0] as string,
    forget: () => void tokens.shift(),
  }
  arm = armClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, token, PATIENCE)
})
afterEach(() => {
  server.closeAllConnections()
  return new Promise((closed) => server.close(closed))
})

const PATH = '/subscriptions?api-version=2020-01-01'
const answers = (...all: Said[]) => {
  says = all
}

describe('a read', () => {
  test('whose token was refused is sent once more, with a fresh one', async () => {
    answers({ status: 401, body: '{}' }, { status: 200, body: '{"id":1}' })
    expect(await arm.get(PATH)).toEqual({ id: 1 })
    expect(heard.map(({ authorization }) => authorization)).toEqual(['Bearer first', 'Bearer second'])
  })

  test.each<[string, Said]>([
    ['a page of somebody on the way', { status: 200, body: '<html>sign in</html>' }],
    ['nothing at all', { status: 200 }],
    ['null', { status: 200, body: 'null' }],
    ['a number', { status: 200, body: '7' }],
    ['a 404 that is not Azure’s', { status: 404, body: '<html>no such page</html>' }],
    ['a 404 with a code that we do not know', { status: 404, body: '{"error":{"code":"Strange"}}' }],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }],
    ['a gateway that gave up', { status: 504, body: 'late' }],
  ])('answered with %s tells nothing', async (_what, said) => {
    answers(said)
    await expect(arm.get(PATH)).rejects.toThrow(Unavailable)
  })

  test.each(['ResourceGroupNotFound', 'RoleDefinitionDoesNotExist', 'NotFound'])(
    'answered %s: there is no such thing',
    async (code) => {
      answers({ status: 404, body: JSON.stringify({ error: { code, message: '' } }) })
      expect(await arm.get(PATH)).toBeUndefined()
    },
  )

  test.each([SILENCE, HALF])(
    'that is never answered to its end tells nothing, asked twice (%i)',
    async (status) => {
      answers({ status })
      await expect(arm.get(PATH)).rejects.toThrow(Unavailable)
      expect(heard).toHaveLength(2)
    },
  )

  test('of a list that is none tells nothing', async () => {
    answers({ status: 200, body: '{"value":{}}' })
    await expect(pageAt(arm, PATH)).rejects.toThrow(Unavailable)
  })
})

describe('a write', () => {
  test.each([401, 429, 500, 503])('answered %i is not sent again', async (status) => {
    answers({ status, body: '{}' })
    await expect(arm.put(PATH, {})).rejects.toThrow(Unavailable)
    await expect(arm.delete(PATH)).rejects.toThrow(Unavailable)
    expect(heard.map(({ method }) => method)).toEqual(['PUT', 'DELETE'])
  })

  test.each([SILENCE, HALF])(
    'that is never answered to its end may have been done, and is sent once (%i)',
    async (status) => {
      answers({ status })
      await expect(arm.put(PATH, {})).rejects.toThrow(Unavailable)
      expect(heard).toHaveLength(1)
    },
  )

  test.each<[Said, string]>([
    [{ status: 200, body: '{"id":1}' }, 'deleted'],
    [{ status: 204 }, 'gone'],
    [{ status: 404, body: '{"error":{"code":"ResourceGroupNotFound"}}' }, 'gone'],
  ])('a deletion answered %j: %s', async (said, outcome) => {
    answers(said)
    expect(await arm.delete(PATH)).toBe(outcome)
  })
})
