import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_ID, people, TENANT_ID } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'

let tenant: TenantProcess
let keys: ReturnType<typeof createRemoteJWKSet>

beforeAll(async () => {
  tenant = await spawnTenant()
  keys = createRemoteJWKSet(new URL(`${tenant.url}/${TENANT_ID}/discovery/v2.0/keys`))
})
afterAll(() => tenant.stop())

const verify = async (token: string) =>
  (
    await jwtVerify(token, keys, {
      issuer: `${tenant.url}/${TENANT_ID}/v2.0`,
      audience: CLIENT_ID,
      algorithms: ['RS256'],
    })
  ).payload

test('one call gives a token that verifies', async () => {
  const answer = await fetch(`${tenant.url}/token?as=ada`)
  expect(answer.headers.get('content-type')).toContain('text/plain')
  expect(await verify(await answer.text())).toMatchObject({
    oid: people.ada.id,
    tid: TENANT_ID,
    scp: 'access_as_user',
    ver: '2.0',
  })
})

test('a second factor and a client that understands challenges are had for the asking', async () => {
  expect(await verify(await tenant.token('ada', { mfa: 1, cp1: 1 }))).toMatchObject({
    acrs: ['c1'],
    xms_cc: ['cp1'],
  })
  expect((await verify(await tenant.token('ada', { acrs: 'c2,c3' }))).acrs).toEqual(['c2', 'c3'])
  expect(await verify(await tenant.token('ada'))).not.toHaveProperty('acrs')
})

test('the older shape names how one signed in', async () => {
  const claims = decodeJwt(await tenant.token('ada', { ver: '1.0', mfa: 1 }))
  expect(claims).toMatchObject({
    ver: '1.0',
    iss: `https://sts.windows.net/${TENANT_ID}/`,
    aud: `api://${CLIENT_ID}`,
    appid: CLIENT_ID,
    amr: ['pwd', 'mfa'],
  })
  expect(decodeJwt(await tenant.token('ada', { ver: '1.0' })).amr).toEqual(['pwd'])
})

test('nobody of that name is told with the names there are', async () => {
  const answer = await fetch(`${tenant.url}/token?as=eve`)
  expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('ada, grace, linus')])
  expect((await fetch(`${tenant.url}/token?as=ada&exp=soon`)).status).toBe(400)
})

describe('tokens for attacks', () => {
  test.each([
    ['expired', { exp: '-1h' }, 'ERR_JWT_EXPIRED'],
    ['for another audience', { aud: 'somebody-else' }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['of another issuer', { iss: 'https://evil.example' }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['signed with RS384', { alg: 'RS384' }, 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['signed with the public key as a secret', { alg: 'HS256' }, 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['not signed at all', { alg: 'none' }, 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['signed by a stranger', { key: 'other' }, 'ERR_JWKS_NO_MATCHING_KEY'],
    [
      'signed by a stranger under our key’s name',
      { key: 'impostor' },
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    ],
  ])('one %s', async (_, options, code) => {
    await expect(verify(await tenant.token('ada', options))).rejects.toMatchObject({ code })
  })

  test('one not yet valid, or with claims of one’s own', async () => {
    const claims = await verify(await tenant.token('ada', { set: { oid: people.alan.id, wids: ['x'] } }))
    expect(claims).toMatchObject({ oid: people.alan.id, wids: ['x'] })
    const nbf = Math.floor(Date.now() / 1000) + 3600
    await expect(verify(await tenant.token('ada', { set: { nbf } }))).rejects.toMatchObject({ claim: 'nbf' })
  })

  test('one without what identifies anybody', async () => {
    const claims = await verify(await tenant.token('ada', { omit: 'oid,tid' }))
    expect(claims).not.toHaveProperty('oid')
    expect(claims).not.toHaveProperty('tid')
  })

  test('one of an application', async () => {
    const claims = await verify(await tenant.token('reporting', { app: 1 }))
    expect(claims).toMatchObject({ idtyp: 'app', roles: ['Anything'] })
    expect(claims).not.toHaveProperty('scp')
  })

  test('of another tenant', async () => {
    expect(decodeJwt(await tenant.token('ada', { tid: 'other' })).tid).toBe('other')
    expect(decodeProtectedHeader(await tenant.token('ada', { alg: 'none' })).alg).toBe('none')
  })
})
