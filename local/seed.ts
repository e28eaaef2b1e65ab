import { azureRoles, scopes } from './tenant/arm/seed-azure.ts'
import { groups, people, roles } from './tenant/seed.ts'
import type { TenantProcess } from './tenant/spawn.ts'

/** In a subscription, and so in all its resource groups. */
const contributor = {
  provider: 'azure',
  roleDefinitionId: azureRoles.contributor.name,
  scope: scopes.production,
}

/** Of groups and of Azure roles nothing is for good, unless the settings say so. */
const A_YEAR = { expiration: { type: 'afterDuration', duration: 'P365D' } }

/** Who may activate what in the small organisation that `npm start` shows, and what three of the roles ask for. */
export async function seedApp(url: string, tenant: TenantProcess): Promise<void> {
  const [katherine, alan] = await Promise.all([tenant.token('katherine'), tenant.token('alan')])
  async function call(method: string, path: string, body?: unknown, token = katherine) {
    const answer = await fetch(`${url}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!answer.ok)
      throw new Error(`Seeding ${method} ${path} failed: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const eligible = (principalId: string, roleDefinitionId: string, group?: { id: string }) =>
    call('POST', 'eligibilities', {
      principalId,
      roleDefinitionId,
      ...(group && { provider: 'group', scope: `/groups/${group.id}`, scheduleInfo: A_YEAR }),
    })
  await Promise.all([
    eligible(people.ada.id, roles.userAdministrator.id),
    eligible(people.ada.id, roles.reportsReader.id),
    eligible(people.ada.id, roles.exchangeAdministrator.id),
    eligible(groups.tierZero.id, roles.applicationAdministrator.id),
    eligible(groups.sre.id, 'member', groups.tierZero),
    eligible(people.ada.id, 'owner', groups.payroll),
    call('POST', 'eligibilities', { principalId: people.ada.id, ...contributor, scheduleInfo: A_YEAR }, alan), // who owns the subscription
  ])
  await askForApproval(roles.userAdministrator.id)
  await askForApproval(roles.exchangeAdministrator.id)

  /** By the approvers' group; whether their mailed link may decide follows from the role being privileged or not. */
  async function askForApproval(roleDefinitionId: string) {
    // biome-ignore lint/suspicious/noExplicitAny: the API's own answer, changed in one place
    const { rules } = (await call('GET', `roles/${roleDefinitionId}/settings`)) as any
    const approval = rules.find(({ id }: { id: string }) => id === 'Approval_EndUser_Assignment')
    approval.setting.isApprovalRequired = true
    approval.setting.approvalStages[0].primaryApprovers = [
      {
        '@odata.type': '#microsoft.graph.groupMembers',
        groupId: groups.roleApprovers.id,
        description: 'Role approvers',
      },
    ]
    await call('PATCH', `roles/${roleDefinitionId}/settings`, { rules: [approval] })
  }
}
