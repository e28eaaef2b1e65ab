import { allowInsecureRequests, type Configuration, clockSkew, discovery } from 'openid-client'
import { CLIENT_ID, CLIENT_SECRET, TENANT_ID } from '../../../local/tenant/seed.ts'

/** As much of a browser as signing in takes: it keeps cookies, and follows redirects until they leave the tenant. */
export class Browser {
  private readonly cookies = new Map<string, { value: string; path: string }>()

  async open(
    url: URL | string,
    form?: Record<string, string>,
  ): Promise<{ url: URL; status: number; text: string }> {
    let at = new URL(url)
    const home = at.origin
    let body = form && new URLSearchParams(form)
    for (;;) {
      const answer = await fetch(at, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { cookie: this.cookiesFor(at) },
        ...(body && { body }),
      })
      for (const cookie of answer.headers.getSetCookie()) this.keep(cookie)
      const next = answer.headers.get('location')
      if (!next) return { url: at, status: answer.status, text: await answer.text() }
      at = new URL(next, at)
      body = undefined
      if (at.origin !== home) return { url: at, status: answer.status, text: '' }
    }
  }

  private cookiesFor(url: URL): string {
    const fitting = [...this.cookies].filter(([, { path }]) => url.pathname.startsWith(path))
    return fitting.map(([name, { value }]) => `${name}=${value}`).join('; ')
  }

  private keep(cookie: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    const expires = /expires=([^;]+)/i.exec(cookie)?.[1]
    if (value === '' || (expires && Date.parse(expires) < Date.now())) this.cookies.delete(name)
    else this.cookies.set(name, { value, path: /path=([^;]+)/i.exec(cookie)?.[1] ?? '/' })
  }
}

/** The app's side of signing in, by the real library; `skew` in seconds, where the app does not share the tenant's clock. */
export function discover(url: string, { secret = CLIENT_SECRET, skew = 0 } = {}): Promise<Configuration> {
  const metadata = { client_secret: secret, [clockSkew]: skew }
  const options = { execute: [allowInsecureRequests] }
  return discovery(new URL(`${url}/${TENANT_ID}/v2.0`), CLIENT_ID, metadata, undefined, options)
}
