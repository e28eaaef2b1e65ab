import { createHash, randomBytes } from 'node:crypto'
import type { Person, ServicePrincipal } from '../directory/model.ts'
import { CLIENT_ID, GRAPH, TENANT_ID } from '../seed.ts'

export const LIFETIME = 75 * 60
export const API = `api://${CLIENT_ID}`
export const SCOPE = 'access_as_user'

export type Claims = Record<string, unknown>
export type Context = { acrs?: string[]; cp1?: boolean; mfa?: boolean }

export const issuer = (origin: string) => `${origin}/${TENANT_ID}/v2.0`

/** Another one for every application, as Entra's is: nobody should key people by it. */
export const pairwise = (oid: string, clientId: string = CLIENT_ID) =>
  createHash('sha256').update(`${TENANT_ID}/${clientId}/${oid}`).digest('base64url')

const lifetime = () => {
  const now = Math.floor(Date.now() / 1000)
  return { iat: now, nbf: now, exp: now + LIFETIME }
}

/** A person's access token for the API, as Entra v2 writes it. There is no amr in it. */
export const userClaims = (origin: string, who: Person, { acrs, cp1 }: Context = {}): Claims => ({
  aud: CLIENT_ID,
  iss: issuer(origin),
  ...lifetime(),
  ...(acrs?.length && { acrs }),
  azp: CLIENT_ID,
  azpacr: '1',
  name: who.displayName,
  oid: who.id,
  preferred_username: who.userPrincipalName,
  scp: SCOPE,
  sub: pairwise(who.id),
  tid: TENANT_ID,
  uti: randomBytes(16).toString('base64url'),
  ver: '2.0',
  ...(cp1 && { xms_cc: ['cp1'] }),
})

/** The same in the older shape, which names how one signed in. */
export const userClaimsV1 = (who: Person, { acrs, cp1, mfa }: Context = {}): Claims => ({
  aud: API,
  iss: `https://sts.windows.net/${TENANT_ID}/`,
  ...lifetime(),
  acr: '1',
  ...(acrs?.length && { acrs }),
  amr: mfa ? ['pwd', 'mfa'] : ['pwd'],
  appid: CLIENT_ID,
  appidacr: '1',
  family_name: who.surname,
  given_name: who.givenName,
  name: who.displayName,
  oid: who.id,
  scp: SCOPE,
  sub: pairwise(who.id),
  tid: TENANT_ID,
  unique_name: who.userPrincipalName,
  upn: who.userPrincipalName,
  uti: randomBytes(16).toString('base64url'),
  ver: '1.0',
  ...(cp1 && { xms_cc: ['cp1'] }),
})

/** An application on its own behalf: no person, no scp. */
export const appClaims = (origin: string, app: ServicePrincipal, aud: string, roles?: string[]): Claims => ({
  aud,
  iss: issuer(origin),
  ...lifetime(),
  azp: app.appId,
  azpacr: '1',
  idtyp: 'app',
  oid: app.id,
  ...(roles?.length && { roles }),
  sub: app.id,
  tid: TENANT_ID,
  uti: randomBytes(16).toString('base64url'),
  ver: '2.0',
  ...(aud === GRAPH && { appid: app.appId, app_displayname: app.displayName }),
})
