import type { Directory } from '../../ports.ts'
import type { Graph } from './client.ts'
import { type List, listPage } from './list.ts'
import type { Membership } from './membership-id.ts'

type Page = ReturnType<typeof listPage<Listed>>
export type Listed = { id: string; '@odata.type'?: string }

/** As many as Graph puts on one page. */
export const WHOLE_PAGE = '$select=id&$top=999'

/**
 * Whether somebody is a direct member or owner of a group. Read from the lists themselves, page by page, and not through a
 * filter: that is answered from an index which may be minutes behind, and would show as there what was taken away.
 */
export function groupLists(graph: Graph, directory: Directory) {
  /** Undefined when there is no such list. */
  async function lists(path: string, wanted: string): Promise<boolean | undefined> {
    let next: string | undefined = `${path}?${WHOLE_PAGE}`
    while (next) {
      const page: List<Listed> | undefined = await graph.get<List<Listed>>(next)
      if (page === undefined) return undefined
      const read: Page = listPage(page)
      if (read.value.some(({ id }) => id.toLowerCase() === wanted)) return true
      next = read.next
    }
    return false
  }

  /** Only what is really gone, and not a list that was not found this once, has nobody in it. */
  async function isGone(groupId: string): Promise<boolean> {
    return (await graph.get(`/groups/${groupId}?$select=id`)) === undefined
  }

  return async function isThere({ groupId, relation, principalId }: Membership): Promise<boolean> {
    const listed = await lists(`/groups/${groupId}/${relation}`, principalId)
    if (listed) return true
    if (listed === undefined) {
      if (await isGone(groupId)) return false
      listPage(undefined)
    }
    if (await directory.person(principalId)) return false
    // Graph v1.0 leaves applications out of a group's lists, so they are asked themselves. Nobody's list is nobody's.
    const theirs = relation === 'members' ? 'memberOf' : 'ownedObjects'
    return (await lists(`/servicePrincipals/${principalId}/${theirs}`, groupId)) === true
  }
}
