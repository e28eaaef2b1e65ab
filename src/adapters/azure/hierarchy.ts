import { freshCache } from '../fresh-cache.ts'
import type { Arm } from './client.ts'
import { allAt, pageAt } from './list.ts'

const GROUP = '/providers/microsoft.management/managementgroups/'
const GROUPS = 'api-version=2020-05-01'
const SUBSCRIPTIONS = 'api-version=2020-01-01'
const RESOURCES = 'api-version=2021-04-01'

/** Where things lie changes rarely. */
const CHAIN_MILLIS = 5 * 60_000

type Entity = { name: string; properties: { parentNameChain?: string[] | null } }
type Named = { id: string; name: string; displayName?: string }
type Child = { scope: string; displayName: string }

/** How scopes lie in each other: management groups, subscriptions, resource groups, resources. */
export function hierarchy(arm: Arm, now: () => number) {
  const known = freshCache<string[]>(CHAIN_MILLIS, now)

  /** The management groups above a subscription or a group, the nearest first. None where we may not look: less is covered then. */
  async function groupsAbove(name: string): Promise<string[]> {
    const cached = known.get(name)
    if (cached) return cached.value
    const filter = encodeURIComponent(`name eq '${name.replaceAll("'", "''")}'`)
    const path = `/providers/Microsoft.Management/getEntities?${GROUPS}&$filter=${filter}`
    const found = (await allAt<Entity>(arm, path, 'ask'))?.find((each) => each.name.toLowerCase() === name)
    if (!found) return []
    const names = found.properties.parentNameChain ?? []
    const chain = names.map((each) => GROUP + each.toLowerCase()).reverse()
    known.set(name, chain)
    return chain
  }

  /** A resource by its place in the list of its group: only there is it found without knowing its own API. */
  async function nameOfResource(parts: string[]): Promise<string | undefined> {
    const [provider, type, name] = parts.slice(6, 9)
    const filter = encodeURIComponent(
      `name eq '${name?.replaceAll("'", "''")}' and resourceType eq '${provider}/${type}'`,
    )
    const group = addressable(parts.slice(0, 5).join('/'))
    const [found] = (await allAt<Named>(arm, `${group}/resources?${RESOURCES}&$filter=${filter}`)) ?? []
    // What lies inside a resource is often in no list: that the resource is there must do.
    return (
      found &&
      (parts.length > 9
        ? parts
            .slice(8)
            .filter((_, n) => n % 2 === 0)
            .join('/')
        : found.name)
    )
  }

  return {
    /** The scopes that this one lies in, the nearest first, up to the tenant's root group. */
    async above(scope: string): Promise<string[]> {
      if (scope.startsWith(GROUP)) return groupsAbove(scope.slice(GROUP.length))
      if (!scope.startsWith('/subscriptions/')) return [] // of another provider: governed by nobody here
      const inside = insideSubscription(scope)
      return [...inside, ...(await groupsAbove(scope.split('/')[2] as string))]
    },

    /** The scope in words; undefined when there is none. */
    async nameOf(scope: string): Promise<string | undefined> {
      const parts = scope.split('/')
      if (scope.startsWith(GROUP)) {
        const found = await arm.get<{ properties: { displayName: string } }>(
          `${addressable(scope)}?${GROUPS}`,
        )
        return found?.properties.displayName
      }
      if (parts.length === 3) return (await arm.get<Named>(`${scope}?${SUBSCRIPTIONS}`))?.displayName
      if (parts.length === 5) return (await arm.get<Named>(`${addressable(scope)}?${RESOURCES}`))?.name
      return nameOfResource(parts)
    },

    /** The scopes right below this one, page by page. None below a resource: they are in no list. */
    async below(
      scope: string,
      top: number,
      after: string | null,
    ): Promise<{ items: Child[]; next: string | null }> {
      const parts = scope.split('/')
      if (scope.startsWith(GROUP)) return pageOf(await groupsBelow(scope), top, after)
      if (parts.length > 5) return { items: [], next: null }
      const what = parts.length === 3 ? 'resourceGroups' : 'resources'
      const page = await pageAt<Named>(arm, after ?? `${addressable(scope)}/${what}?${RESOURCES}&$top=${top}`)
      return { items: (page?.items ?? []).map(asChild), next: page?.next ?? null }
    },
  }

  async function groupsBelow(scope: string): Promise<Child[]> {
    const found = await arm.get<{ properties: { children?: Named[] | null } }>(
      `${addressable(scope)}?${GROUPS}&$expand=children`,
    )
    return (found?.properties.children ?? []).map(asChild)
  }
}

const asChild = ({ id, name, displayName }: Named): Child => ({
  scope: id.toLowerCase(),
  displayName: displayName ?? name,
})

/** A list that comes whole, cut here. */
function pageOf(all: Child[], top: number, after: string | null): { items: Child[]; next: string | null } {
  const start = Number(after ?? 0)
  const next = start + top < all.length ? `${start + top}` : null
  return { items: all.slice(start, start + top), next }
}

/** Resource groups may have letters that an address has not. */
export const addressable = (scope: string) => encodeURI(scope)

/** The resources, the group and the subscription that a scope lies in, as its own text says. */
function insideSubscription(scope: string): string[] {
  const parts = scope.split('/')
  const ends = Array.from({ length: parts.length }, (_, end) => end).filter(
    (end) => end === 3 || end === 5 || (end >= 9 && end % 2 === 1 && parts[end - 2] !== 'providers'),
  )
  return ends.map((end) => parts.slice(0, end).join('/')).reverse()
}
