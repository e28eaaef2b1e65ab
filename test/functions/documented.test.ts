import { expect, test } from 'vitest'
import { undocumented } from '../support/documented.ts'

const json = new Headers({ 'content-type': 'application/json' })
const html = new Headers({ 'content-type': 'text/html; charset=utf-8' })
const health = { status: 'healthy', pastDue: 0, unswept: 0, undelivered: 0, throughAt: null }
const error = { code: 'X', message: 'x', innerError: { date: '', 'request-id': '', 'client-request-id': '' } }

test.each<[string, string, string, number, Headers, unknown]>([
  ['what is as documented', 'GET', '/api/health?x=1', 200, json, health],
  ['a refusal', 'GET', '/api/requests/x', 404, json, { error }],
  ['an accident', 'POST', '/api/requests', 500, json, { error }],
  ['a page', 'GET', '/api/digest', 200, html, '<p>'],
  ['a refusal on a page', 'GET', '/api/approve/x', 404, html, '<p>'],
  ['a form that is none', 'POST', '/api/approve/x', 415, html, '<p>'],
  ['a way to the sign-in', 'GET', '/api/sign-in', 302, new Headers(), null],
  ['nothing', 'DELETE', '/api/eligibilities/x', 204, new Headers(), null],
  ['what no function of ours answers', 'PUT', '/api/health', 404, new Headers(), null],
])('%s is documented', (_what, method, address, status, headers, body) =>
  expect(undocumented(method, address, { status, headers, body })).toBeNull(),
)

test.each<[string, string, string, number, Headers, unknown]>([
  ['a field too many', 'GET', '/api/health', 200, json, { ...health, more: 1 }],
  ['a field too few', 'GET', '/api/health', 200, json, { ...health, pastDue: undefined }],
  ['a field of another kind, deep down', 'GET', '/api/requests', 200, json, { value: [{ id: 5 }] }],
  ['another status', 'GET', '/api/health', 202, json, health],
  ['another kind of body', 'GET', '/api/health', 200, html, '<p>'],
])('%s is not', (_what, method, address, status, headers, body) =>
  expect(undocumented(method, address, { status, headers, body })).toMatch(/^GET \/api/),
)
