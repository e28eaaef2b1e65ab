import { describe, expect, test } from 'vitest'
import { openApi } from '../../functions/openapi.ts'
import { routes } from '../../functions/routes/index.ts'

type Operation = {
  operationId: string
  security: object[]
  parameters?: { name: string; in: string; required?: boolean; schema: { description?: string } }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>
}
const document = JSON.parse(JSON.stringify(openApi(routes, 'https://interim.example'))) as {
  openapi: string
  info: { title: string; version: string }
  servers: { url: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object>; securitySchemes: object }
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)
const listed = routes.flatMap((route) =>
  route.methods.map((method) => ({ route, method, path: `/api/${route.path}` })),
)

describe('the table of routes', () => {
  test('is not empty', () => expect(routes.length).toBeGreaterThan(12))

  /** Two templates overlap when every segment of the one may be a segment of the other. */
  const overlap = (a: string, b: string) => {
    const [left, right] = [a.toLowerCase().split('/'), b.toLowerCase().split('/')]
    const free = (segment = '') => segment.startsWith('{')
    const greedy = [left, right].some((segments) => segments.at(-1)?.startsWith('{*'))
    if (left.length !== right.length && !greedy) return false
    return left
      .slice(0, Math.min(left.length, right.length))
      .every((segment, index) => segment === right[index] || free(segment) || free(right[index]))
  }
  test.each([
    ['requests', 'requests/{id}', false],
    ['requests/{id}', 'requests/cancel', true],
    ['requests/{id}/cancel', 'requests/{id}', false],
    ['requests/{id}', 'Requests/{other}', true],
    ['{*path}', 'requests/{id}', true],
  ])('%s and %s overlap: %s', (a, b, expected) => expect(overlap(a, b)).toBe(expected))

  test('no two overlap for one method, whatever their names', () => {
    const clashes = listed.flatMap((a, index) =>
      listed
        .slice(index + 1)
        .filter((b) => a.method === b.method && overlap(a.route.path, b.route.path))
        .map((b) => `${a.method} ${a.route.path} and ${b.route.path}`),
    )
    expect(clashes).toEqual([])
  })

  test('says for each parameter of a path what it may be', () => {
    for (const { path, params, name } of routes) {
      const named = [...path.matchAll(/\{\*?(\w+)\??\}/g)].map(([, parameter]) => parameter)
      expect([name, Object.keys(params?.shape ?? {})]).toEqual([name, named])
    }
  })

  test('bodies are taken by methods that have one', () => {
    for (const { body, methods, name } of routes)
      if (body)
        expect([name, methods.every((method) => ['POST', 'PUT', 'PATCH'].includes(method))]).toEqual([
          name,
          true,
        ])
  })

  test('whoever may call without a token changes nothing by GET', () => {
    for (const { who, methods, name } of routes)
      if (who === 'anyone' && methods.includes('POST'))
        expect(['approveDecide', 'digestUnsubscribe']).toContain(name)
  })
})

describe('the OpenAPI document', () => {
  test('is of version 3.1, with a title, a version and a server', () => {
    expect(document).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\.\d$/),
      info: { title: 'Interim' },
      servers: [{ url: 'https://interim.example' }],
    })
  })

  test('is made once a process, for whoever asks for it again and again needs no token', async () => {
    const { handle } = routes.find(({ name }) => name === 'openapi') as (typeof routes)[number]
    const call = { app: { publicUrl: 'https://interim.example' } } as unknown as Parameters<typeof handle>[0]
    expect((await handle(call)).jsonBody).toBe((await handle(call)).jsonBody)
  })

  test('has every route and method, and nothing else', () => {
    const keys = (list: { method: string; path: string }[]) =>
      list.map(({ method, path }) => `${method} ${path}`).sort()
    expect(keys(operations)).toEqual(keys(listed))
  })

  test('gives every operation a name of its own', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(ids.length).toBe(new Set(ids).size)
  })

  test.each(listed.map((each) => [`${each.method} ${each.path}`, each] as const))(
    '%s: who, what in and what out',
    (_name, { route, method, path }) => {
      const operation = document.paths[path]?.[method.toLowerCase()] as Operation
      expect(operation.security).toEqual(route.who === 'anyone' ? [] : [{ entra: [] }])
      const parameters = (where: string) =>
        (operation.parameters ?? [])
          .filter((each) => each.in === where)
          .map(({ name }) => name)
          .sort()
      expect(parameters('path')).toEqual(Object.keys(route.params?.shape ?? {}).sort())
      expect(parameters('query')).toEqual(Object.keys(route.query?.shape ?? {}).sort())
      expect(Boolean(operation.requestBody?.content['application/json'])).toBe(Boolean(route.body))
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(Object.keys(route.answers)))
      for (const [status, answer] of Object.entries(route.answers)) {
        const response = operation.responses[status]
        expect(response?.description).toBe(answer.description)
        if (answer.body) expect(response?.content?.['application/json']?.schema).toBeDefined()
        if (answer.html) expect(response?.content?.['text/html']).toBeDefined()
      }
    },
  )

  test('refers only to what is in it', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name as string,
    )
    expect(references.length).toBeGreaterThan(5)
    expect(references.filter((name) => !(name in document.components.schemas))).toEqual([])
  })

  test('has no parameter that is not in its path, and requires those that are', () => {
    for (const { path, operation } of operations)
      for (const parameter of operation.parameters ?? [])
        if (parameter.in === 'path')
          expect([path.includes(`{${parameter.name}}`), parameter.required]).toEqual([true, true])
  })

  test('says what is answered to bodies that are too large or no JSON, where there are bodies', () => {
    for (const { operation } of operations) {
      const [said, takes] = [Object.keys(operation.responses), Boolean(operation.requestBody)]
      if (!said.includes('400')) continue // a page
      expect(said).toContain('502')
      expect(['413', '415'].map((status) => said.includes(status))).toEqual([takes, takes])
    }
  })

  test('says of every scope in a query what it may be', () => {
    for (const { path, operation } of operations)
      for (const { name, schema } of operation.parameters ?? [])
        if (name === 'scope') expect([path, schema.description]).toEqual([path, expect.stringMatching(/./)])
  })
})
