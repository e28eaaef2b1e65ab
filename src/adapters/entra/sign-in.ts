import * as oidc from 'openid-client'
import type { Actor } from '../../domain/person.ts'
import { Unavailable } from '../../ports.ts'
import type { Entra } from './caller.ts'

/** What a browser must bring back from the sign-in that it began. */
export type Pending = { state: string; nonce: string; verifier: string; returnTo: string }

export interface SignIn {
  /** `asAnother`: whoever is signed in here already is asked who they are, instead of being taken for the same again. */
  begin(returnTo: string, asAnother: boolean): Promise<{ location: string; pending: Pending }>
  /** Who has signed in. Throws `Unavailable` when the sign-in service is away; any other error: they have not. */
  complete(callback: URL, pending: Pending): Promise<Actor>
}

/** Sign-in for the pages: OpenID Connect, authorization code with PKCE. The addresses are Entra's: nothing to discover. */
export function entraSignIn(
  entra: Entra & { clientSecret: string | undefined },
  redirectUri: string,
  patienceSeconds = 15,
): SignIn {
  const base = `${entra.authority}/${entra.tenantId}`
  const server: oidc.ServerMetadata = {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  }
  const method = entra.clientSecret ? oidc.ClientSecretPost(entra.clientSecret) : oidc.None()
  const config = new oidc.Configuration(server, entra.clientId, { [oidc.clockTolerance]: 60 }, method)
  config.timeout = patienceSeconds
  if (base.startsWith('http://')) oidc.allowInsecureRequests(config)

  return {
    async begin(returnTo, asAnother) {
      const pending = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
        returnTo,
      }
      const location = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid profile',
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
        response_mode: 'query',
        ...(asAnother && { prompt: 'select_account' }),
      })
      return { location: location.href, pending }
    },

    async complete(callback, { state, nonce, verifier }) {
      const address = new URL(redirectUri)
      address.search = callback.search
      const tokens = await oidc
        .authorizationCodeGrant(config, address, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        .catch((error) => {
          throw isOutage(error) ? new Unavailable('The sign-in service does not answer.') : error
        })
      const claims = tokens.claims()
      if (claims?.tid !== entra.tenantId || typeof claims.oid !== 'string')
        throw new Error('not of this tenant')
      return {
        id: claims.oid.toLowerCase(),
        displayName: typeof claims.name === 'string' ? claims.name : claims.oid,
      }
    },
  }
}

/** No connection, no answer in time, or one that says so: nobody has been refused. */
function isOutage(error: unknown): boolean {
  const { code, status, cause } = error as { code?: string; status?: number; cause?: { status?: number } }
  const answered = status ?? cause?.status ?? 0
  return error instanceof TypeError || code === 'OAUTH_TIMEOUT' || answered === 429 || answered >= 500
}
