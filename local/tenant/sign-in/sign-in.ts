import type { IncomingMessage, ServerResponse } from 'node:http'
import { TENANT_ID } from '../seed.ts'
import type { Tenant } from '../tenant.ts'
import { choose } from './choose.ts'
import type { Marks } from './grants.ts'
import { memory } from './memory.ts'
import { makeProvider } from './provider.ts'

const DISCOVERY = '/.well-known/openid-configuration'
const MOUNT = `/${TENANT_ID}`

export type SignIn = { handle(req: IncomingMessage, res: ServerResponse): Promise<void>; keysChanged(): void }

/** The OpenID provider behind Entra's paths and habits. */
export function makeSignIn(tenant: Tenant): SignIn {
  const adapter = memory()
  const marks: Marks = new Map()
  let provider = makeProvider(tenant, adapter, marks)
  let callback = provider.callback()
  return {
    keysChanged() {
      provider = makeProvider(tenant, adapter, marks)
      callback = provider.callback()
    },
    async handle(req, res) {
      keepCookiesForTheSession(res)
      if (req.url?.startsWith(`${MOUNT}/choose/`)) return choose(req, res, provider, tenant)
      mount(req)
      await callback(req, res)
    },
  }
}

/** The library wants to be mounted, and Entra's dialect put into its words. */
function mount(req: IncomingMessage & { originalUrl?: string }): void {
  const url = new URL((req.url ?? '/').slice(MOUNT.length), 'http://tenant')
  if (url.pathname === `/v2.0${DISCOVERY}`) url.pathname = DISCOVERY
  if (url.pathname.startsWith('/oauth2/v2.0/authorize')) {
    translate(url.searchParams)
    // Whoever may be signed in here, the page asks who one is: several people share this browser.
    if (url.searchParams.get('prompt') !== 'none') forgetSession(req)
  }
  req.url = url.pathname + url.search
  req.originalUrl = MOUNT + req.url
}

function translate(query: URLSearchParams): void {
  for (const own of ['entra_claims', 'entra_offline']) query.delete(own)
  const claims = query.get('claims')
  if (claims !== null) query.set('entra_claims', claims)
  query.delete('claims')
  const scopes = (query.get('scope') ?? '').split(' ').filter(Boolean)
  if (scopes.includes('offline_access')) {
    query.set('entra_offline', '1')
    query.set('scope', scopes.filter((s) => s !== 'offline_access').join(' '))
  }
  if (['select_account', 'consent'].includes(query.get('prompt') ?? '')) query.set('prompt', 'login')
}

function forgetSession(req: IncomingMessage): void {
  const kept = (req.headers.cookie ?? '').split(/; */).filter((c) => !c.startsWith('tenant_session'))
  req.headers.cookie = kept.join('; ')
}

/** Their dates are by the tenant's clock; a browser with another one would throw them away. */
function keepCookiesForTheSession(res: ServerResponse): void {
  const plain = res.setHeader.bind(res)
  res.setHeader = (name, value) => {
    if (name.toLowerCase() !== 'set-cookie') return plain(name, value)
    const cookies = (Array.isArray(value) ? value : [`${value}`]) as string[]
    return plain(
      name,
      cookies.map((c) => c.replace(/; expires=(?!Thu, 01 Jan 1970)[^;]+/i, '')),
    )
  }
}
