import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { EncryptJWT, jwtDecrypt } from 'jose'
import { z } from 'zod'
import type { Links } from '../ports.ts'

/** Key material, the current one first; older ones are still accepted, so that a rotation breaks no mail. */
export type Keys = readonly [string, ...string[]]

/** A separate key for each purpose: what is signed for one can never pass for the other. */
export function derived(key: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', `interim ${purpose}`, 32))
}

function sealer(keys: Keys, purpose: string) {
  const sign = (key: string, body: string) =>
    createHmac('sha256', derived(key, purpose)).update(body).digest()
  return {
    seal(value: unknown): string {
      const body = Buffer.from(JSON.stringify(value)).toString('base64url')
      return `${body}.${sign(keys[0], body).toString('base64url')}`
    },
    open(token: string): unknown {
      const [body, signature, ...more] = token.split('.')
      if (!body || !signature || more.length > 0) return undefined
      const given = Buffer.from(signature, 'base64url')
      if (given.toString('base64url') !== signature) return undefined // decoding overlooks what does not belong
      const genuine = keys.some((key) => {
        const expected = sign(key, body)
        return given.length === expected.length && timingSafeEqual(given, expected)
      })
      return genuine ? JSON.parse(Buffer.from(body, 'base64url').toString()) : undefined
    },
  }
}

const Claim = z.tuple([z.string(), z.string()])

/** Mailed links, signed: each names one request and one person. Whether it may also decide is the role's setting. */
export function signedLinks(publicUrl: string, keys: Keys): Links {
  const { seal, open } = sealer(keys, 'approval link')
  const ending = sealer(keys, 'unsubscribe link')
  return {
    approve: ({ requestId, approverId }) => `${publicUrl}/api/approve/${seal([requestId, approverId])}`,
    request: (requestId) => `${publicUrl}/api/requests/${requestId}`,
    unsubscribe: (personId) =>
      `${publicUrl}/api/digest/unsubscribe/${ending.seal([personId, 'weeklyDigest'])}`,
    readUnsubscribe(token) {
      const claim = Claim.safeParse(ending.open(token))
      return claim.success && claim.data[1] === 'weeklyDigest' ? claim.data[0] : undefined
    },
    calendar: (token) => `${publicUrl}/api/calendar/${token}.ics`,
    digest: () => `${publicUrl}/api/digest`,
    read(token) {
      const claim = Claim.safeParse(open(token))
      return claim.success ? { requestId: claim.data[0], approverId: claim.data[1] } : undefined
    },
  }
}

/** Where the next page begins, signed: what comes back is what we handed out for this very list. */
export function pageTokens(keys: Keys) {
  const { seal, open } = sealer(keys, 'page token')
  return {
    seal: (list: string, after: string) => seal([list, after]),
    open(list: string, token: string): string | undefined {
      const claim = Claim.safeParse(open(token))
      return claim.success && claim.data[0] === list ? claim.data[1] : undefined
    },
  }
}

/** The last character of base64 has bits that decode to nothing: only one spelling is ours. */
const isCanonical = (part: string) => Buffer.from(part, 'base64url').toString('base64url') === part

/** What we give a browser to keep, encrypted: it can neither be read nor made by anybody else. */
export function cookieBox(keys: Keys, purpose: string) {
  const keyOf = (key: string) => derived(key, `cookie ${purpose}`)
  return {
    seal: (value: object, lifetime: string) =>
      new EncryptJWT({ value })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setIssuedAt()
        .setExpirationTime(lifetime)
        .encrypt(keyOf(keys[0])),
    async open(text: string): Promise<unknown> {
      if (!text.split('.').every(isCanonical)) return undefined
      for (const key of keys) {
        const opened = await jwtDecrypt(text, keyOf(key)).catch(() => undefined)
        if (opened) return opened.payload.value
      }
      return undefined
    },
  }
}

/** Bound to one session and one request: a form that another site fills in does not have it. */
export function formTokens(keys: Keys) {
  const { seal, open } = sealer(keys, 'form')
  return {
    /** For the stages that somebody is shown, by their ids. */
    make: (personId: string, stageIds: readonly string[]) => seal([personId, stageIds.join(' ')]),
    /** The stages that this person's form was for; undefined: it is no form of theirs. */
    shown(token: string, personId: string): string[] | undefined {
      const claim = Claim.safeParse(open(token))
      return claim.success && claim.data[0] === personId ? claim.data[1].split(' ') : undefined
    },
  }
}
