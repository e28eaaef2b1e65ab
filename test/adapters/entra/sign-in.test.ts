import type { RequestListener } from 'node:http'
import { createServer as createSocket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { entraSignIn } from '../../../src/adapters/entra/sign-in.ts'
import { Unavailable } from '../../../src/ports.ts'
import { endpoint, listening } from '../../support/listening.ts'

const callback = new URL('https://interim.example/api/sign-in/callback')
const signInAt = (authority: string, patienceSeconds = 1) =>
  entraSignIn(
    { authority, tenantId: 't', clientId: 'c', scope: 's', clientSecret: undefined },
    callback.href,
    patienceSeconds,
  )

/** What comes of a sign-in that was begun here, with a code that the service is asked about. */
async function completed(authority: string): Promise<unknown> {
  const { complete, begin } = signInAt(authority)
  const { pending } = await begin('/api/digest', false)
  const back = new URL(callback)
  back.search = new URLSearchParams({ code: 'code', state: pending.state }).toString()
  return complete(back, pending).catch((error) => error)
}

const answering =
  (status: number, body: unknown): RequestListener =>
  (_, res) =>
    void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

describe('a sign-in service that is away', () => {
  test.each([
    ['answers 503', 503, {}],
    ['answers 500 with an error', 500, { error: 'server_error' }],
    ['wants fewer questions', 429, { error: 'temporarily_unavailable' }],
  ])('and %s has not refused anybody', async (_, status, body) => {
    expect(await completed(await endpoint('', answering(status, body)))).toBeInstanceOf(Unavailable)
  })
  test('and says nothing has not refused anybody', async () => {
    expect(await completed(await listening(createSocket(() => undefined)))).toBeInstanceOf(Unavailable)
  })
  test('and is not there has not refused anybody', async () => {
    expect(await completed('http://127.0.0.1:1')).toBeInstanceOf(Unavailable)
  })
})

test.each([
  ['a code that is not theirs', 400, { error: 'invalid_grant' }],
  ['no token of who they are', 200, { access_token: 'x', token_type: 'Bearer' }],
])('who comes back with %s has not signed in', async (_, status, body) => {
  const outcome = await completed(await endpoint('', answering(status, body)))
  expect(outcome).toBeInstanceOf(Error)
  expect(outcome).not.toBeInstanceOf(Unavailable)
})
