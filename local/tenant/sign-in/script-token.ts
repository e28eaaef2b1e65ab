import { importJWK, SignJWT } from 'jose'
import { personNamed, principalNamed } from '../directory/names.ts'
import type { Answer, Call } from '../http.ts'
import { AUTHENTICATION_CONTEXT, CLIENT_ID, GRAPH } from '../seed.ts'
import type { Tenant } from '../tenant.ts'
import { API, appClaims, type Claims, LIFETIME, userClaims, userClaimsV1 } from './claims.ts'
import { publicPem, type SigningKey } from './keys.ts'

/** `GET /token?as=ada`: an access token for the API in one call, good or deliberately bad. */
export async function scriptToken(call: Call, tenant: Tenant): Promise<Answer> {
  const { query } = call
  const claims = query.get('app') ? claimsOfApp(query, tenant) : claimsOfPerson(query, tenant)
  for (const name of ['aud', 'tid', 'iss']) if (query.has(name)) claims[name] = query.get(name)
  if (query.has('exp')) expire(claims, query.get('exp') ?? '')
  for (const name of (query.get('omit') ?? '').split(',')) delete claims[name]
  Object.assign(claims, JSON.parse(query.get('set') ?? '{}'))
  const text = await sign(claims, query.get('alg') ?? 'RS256', query.get('key') ?? '', tenant)
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
    body: text,
  }
}

function claimsOfPerson(query: URLSearchParams, { directory, origin }: Tenant): Claims {
  const who = personNamed(directory, query.get('as') ?? '')
  const mfa = query.get('mfa') === '1'
  const asked = query.get('acrs')?.split(',').filter(Boolean)
  const context = { mfa, cp1: query.get('cp1') === '1', acrs: asked ?? (mfa ? [AUTHENTICATION_CONTEXT] : []) }
  // The older shape has amr for it, and no context unless one was asked for.
  if (query.get('ver') === '1.0') return userClaimsV1(who, { ...context, acrs: asked ?? [] })
  return userClaims(origin, who, context)
}

function claimsOfApp(query: URLSearchParams, { directory, origin }: Tenant): Claims {
  const { id } = principalNamed(directory, query.get('as') ?? 'reporting')
  const app = directory.servicePrincipals.get(id) ?? [...directory.servicePrincipals.values()][0]
  if (!app) throw new Error('There is no application left.')
  const aud = query.get('aud') ?? (query.get('ver') === '1.0' ? API : CLIENT_ID)
  return appClaims(origin, app, aud, aud === GRAPH ? app.permissions : ['Anything'])
}

/** `-1h` is an hour ago, `5m` in five minutes; the token was issued a lifetime before. */
function expire(claims: Claims, text: string): void {
  const [, sign, amount, unit = ''] = /^([+-]?)(\d+)([smhd])$/.exec(text.trim()) ?? []
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit]
  if (seconds === undefined) throw new Error(`exp must be like -1h, 5m, 30s or 2d, not “${text}”.`)
  const now = Math.floor(Date.now() / 1000)
  const exp = now + (sign === '-' ? -1 : 1) * Number(amount) * seconds
  const iat = Math.min(now, exp - LIFETIME)
  Object.assign(claims, { exp, iat, nbf: iat })
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function sign(claims: Claims, alg: string, key: string, { keys }: Tenant): Promise<string> {
  const by: SigningKey = key === 'other' || key === 'impostor' ? keys.stranger : keys.current
  const kid = key === 'impostor' ? keys.current.kid : by.kid
  if (alg === 'none') return `${part({ typ: 'JWT', alg })}.${part(claims)}.`
  // The old confusion: what is public, taken for a shared secret.
  const secret = alg.startsWith('HS') ? new TextEncoder().encode(publicPem(by)) : await importJWK(by, alg)
  return new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg, kid }).sign(secret)
}
