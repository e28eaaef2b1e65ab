import { createHash, randomBytes } from 'node:crypto'
import type { Secrets } from '../ports.ts'

/** A hash without salt is enough for what is random all over: nobody can try 2^256 of them. */
export const randomSecrets: Secrets = {
  make: () => randomBytes(32).toString('base64url'),
  hash: (secret) => createHash('sha256').update(secret).digest('base64url'),
}
