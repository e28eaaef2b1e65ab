import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { GUID } from '../../domain/role.ts'
import { type Caller, Unavailable } from '../../ports.ts'

export type Entra = { authority: string; tenantId: string; clientId: string; scope: string }

/** Why a token does not tell us who calls. */
export class NotAuthenticated extends Error {
  override name = 'NotAuthenticated'
}

const OBJECT_ID = new RegExp(`^${GUID}$`)
const SKEW_SECONDS = 60

/**
 * Reads Entra access tokens, v1 and v2: signature (RS256 by the tenant's keys), issuer, audience, tenant, lifetime. People
 * are known by `oid`, never by name or mail. Throws `NotAuthenticated`; `Unavailable` when the keys cannot be had.
 */
export function callerReader({
  authority,
  tenantId,
  clientId,
  scope,
}: Entra): (bearer: string) => Promise<Caller> {
  const keys = createRemoteJWKSet(new URL(`${authority}/${tenantId}/discovery/v2.0/keys`), {
    timeoutDuration: 5000,
    cacheMaxAge: 3_600_000,
  })
  const expected = {
    algorithms: ['RS256'],
    issuer: [`${authority}/${tenantId}/v2.0`, `https://sts.windows.net/${tenantId}/`],
    audience: [clientId, `api://${clientId}`],
    clockTolerance: SKEW_SECONDS,
    requiredClaims: ['exp', 'nbf', 'iat', 'oid', 'tid'],
  }

  return async (bearer) => {
    let claims: JWTPayload
    try {
      claims = (await jwtVerify(bearer, keys, expected)).payload
    } catch (error) {
      if (isOutage(error))
        throw new Unavailable('The keys of the sign-in service cannot be read at the moment.')
      throw new NotAuthenticated(error instanceof Error ? error.message : 'not a token')
    }
    if (typeof claims.aud !== 'string')
      throw new NotAuthenticated('a token for several audiences is not for us')
    if (claims.tid !== tenantId) throw new NotAuthenticated('the token is of another tenant')
    if (typeof claims.oid !== 'string' || !OBJECT_ID.test(claims.oid))
      throw new NotAuthenticated('"oid" is not an object id')
    return asCaller(claims, scope)
  }
}

/** Their keys, not the token: the fetch failed, timed out, or did not answer with a key set. */
function isOutage(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout) return true
  if (!(error instanceof errors.JOSEError)) return true
  return error.code === 'ERR_JOSE_GENERIC' && /JSON Web Key Set|HTTP response/i.test(error.message)
}

function asCaller(claims: JWTPayload, scope: string): Caller {
  const scopes = typeof claims.scp === 'string' ? claims.scp.split(' ') : []
  const isApp = claims.idtyp === 'app' || scopes.length === 0
  if (!isApp && !scopes.includes(scope)) throw new NotAuthenticated(`the token lacks the scope ${scope}`)
  return {
    id: (claims.oid as string).toLowerCase(),
    displayName: typeof claims.name === 'string' ? claims.name : (claims.oid as string),
    kind: isApp ? 'app' : 'user',
    proof: { mfa: texts(claims.amr).includes('mfa'), contexts: texts(claims.acrs) },
    canAnswerClaims: texts(claims.xms_cc).some((capability) => capability.toLowerCase() === 'cp1'),
  }
}

function texts(claim: unknown): string[] {
  if (typeof claim === 'string') return [claim]
  return Array.isArray(claim) ? claim.filter((each) => typeof each === 'string') : []
}
