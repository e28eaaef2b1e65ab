import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CLIENT_ID, people, servicePrincipals, TENANT_ID } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'
import { Browser, discover } from './browser.ts'

let tenant: TenantProcess
let config: oidc.Configuration

beforeAll(async () => {
  tenant = await spawnTenant()
  config = await discover(tenant.url)
})
beforeEach(() => tenant.control('POST', '/reset'))
afterAll(() => tenant.stop())

const redirect_uri = 'http://127.0.0.1:43210/api/sign-in/callback'
const scope = `openid profile offline_access api://${CLIENT_ID}/access_as_user`
const CLAIMS = JSON.stringify({
  access_token: { acrs: { essential: true, value: 'c1' }, xms_cc: { values: ['cp1'] } },
})

/** Starts signing in; `choose` is what the person does on the page. */
async function start(browser: Browser, more: Record<string, string> = {}) {
  const verifier = oidc.randomPKCECodeVerifier()
  const checks = {
    pkceCodeVerifier: verifier,
    expectedNonce: oidc.randomNonce(),
    expectedState: oidc.randomState(),
  }
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce: checks.expectedNonce,
    state: checks.expectedState,
    response_mode: 'query',
    ...more,
  })
  return { page: await browser.open(url), checks }
}

async function signIn(
  form: Record<string, string>,
  more: Record<string, string> = {},
  browser = new Browser(),
) {
  const { page, checks } = await start(browser, more)
  const back = await browser.open(page.url, form)
  return { tokens: await oidc.authorizationCodeGrant(config, back.url, checks), browser }
}

const verify = async (token: string) =>
  (
    await jwtVerify(token, createRemoteJWKSet(new URL(`${tenant.url}/${TENANT_ID}/discovery/v2.0/keys`)), {
      issuer: `${tenant.url}/${TENANT_ID}/v2.0`,
      audience: CLIENT_ID,
      algorithms: ['RS256'],
    })
  ).payload

test('discovery has Entra’s paths', () => {
  const base = `${tenant.url}/${TENANT_ID}`
  expect(config.serverMetadata()).toMatchObject({
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  })
})

describe('signing in with a code and PKCE', () => {
  test('gives an ID token and an access token as Entra writes them', async () => {
    const { tokens } = await signIn({ person: 'ada' })
    expect(tokens.claims()).toMatchObject({
      oid: people.ada.id,
      tid: TENANT_ID,
      name: 'Ada Lovelace',
      preferred_username: 'ada@contoso.example',
      ver: '2.0',
      aud: CLIENT_ID,
    })
    const access = await verify(tokens.access_token)
    expect(access).toMatchObject({
      oid: people.ada.id,
      tid: TENANT_ID,
      scp: 'access_as_user',
      azp: CLIENT_ID,
      ver: '2.0',
    })
    expect(access.sub).toBe(tokens.claims()?.sub)
    expect(access.sub).not.toBe(people.ada.id)
    expect((access.exp ?? 0) - (access.iat ?? 0)).toBe(75 * 60)
    for (const none of ['acrs', 'xms_cc', 'amr', 'roles']) expect(access).not.toHaveProperty(none)
    expect(tokens.scope).toContain('access_as_user')
  })

  test('the page lists the people, and a hint moves somebody to the top but does not sign in', async () => {
    const { page } = await start(new Browser(), { login_hint: 'margaret' })
    expect([page.status, page.url.pathname]).toEqual([200, expect.stringContaining('/choose/')])
    const order = [...page.text.matchAll(/value="(\w+)"/g)].map((m) => m[1])
    expect(order.slice(0, 2)).toEqual(['margaret', 'ada'])
    expect(page.text).toContain('value="margaret" class="hinted" autofocus')
    expect(page.text).toMatch(/value="ken" disabled/)
    expect(page.text).not.toContain('checked')
  })

  test('a demanded authentication context needs the second factor, and is in the token', async () => {
    const browser = new Browser()
    const { page, checks } = await start(browser, { claims: CLAIMS })
    expect(page.text).toContain('name="mfa" checked')
    const refused = await browser.open(page.url, { person: 'ada' })
    expect(refused.text).toContain('AADSTS50076')
    const back = await browser.open(page.url, { person: 'ada', mfa: 'on' })
    const tokens = await oidc.authorizationCodeGrant(config, back.url, checks)
    expect(await verify(tokens.access_token)).toMatchObject({ acrs: ['c1'], xms_cc: ['cp1'] })
  })

  test('a second factor that nobody demanded leaves no trace', async () => {
    const { tokens } = await signIn({ person: 'ada', mfa: 'on' })
    expect(await verify(tokens.access_token)).not.toHaveProperty('acrs')
  })

  test('in one browser one may be Ada and then Grace', async () => {
    const { browser } = await signIn({ person: 'ada' })
    const { tokens } = await signIn({ person: 'grace' }, {}, browser)
    expect(tokens.claims()?.oid).toBe(people.grace.id)
  })

  test('without a prompt it works for who is signed in, and not for who would need a second factor', async () => {
    const { browser } = await signIn({ person: 'ada' })
    const silent = await start(browser, { prompt: 'none' })
    const tokens = await oidc.authorizationCodeGrant(config, silent.page.url, silent.checks)
    expect(tokens.claims()?.oid).toBe(people.ada.id)
    const stepUp = await start(browser, { prompt: 'none', claims: CLAIMS })
    expect(stepUp.page.url.searchParams.get('error')).toBe('interaction_required')
    const stranger = await start(new Browser(), { prompt: 'none' })
    expect(stranger.page.url.searchParams.get('error')).toBe('login_required')
  })

  test('a refresh token is given to who asks for it, and ends with the account', async () => {
    const { tokens } = await signIn({ person: 'ada' })
    const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect((await verify(fresh.access_token)).oid).toBe(people.ada.id)
    await tenant.control('PATCH', '/people/ada', { accountEnabled: false })
    await expect(oidc.refreshTokenGrant(config, fresh.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    const { tokens: without } = await signIn(
      { person: 'grace' },
      { scope: `openid api://${CLIENT_ID}/.default` },
    )
    expect(without.refresh_token).toBeUndefined()
  })

  test('a disabled account is not let in', async () => {
    const browser = new Browser()
    const { page } = await start(browser)
    expect((await browser.open(page.url, { person: 'ken' })).text).toContain('AADSTS50057')
  })

  test('who does not want to sign in is sent back with an error', async () => {
    const browser = new Browser()
    const { page } = await start(browser)
    const back = await browser.open(page.url, { refuse: '1' })
    expect(back.url.searchParams.get('error')).toBe('access_denied')
  })

  test('a code works once, and only with its verifier', async () => {
    const browser = new Browser()
    const { page, checks } = await start(browser)
    const back = await browser.open(page.url, { person: 'ada' })
    const wrong = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }
    await expect(oidc.authorizationCodeGrant(config, back.url, wrong)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    await oidc.authorizationCodeGrant(config, back.url, checks)
    await expect(oidc.authorizationCodeGrant(config, back.url, checks)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  test.each([
    ['http://localhost:7071/api/sign-in/callback', 200],
    ['http://127.0.0.1:7071/elsewhere', 400],
    ['http://evil.example/api/sign-in/callback', 400],
    ['http://127.0.0.1:80@evil.example/api/sign-in/callback', 400],
  ])('the redirect address %s is answered %d', async (uri, status) => {
    const { page } = await start(new Browser(), { redirect_uri: uri })
    expect(page.status).toBe(status)
  })

  test('signing out leads back to the app', async () => {
    const { tokens, browser } = await signIn({ person: 'ada' })
    const url = oidc.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'http://127.0.0.1:43210/',
    })
    expect((await browser.open(url)).status).toBe(200)
  })
})

describe('the app on its own behalf', () => {
  test('gets a token for Graph with the permissions it was given', async () => {
    const { access_token } = await oidc.clientCredentialsGrant(config, {
      scope: 'https://graph.microsoft.com/.default',
    })
    const [, claims] = access_token.split('.')
    expect(JSON.parse(Buffer.from(claims ?? '', 'base64url').toString())).toMatchObject({
      aud: 'https://graph.microsoft.com',
      idtyp: 'app',
      oid: servicePrincipals.interim.id,
      roles: expect.arrayContaining(['RoleManagement.ReadWrite.Directory']),
    })
  })

  test('with a wrong secret gets nothing', async () => {
    const wrong = await discover(tenant.url, { secret: 'a wrong secret' })
    await expect(
      oidc.clientCredentialsGrant(wrong, { scope: 'https://graph.microsoft.com/.default' }),
    ).rejects.toMatchObject({ error: 'invalid_client', status: 401 })
  })
})

describe('keys', () => {
  test('a new key signs, an old one still verifies until it is dropped', async () => {
    const before = await tenant.token('ada')
    const { kids } = await tenant.control('POST', '/keys/rotate')
    expect(kids).toHaveLength(2)
    expect((await verify(before)).oid).toBe(people.ada.id)
    expect((await verify((await signIn({ person: 'ada' })).tokens.access_token)).oid).toBe(people.ada.id)
    await tenant.control('POST', '/keys/rotate', { drop: true })
    await expect(verify(before)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
    expect((await verify(await tenant.token('ada'))).oid).toBe(people.ada.id)
    config = await discover(tenant.url)
  })
})

describe('a year later', () => {
  test.each([365 * 86_400_000, -30 * 86_400_000])(
    'with the clock moved %d ms, tokens are valid by it',
    async (offset) => {
      await tenant.control('PUT', '/clock', { offset })
      try {
        config = await discover(tenant.url, { skew: Math.round(offset / 1000) })
        const { tokens } = await signIn({ person: 'ada', mfa: 'on' }, { claims: CLAIMS })
        const currentDate = new Date(Date.now() + offset)
        const keys = createRemoteJWKSet(new URL(`${tenant.url}/${TENANT_ID}/discovery/v2.0/keys`))
        for (const token of [tokens.access_token, await tenant.token('ada')]) {
          const { payload } = await jwtVerify(token, keys, { currentDate })
          expect(Math.abs((payload.iat ?? 0) - currentDate.getTime() / 1000)).toBeLessThan(10)
          await expect(
            jwtVerify(token, keys, { currentDate: new Date(currentDate.getTime() + 76 * 60_000) }),
          ).rejects.toThrow('exp')
        }
      } finally {
        await tenant.control('PUT', '/clock', { offset: 0 })
        config = await discover(tenant.url)
      }
    },
  )
})
