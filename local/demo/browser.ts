export type Page = { url: string; status: number; html: string }

/** As much of a browser as an approver needs: it keeps cookies, follows redirects and sends forms. */
export class Browser {
  private readonly cookies = new Map<string, { value: string; path: string }>()

  async open(address: URL | string, form?: Record<string, string>): Promise<Page> {
    let at = new URL(address)
    let body = form && new URLSearchParams(form)
    for (let hops = 0; hops < 20; hops++) {
      const answer = await fetch(at, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { cookie: this.cookiesFor(at) },
        ...(body && { body }),
      })
      for (const cookie of answer.headers.getSetCookie()) this.keep(cookie)
      const next = answer.headers.get('location')
      if (!next) return { url: at.href, status: answer.status, html: await answer.text() }
      at = new URL(next, at)
      body = undefined
    }
    throw new Error(`${address} redirects for ever.`)
  }

  /** From the page behind a mailed link through the sign-in and back to that page. */
  async signIn(page: Page, person: string): Promise<Page> {
    const address = linkOn(page, 'Sign in to decide')
    const choose = await this.open(new URL(address, page.url))
    return this.open(choose.url, { person })
  }

  /** Fills in the form on the page as it came and presses one of its buttons. */
  async decide(page: Page, reviewResult: 'Approve' | 'Deny', justification = 'Known change.'): Promise<Page> {
    const action = /<form method="post" action="([^"]+)"/.exec(page.html)?.[1]
    const formToken = /name="formToken" value="([^"]+)"/.exec(page.html)?.[1]
    if (!action || !formToken) throw new Error(`There is nothing to decide on this page: ${wordsOn(page)}`)
    return this.open(new URL(action, page.url), { formToken, justification, reviewResult })
  }

  private cookiesFor(url: URL): string {
    const fitting = [...this.cookies].filter(([, { path }]) => url.pathname.startsWith(path))
    return fitting.map(([name, { value }]) => `${name}=${value}`).join('; ')
  }

  private keep(cookie: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    if (value === '') this.cookies.delete(name)
    else this.cookies.set(name, { value, path: /path=([^;]+)/i.exec(cookie)?.[1] ?? '/' })
  }
}

/** Where a link with these words on it leads. */
function linkOn({ html }: Page, words: string): string {
  const hit = [...html.matchAll(/<a [^>]*href="([^"]+)"[^>]*>([^<]*)</g)].find(([, , text]) => text === words)
  if (!hit?.[1]) throw new Error(`There is no “${words}” on this page.`)
  return hit[1].replaceAll('&amp;', '&')
}

/** What a person reads on a page. */
export function wordsOn({ html }: Page): string {
  const body = html.replace(/^[\s\S]*<body[^>]*>/, '').replaceAll(/<[^>]+>/g, ' ')
  const plain = body.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&')
  return plain.replaceAll(/\s+/g, ' ').trim()
}

/** The one link in a mail that leads to a decision. */
export function linkIn(mail: { text: string }): string {
  const link = /^http\S+\/api\/approve\/\S+$/m.exec(mail.text)?.[0]
  if (!link) throw new Error(`There is no link in this mail: ${mail.text}`)
  return link
}
