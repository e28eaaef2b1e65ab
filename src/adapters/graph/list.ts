import { Unavailable } from '../../ports.ts'
import type { Graph } from './client.ts'

export type List<T> = { value: T[]; '@odata.nextLink'?: string }

/**
 * One page as it was answered. Nothing is a list with nothing in it: any other answer must never pass for “gone”. Throws
 * `Unavailable`.
 */
export function listPage<T>(page: List<T> | undefined): { value: T[]; next: string | undefined } {
  if (!Array.isArray(page?.value)) throw new Unavailable('Microsoft Graph did not answer with a list.')
  return { value: page.value, next: page['@odata.nextLink'] }
}

/** Reads a list page by page, `most` items of it. A path that is not there is an empty list. */
export function listAll(graph: Graph) {
  return async function all<T>(
    path: string,
    most: number,
    headers: Record<string, string> = {},
  ): Promise<T[]> {
    const items: T[] = []
    let next: string | undefined = path
    while (next && items.length < most) {
      const page: List<T> | undefined = await graph.get<List<T>>(next, headers)
      items.push(...(page?.value ?? []))
      next = page?.['@odata.nextLink']
    }
    return items.slice(0, most)
  }
}
