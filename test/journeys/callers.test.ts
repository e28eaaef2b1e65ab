import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../functions/routes/index.ts'
import { type Stack, startStack } from '../../local/stack.ts'
import type { Who } from '../../src/api/authority.ts'
import { isThorough } from '../support/daily.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack?.stop())

type Options = Record<string, string | number | boolean | object>
const NOBODY = '00000000-0000-4000-8000-00000000dead'
const as =
  (who: string, options: Options = {}) =>
  async () =>
    `Bearer ${await stack.tenant.token(who, options)}`

/** Who calls, and what they send to prove it. */
const CALLERS: [name: string, authorization: () => Promise<string | undefined>, kind: Kind][] = [
  ['nobody', async () => undefined, 'nobody'],
  ['an empty header', async () => '', 'nobody'],
  ['a name and a password', async () => 'Basic YWRhOnNlY3JldA==', 'nobody'],
  ['something malformed', async () => 'Bearer x.y.z', 'nobody'],
  ['two tokens', async () => `${await as('alan')()}, ${await as('alan')()}`, 'nobody'],
  ['a token that has expired', as('alan', { exp: '-1h' }), 'nobody'],
  ['a token not yet valid', as('alan', { set: { nbf: 4_000_000_000 } }), 'nobody'],
  ['a token for another audience', as('alan', { aud: 'https://graph.microsoft.com' }), 'nobody'],
  ['a token of another tenant', as('alan', { tid: NOBODY }), 'nobody'],
  ['a token of another issuer', as('alan', { iss: 'https://evil.example/v2.0' }), 'nobody'],
  ['a token nobody signed', as('alan', { alg: 'none' }), 'nobody'],
  ['a token signed with the public key as a secret', as('alan', { alg: 'HS256' }), 'nobody'],
  ['a token of a foreign key', as('alan', { key: 'other' }), 'nobody'],
  ['a token of a foreign key under our name', as('alan', { key: 'impostor' }), 'nobody'],
  ['an application', as('reporting', { app: true }), 'app'],
  ['somebody with no rights', as('mallory'), 'user'],
  [
    'somebody who claims rights in their token',
    as('mallory', { set: { wids: ['62e90394-69f5-4237-9190-012177145e10'] } }),
    'user',
  ],
  ['an approver', as('grace'), 'user'],
  ['one who may look on', as('dorothy'), 'reader'],
  ['an administrator', as('alan'), 'administrator'],
]
type Kind = 'nobody' | 'app' | Exclude<Who, 'anyone'>

/** The whole of who may: what a caller gets who must not, or undefined for one who may. */
const REFUSED: Record<Who, Record<Kind, number | undefined>> = {
  anyone: { nobody: undefined, app: undefined, user: undefined, reader: undefined, administrator: undefined },
  user: { nobody: 401, app: 403, user: undefined, reader: undefined, administrator: undefined },
  reader: { nobody: 401, app: 403, user: 403, reader: undefined, administrator: undefined },
  administrator: { nobody: 401, app: 403, user: 403, reader: 403, administrator: undefined },
}

/** What people may ask about themselves, or of what they own, only; here they ask about everybody. */
const ABOUT_ONESELF = [
  'auditList',
  'eligibilitiesList',
  'assignmentsList',
  'discoveryList',
  'incidentsList',
  'waitingList',
]

/** An address of each route with something in the place of every parameter; nothing that is there. */
const EXAMPLES: Record<string, string> = {
  '{id}': 'req-11111111000040008000000000000001-0kabcdefg0000000001',
  '{token}': 'no.token',
  '{roleDefinitionId}': NOBODY,
}
const listed = routes.flatMap((route) => route.methods.map((method) => ({ route, method })))

const KINDS = [...new Set(CALLERS.map(([, , kind]) => kind))]

/** Every day each route is called by one of each kind, the next route by the next of them; thoroughly by all. */
function callersOf(nth: number) {
  if (isThorough) return CALLERS
  return KINDS.flatMap((kind) => {
    const alike = CALLERS.filter(([, , its]) => its === kind)
    return alike.filter((_, i) => i === nth % alike.length)
  })
}

describe.each(listed.map((each, nth) => [`${each.method} ${each.route.path}`, each, nth] as const))(
  '%s',
  (_name, { route, method }, nth) => {
    test.each(callersOf(nth))(
      `is for: ${route.who}. Called with %s`,
      async (_caller, authorization, kind) => {
        const path = route.path.replaceAll(/\{\w+\}/g, (parameter) => EXAMPLES[parameter] ?? 'x')
        const header = await authorization()
        const answer = await fetch(`${stack.host.url}/api/${path}`, {
          method,
          redirect: 'manual',
          headers: {
            'content-type': 'application/json',
            ...(header !== undefined && { authorization: header }),
          },
          ...(route.body && { body: '{}' }),
        })
        const beyond = kind === 'user' && ABOUT_ONESELF.includes(route.name)
        const refused = beyond ? 403 : REFUSED[route.who][kind]
        if (refused) {
          expect(answer.status).toBe(refused)
          const { error } = (await answer.json()) as { error: { code: string; innerError: object } }
          expect(error.code).toBe(refused === 401 ? 'InvalidAuthenticationToken' : 'InsufficientPermissions')
          expect(error.innerError).toMatchObject({ 'request-id': expect.any(String) })
          expect(answer.headers.has('www-authenticate')).toBe(refused === 401)
        } else {
          // Admitted: what is wrong then is what was asked for, never who asks. (A page's own refusals are about its link.)
          expect([200, 201, 204, 302, 400, 404, 415]).toContain(answer.status)
          await answer.arrayBuffer()
        }
        expect(answer.headers.get('cache-control')).toBe('no-store')
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      },
    )
  },
)
