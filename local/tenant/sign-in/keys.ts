import { createPublicKey } from 'node:crypto'
import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, generateKeyPair, type JWK } from 'jose'

/** A private signing key as a JWK; the kid is its thumbprint, so that a restart never reuses one for another key. */
export type SigningKey = JWK & { kid: string }

export class KeyRing {
  /** The newest first: it is the one that signs. */
  keys: SigningKey[] = []
  /** A key that no JWKS ever shows. */
  stranger: SigningKey

  private constructor(first: SigningKey, stranger: SigningKey) {
    this.keys = [first]
    this.stranger = stranger
  }

  static async make(): Promise<KeyRing> {
    return new KeyRing(...(await Promise.all([makeKey(), makeKey()])))
  }

  get current(): SigningKey {
    return this.keys[0] as SigningKey
  }

  async rotate(drop: boolean): Promise<void> {
    const next = await makeKey()
    this.keys = drop ? [next] : [next, ...this.keys]
  }

  verifier() {
    return createLocalJWKSet({ keys: this.keys.map(publicPart) })
  }
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig' }
}

const publicPart = ({ kty, n, e, kid, use }: SigningKey): JWK => ({ kty, n, e, kid, use }) as JWK

/** What an attacker knows of the key, as the text that a careless verifier would take for a shared secret. */
export const publicPem = (key: SigningKey): string =>
  createPublicKey({ key: publicPart(key) as never, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString()
