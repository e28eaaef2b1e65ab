import { randomUUID } from 'node:crypto'
import { groupApproves, rulesFor } from '../../local/demo/rules.ts'
import { azureRoles } from '../../local/tenant/arm/seed-azure.ts'
import { Actor, type Asked, accepted } from './actor.ts'
import type { World } from './world.ts'

/**
 * Ada is eligible for an Azure role on a subscription of her own, and wants it in one of its resource groups. Alan owns the
 * subscription; Grace approves where that is asked for. All but Alan are new in every story.
 */
export async function azureStory(
  world: World,
  told: { role?: keyof typeof azureRoles; approval?: boolean } = {},
) {
  const role = azureRoles[told.role ?? 'contributor']
  const run = randomUUID().slice(0, 8)
  const { tenant } = world
  const subscription: { id: string } = await tenant.control('POST', '/azure/subscriptions', {
    displayName: `Story ${run}`,
    parent: 'platform',
    resourceGroups: ['web', 'data'],
  })
  const here = { provider: 'azure', roleDefinitionId: role.name, scope: subscription.id }
  const there = { ...here, scope: `${subscription.id}/resourcegroups/web` }
  const outside = (method: 'POST' | 'DELETE', principal: string, scope = there.scope, name = role.name) =>
    tenant.control(method, '/azure/role-assignments', { principal, role: name, scope })
  await outside('POST', 'alan', subscription.id, 'Owner')

  const meet = async (name: string, displayName: string) =>
    new Actor(world, await tenant.control('POST', '/people', { short: `${name}-${run}`, displayName }), there)
  const [ada, grace] = await Promise.all([meet('ada', 'Ada Lovelace'), meet('grace', 'Grace Hopper')])
  const alan = new Actor(world, { id: '', short: 'alan' }, here)
  const approvers: { id: string } = await tenant.control('POST', '/groups', {
    short: `approvers-${run}`,
    members: [grace.short],
  })

  const settings = `/api/roles/${role.name}/settings?provider=azure&scope=`
  const approval = told.approval ? { approvers: [groupApproves(approvers.id)] } : undefined
  const rules = rulesFor(approval ? { approval } : {})
  await accepted(200, alan.calls('PATCH', settings + subscription.id, { rules }))
  const eligibility: { id: string } = await accepted(
    201,
    alan.calls('POST', '/api/eligibilities', { ...here, principalId: ada.id, scheduleInfo: A_YEAR }),
  )

  return {
    ada,
    grace,
    alan,
    here,
    there,
    settings,
    eligibility,
    outside,
    subscription,
    becomes: (request: { id: string }, status: Asked['status']): Promise<Asked> =>
      world.look(
        () => ada.sees(request),
        (seen) => seen.status === status,
      ),
    /** What stands in Azure, whoever gave it. */
    async assignments(): Promise<string[]> {
      const query = new URLSearchParams({ principal: ada.short, role: role.name, scope: there.scope })
      const { assignments } = await tenant.control('GET', `/holds?${query}`)
      return assignments.map(({ name }: { name: string }) => name)
    },
  }
}

/** Nobody is eligible for Azure roles for good, unless their settings say so. */
export const A_YEAR = { expiration: { type: 'afterDuration', duration: 'P365D' } }
