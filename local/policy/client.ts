/** What the API refused, in its own words. */
export class ApiRefusal extends Error {
  override name = 'ApiRefusal'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export type Api = <T>(method: string, path: string, body?: unknown) => Promise<T>

/** The API over HTTP, as any client calls it. Throws what it refused, with every detail. */
export function connectApi(url: string, token: string): Api {
  return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${url.replace(/\/$/, '')}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(60_000),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new ApiRefusal(answer.status, inWords(answer.status, text))
    return (text ? JSON.parse(text) : undefined) as T
  }
}

type Problem = {
  error?: { code?: string; message?: string; details?: { target: string; message: string }[] }
}

function inWords(status: number, text: string): string {
  try {
    const { error } = JSON.parse(text) as Problem
    const details = (error?.details ?? []).map(({ target, message }) => `\n    ${target}: ${message}`)
    return `${error?.code ?? status}: ${error?.message ?? ''}${details.join('')}`
  } catch {
    return `${status}: ${text.slice(0, 200)}`
  }
}

/** All pages of a list. */
export async function everyPage<T>(api: Api, path: string): Promise<T[]> {
  const found: T[] = []
  let next: string | undefined = path
  while (next) {
    const page: { value: T[]; nextLink?: string } = await api('GET', next)
    found.push(...page.value)
    next = page.nextLink?.slice(page.nextLink.indexOf('/api/') + '/api/'.length)
  }
  return found
}
