import { CompactEncrypt, compactDecrypt } from 'jose'
import type { Target } from '../../domain/webhook.ts'
import type { Courier } from '../../ports.ts'
import { derived, type Keys } from '../links.ts'
import type { Resolve } from '../outside/addresses.ts'
import { post } from './post.ts'
import { newSecret, signatureHeaders } from './signature.ts'

export type CourierOptions = {
  keys: Keys
  /** Hosts that may be in any network, and be called without TLS where they are this very machine. */
  allowedHosts: readonly string[]
  now: () => number
  patienceMs?: number
  resolve?: Resolve
}

/** As many as may be on their way to one webhook at once: one that hangs does not keep others waiting. */
const AT_ONCE = 4

/** Signs and sends; keeps addresses and secrets sealed with keys made of those that links are signed with. */
export function httpCourier({
  keys,
  allowedHosts,
  now,
  patienceMs = 10_000,
  resolve,
}: CourierOptions): Courier {
  const onTheirWay = new Map<string, number>()
  const keyOf = (key: string) => derived(key, 'webhook target')

  return {
    newSecret,

    seal: (target) =>
      new CompactEncrypt(new TextEncoder().encode(JSON.stringify(target)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(keyOf(keys[0])),

    async open(sealed) {
      for (const [index, key] of keys.entries()) {
        const opened = await compactDecrypt(sealed, keyOf(key)).catch(() => undefined)
        if (!opened) continue
        const target = JSON.parse(new TextDecoder().decode(opened.plaintext)) as Target
        return { target, isCurrent: index === 0 }
      }
      return undefined
    },

    async post({ url, secrets }, { webhookId, id, contentType, body, at }) {
      const count = onTheirWay.get(webhookId) ?? 0
      if (count >= AT_ONCE) return { verdict: 'busy', reason: 'Too many are on their way to it.' }
      onTheirWay.set(webhookId, count + 1)
      try {
        const signed = signatureHeaders(
          id,
          at,
          body,
          secrets.map(({ secret }) => secret),
        )
        const headers = { 'content-type': contentType, ...signed }
        return await post({ url, headers, body, allowedHosts, patienceMs, now, resolve })
      } finally {
        const left = (onTheirWay.get(webhookId) ?? 1) - 1
        if (left > 0) onTheirWay.set(webhookId, left)
        else onTheirWay.delete(webhookId)
      }
    },
  }
}
