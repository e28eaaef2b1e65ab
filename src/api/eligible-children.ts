import { z } from 'zod'
import { kindOfScope } from '../domain/azure-scope.ts'
import { type Eligibility, isCurrent } from '../domain/eligibility.ts'
import { eligibilitiesThroughGroups } from '../live/circumstances.ts'
import { providerOf } from '../live/providers.ts'
import type { Caller, Page, PageOptions, Ports } from '../ports.ts'

export const EligibleChildAnswer = z
  .object({
    id: z.string().meta({ description: 'The scope: an activation may name it.' }),
    name: z.string(),
    type: z
      .string()
      .meta({ description: 'managementgroup, subscription, resourcegroup, or a resource type.' }),
    roles: z.array(z.object({ roleDefinitionId: z.string(), roleDisplayName: z.string() })),
  })
  .meta({ id: 'EligibleChild' })
export type EligibleChildAnswer = z.infer<typeof EligibleChildAnswer>

/**
 * The scopes right below an Azure scope that the caller could activate a role at now, through an eligibility there or
 * above. What nobody is eligible at they are not told of, so a page may be short.
 */
export async function eligibleChildren(
  ports: Ports,
  caller: Caller,
  scope: string,
  page: PageOptions,
): Promise<Page<EligibleChildAnswer>> {
  const provider = providerOf(ports, { provider: 'azure' })
  const [live, inherited, above] = await Promise.all([
    ports.store.readLive(caller.id),
    eligibilitiesThroughGroups(ports, caller.id),
    provider.scopesAbove(scope),
  ])
  const now = ports.now()
  const mine = [...live.eligibilities, ...inherited].filter(
    (eligibility) => eligibility.provider === 'azure' && isCurrent(eligibility, now),
  )
  if (mine.length === 0 || !provider.scopesBelow) return { items: [], next: null }
  const { items, next } = await provider.scopesBelow(scope, page)
  const children = items.map((child) => ({
    id: child.scope,
    name: child.displayName,
    type: kindOfScope(child.scope),
    roles: rolesAt(mine, [child.scope, scope, ...above]),
  }))
  return { items: children.filter(({ roles }) => roles.length > 0), next }
}

/** Each role once, however many eligibilities lead to it. */
function rolesAt(mine: readonly Eligibility[], scopes: readonly string[]): EligibleChildAnswer['roles'] {
  const covering = mine.filter(({ scope }) => scopes.includes(scope))
  return [...new Map(covering.map(({ roleDefinitionId, roleName }) => [roleDefinitionId, roleName]))].map(
    ([roleDefinitionId, roleDisplayName]) => ({ roleDefinitionId, roleDisplayName }),
  )
}
