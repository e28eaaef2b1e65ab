import { randomBytes } from 'node:crypto'
import type { HttpResponseInit } from '@azure/functions'
import type { Page } from '../src/words/pages.ts'

/** A page for people: no scripts, no frames, nothing from elsewhere, nothing kept, no address passed on. */
export function pageResponse(status: number, page: Page): HttpResponseInit {
  const nonce = randomBytes(16).toString('base64')
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      'Referrer-Policy': 'no-referrer',
      'X-Frame-Options': 'DENY',
      'X-Robots-Tag': 'noindex, nofollow',
    },
    body: page(nonce).html,
  }
}
