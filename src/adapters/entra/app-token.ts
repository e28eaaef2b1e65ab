import { Unavailable } from '../../ports.ts'
import { managedIdentity } from '../managed-identity.ts'

/** A source of app tokens for one resource. `forget` after the resource has refused one. */
export type TokenSource = { get(): Promise<string>; forget(): void }

type Secret = { authority: string; tenantId: string; clientId: string; clientSecret: string }

/** With a client secret, by the client credentials grant of our tenant. `now` is in milliseconds. */
export function secretTokens(secret: Secret, scope: string, now: () => number): TokenSource {
  return cached(now, async () => {
    const answer = await fetch(`${secret.authority}/${secret.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: secret.clientId,
        client_secret: secret.clientSecret,
        scope,
      }),
      signal: AbortSignal.timeout(15_000),
    })
    if (!answer.ok) throw new Unavailable(`The sign-in service gave no app token (${answer.status}).`)
    const { access_token, expires_in } = (await answer.json()) as { access_token: string; expires_in: number }
    return { token: access_token, expiresAt: now() + expires_in * 1000 }
  })
}

/** With the managed identity of the function app, or the one named by its client id. */
export function managedIdentityTokens(
  clientId: string | undefined,
  scope: string,
  now: () => number,
): TokenSource {
  const credential = managedIdentity(clientId)
  return cached(now, async () => {
    const { token, expiresOnTimestamp } = await credential.getToken(scope)
    return { token, expiresAt: expiresOnTimestamp }
  })
}

function cached(
  now: () => number,
  fetchToken: () => Promise<{ token: string; expiresAt: number }>,
): TokenSource {
  let current: Promise<{ token: string; expiresAt: number }> | undefined
  return {
    async get() {
      const held = await current?.catch(() => undefined)
      if (!held || held.expiresAt - 60_000 < now()) {
        current = fetchToken()
        current.catch(() => undefined)
      }
      try {
        return (await (current as Promise<{ token: string }>)).token
      } catch (error) {
        throw error instanceof Unavailable ? error : new Unavailable(`No app token could be had: ${error}`)
      }
    },
    forget() {
      current = undefined
    },
  }
}
