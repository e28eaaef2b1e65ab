import { request as send } from 'node:http'
import { beforeAll, describe, expect, test } from 'vitest'
import type { HostProcess } from '../../../local/host/spawn.ts'
import { startApp } from './support.ts'

let host: HostProcess
beforeAll(async () => {
  host = await startApp('http', { AzureWebJobsStorage: '' })
})
const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init)
type Echo = {
  fn: string
  method: string
  url: string
  params: Record<string, string>
  query: Record<string, string>
  headers: Record<string, string>
  length: number
}
const echo = async (path: string, init?: RequestInit) => (await (await call(path, init)).json()) as Echo

describe('routes', () => {
  test('are tried in the order of the names of their functions, not by how well they fit', async () => {
    expect((await echo('/api/order/fixed')).fn).toBe('q1')
    expect((await echo('/api/order/other')).fn).toBe('q2')
    expect((await echo('/api/w/a/b')).fn).toBe('wCatchAll')
  })

  test('fit only together with their method, so a later function may answer', async () => {
    expect((await echo('/api/w/a/b', { method: 'DELETE' })).fn).toBe('wSpecific')
  })

  test('have literals in any case and may end in a slash', async () => {
    expect((await echo('/API/iTEMS/7/')).params).toEqual({ id: '7', kind: 'plain' })
  })

  test.each([
    ['/api/items/-3/big', { id: '-3', kind: 'big' }],
    ['/api/optional/x', { a: 'x' }],
    ['/api/optional/x/y', { a: 'x', b: 'y' }],
    ['/api/w', {}],
    ['/api/w/1/2/3', { rest: '1/2/3' }],
    ['/api/files/report.pdf', { name: 'report', ext: 'pdf' }],
    ['/api/files/report', { name: 'report' }],
    ['/api/guid/8a0e1ef4a0b84a8f9f64f5a5a2f4d5a1', { id: '8a0e1ef4a0b84a8f9f64f5a5a2f4d5a1' }],
    ['/api/short/abc', { name: 'abc' }],
    ['/api/pattern/ab1', { code: 'ab1' }],
    ['/api/optional/a%20b%C3%A9/c%2Fd', { a: 'a bé', b: 'c%2Fd' }],
  ])('take %s apart, decoding all but an encoded slash', async (path, params) => {
    expect((await echo(path)).params).toEqual(params)
  })

  test.each(['/api/items/seven', '/api/guid/none', '/api/short/abcde', '/api/pattern/abc'])(
    'do not fit when a constraint fails: %s',
    async (path) => {
      expect((await call(path)).status).toBe(404)
    },
  )
})

describe('what no function answers', () => {
  test.each([
    ['an unknown route', '/api/nowhere', 'GET'],
    ['a method that is not listed', '/api/echo', 'PATCH'],
    ['HEAD on a function for GET', '/api/echo', 'HEAD'],
    ['OPTIONS, a preflight too', '/api/echo', 'OPTIONS'],
    ['a path without the prefix', '/echo', 'GET'],
  ])('is 404 without a body: %s', async (_, path, method) => {
    const answer = await call(path, { method })
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([404, '0', ''])
  })

  test('HEAD and OPTIONS work where they are listed', async () => {
    expect((await call('/api/headed', { method: 'HEAD' })).status).toBe(200)
    expect((await call('/api/headed', { method: 'OPTIONS' })).status).toBe(200)
  })

  test('the root is the home page of the host', async () => {
    expect((await call('/')).headers.get('content-type')).toContain('text/html')
  })
})

describe('a handler', () => {
  test.each([
    ['throws', 500, null, ''],
    ['returnsText', 500, null, ''],
    ['nothing', 204, null, ''],
    ['empty', 200, null, ''],
    ['created', 201, 'text/plain;charset=UTF-8', 'made'],
    ['json', 200, 'application/json', '{"a":1}'],
    ['buffer', 200, null, 'bytes'],
  ])('%s: %i, type %s, body "%s"', async (name, status, type, body) => {
    const answer = await call(`/api/${name}`)
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      status,
      type,
      body,
    ])
  })

  test('sets headers, and host.json adds its own to each answer', async () => {
    const { headers } = await call('/api/created')
    expect(headers.get('x-mine')).toBe('yes')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('sets cookies in the form of the real host, besides one given as a header', async () => {
    const { headers } = await call('/api/cookies')
    expect(headers.getSetCookie()).toEqual([
      'by=header',
      'a=v%201; max-age=60; domain=d.example; path=/; secure; samesite=lax; httponly',
      'gone=; path=/',
    ])
  })

  test('answers in chunks, without a length', async () => {
    expect((await call('/api/json')).headers.get('content-length')).toBeNull()
  })

  test('sees the address that was asked for, Host header included', async () => {
    const { url } = await echo('/api/echo?a=1')
    expect(url).toBe(`${host.url}/api/echo?a=1`)
  })

  test('sees several values of a name joined with a comma', async () => {
    const seen = await raw('/api/echo?a=1&a=2&b=x+y&c', { headers: { 'x-twice': ['a', 'b'] } })
    expect(seen.query).toEqual({ a: '1,2', b: 'x y', c: '' })
    expect(seen.headers['x-twice']).toBe('a,b')
  })

  test('sees a body with a length, and an empty one when it comes in chunks', async () => {
    expect((await echo('/api/echo', { method: 'POST', body: 'hello' })).length).toBe(5)
    const seen = await raw(
      '/api/echo',
      { method: 'POST', headers: { 'transfer-encoding': 'chunked' } },
      'hello',
    )
    expect(seen.length).toBe(0)
  })

  test('is not asked when the body is over 100 MB: 500, and the connection is closed', async () => {
    const status = await new Promise((answered) => {
      const request = send(`${host.url}/api/echo`, {
        method: 'POST',
        headers: { 'content-length': `${104_857_601}` },
      })
      request.on('response', (response) => {
        answered([response.statusCode, response.headers.connection])
        request.destroy()
      })
      request.on('error', () => undefined)
      request.flushHeaders()
    })
    expect(status).toEqual([500, 'close'])
  })

  test('runs inside the hooks of the app', async () => {
    expect(await (await call('/api/hooks')).json()).toEqual(['appStart', 'before', 'after'])
  })

  test('is open here whatever its level, as under Core Tools', async () => {
    expect((await call('/api/admins')).status).toBe(200)
  })
})

describe('the host itself', () => {
  test('answers under /admin', async () => {
    const ping = await call('/admin/host/ping')
    expect([ping.status, await ping.text()]).toEqual([200, ''])
    expect(await (await call('/admin/host/status')).json()).toMatchObject({ state: 'Running' })
    expect((await call('/admin/nothing')).status).toBe(404)
  })

  test('leaves the root to the app when the prefix is empty and the home page is off', async () => {
    const bare = await startApp('http', {
      AzureWebJobsStorage: '',
      AzureFunctionsJobHost__extensions__http__routePrefix: '',
      AzureWebJobsDisableHomepage: 'true',
    })
    expect((await fetch(`${bare.url}/echo`)).status).toBe(200)
    expect((await fetch(`${bare.url}/api/echo`)).status).toBe(404)
    expect((await fetch(`${bare.url}/`)).status).toBe(404)
  })

  test('turns requests away with 429 beyond maxOutstandingRequests', async () => {
    const busy = await startApp('http', {
      AzureWebJobsStorage: '',
      AzureFunctionsJobHost__extensions__http__maxOutstandingRequests: '3',
    })
    const answers = await Promise.all(Array.from({ length: 6 }, () => fetch(`${busy.url}/api/slow`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429, 429])
  })

  test('does not know a function that is disabled', async () => {
    const less = await startApp('http', { AzureWebJobsStorage: '', 'AzureWebJobs.echo.Disabled': 'true' })
    expect((await fetch(`${less.url}/api/echo`)).status).toBe(404)
  })

  test('lets a running request finish and runs the hooks of the end when it is asked to stop', async () => {
    const brief = await startApp('http', { AzureWebJobsStorage: '' })
    const answer = fetch(`${brief.url}/api/slow`)
    await fetch(`${brief.url}/api/echo`)
    await brief.stop()
    expect(await (await answer).text()).toBe('slept')
    expect(brief.output()).toContain('appTerminate ran')
  })
})

/** Requests that fetch would tidy up. */
function raw(path: string, options: object, body = ''): Promise<Echo> {
  return new Promise((answered, failed) => {
    const request = send(`${host.url}${path}`, options, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      answered(JSON.parse(text) as Echo)
    })
    request.on('error', failed)
    request.end(body)
  })
}
