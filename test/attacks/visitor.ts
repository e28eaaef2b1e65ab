import { Browser } from '../local/tenant/browser.ts'
import type { Ground, Heard } from './ground.ts'

/** A browser at our pages, or somebody who pretends to be one. */
export class Visitor {
  private readonly ground: Ground
  cookies: Record<string, string> = {}

  constructor(ground: Ground) {
    this.ground = ground
  }

  async get(path: string, headers: string[] = [], method = 'GET'): Promise<Heard> {
    return this.keep(await this.ground.send({ method, path, headers: [...this.cookie(), ...headers] }))
  }

  /** What the form's button sends, from the page itself unless the headers say otherwise. */
  async post(path: string, fields: Record<string, string>, headers?: string[]): Promise<Heard> {
    const origin = ['Origin', new URL(this.ground.host.url).origin, 'Sec-Fetch-Site', 'same-origin']
    const type = ['Content-Type', 'application/x-www-form-urlencoded']
    return this.keep(
      await this.ground.send({
        method: 'POST',
        path,
        headers: [...this.cookie(), ...(headers ?? [...origin, ...type])],
        body: `${new URLSearchParams(fields)}`,
      }),
    )
  }

  /** Through the sign-in service and back. */
  async signIn(who: string, link: string): Promise<Heard> {
    const begun = await this.get(`/api/sign-in?returnTo=${encodeURIComponent(link)}`)
    const callback = await chosen(`${begun.headers.location}`, who)
    return this.get(`${callback.pathname}${callback.search}`)
  }

  private cookie(): string[] {
    const pairs = Object.entries(this.cookies).map(([name, value]) => `${name}=${value}`)
    return pairs.length > 0 ? ['Cookie', pairs.join('; ')] : []
  }

  private keep(heard: Heard): Heard {
    for (const line of heard.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      this.cookies[name] = value
    }
    return heard
  }
}

/** Chooses a person on the page of the sign-in service; answers where it would lead the browser. */
export async function chosen(address: string, who: string): Promise<URL> {
  const browser = new Browser()
  const page = await browser.open(address)
  return (await browser.open(page.url, { person: who })).url
}

/** The hidden field of the form on a page, if there is a form. */
export const formTokenIn = ({ text }: Heard) => /name="formToken" value="([^"]+)"/.exec(text)?.[1] ?? ''

const TAGS =
  /^(!doctype|html|head|meta|title|style|body|main|h1|p|small|table|tr|th|td|form|input|label|textarea|button|a|div|br)$/i

/** Everything in a page or mail that is markup and should not be there. */
export function foreignMarkup(html: string, allowedAddresses: RegExp): string[] {
  const wrong: string[] = []
  for (const [whole, name = '', attributes = ''] of html.matchAll(/<\/?([^\s>/]*)([^>]*)>/g)) {
    const unguarded = attributes.replace(/\snonce="[\w+/=]*"/, '') // ours, and by chance it begins like a handler
    if (!TAGS.test(name) || /[\s"'/]on\w+\s*=/i.test(unguarded)) wrong.push(whole)
    for (const [, address = ''] of attributes.matchAll(/(?:href|src|action)="([^"]*)"/g))
      if (!allowedAddresses.test(address)) wrong.push(whole)
  }
  if (/<(?![a-z/!])/i.test(html)) wrong.push('a bare <')
  return wrong
}
