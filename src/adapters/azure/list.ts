import { Unavailable } from '../../ports.ts'
import type { Arm } from './client.ts'

type List<T> = { value: T[]; nextLink?: string | null }

/** One page; undefined where ARM knows nothing of this address. Any other answer must never pass for “nothing there”. */
export async function pageAt<T>(
  arm: Arm,
  path: string,
  method: 'get' | 'ask' = 'get',
): Promise<{ items: T[]; next: string | null } | undefined> {
  const page = await arm[method]<List<T>>(path)
  if (page === undefined) return undefined
  if (!Array.isArray(page.value)) throw new Unavailable('Azure did not answer with a list.')
  return { items: page.value, next: page.nextLink || null }
}

/** All pages of a list; undefined where there is no such list. */
export async function allAt<T>(
  arm: Arm,
  path: string,
  method: 'get' | 'ask' = 'get',
): Promise<T[] | undefined> {
  const items: T[] = []
  for (let next: string | null = path; next !== null; ) {
    const page: { items: T[]; next: string | null } | undefined = await pageAt<T>(arm, next, method)
    if (!page && next === path) return undefined
    if (!page) throw new Unavailable('The rest of a list of Azure has gone.')
    items.push(...page.items)
    next = page.next
  }
  return items
}
