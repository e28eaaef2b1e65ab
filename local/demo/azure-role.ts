import { azureRoles, resourceGroups, scopes } from '../tenant/arm/seed-azure.ts'
import { people } from '../tenant/seed.ts'
import type { Stage } from './stage.ts'
import type { Teller } from './tell.ts'

/** Ada, eligible in a whole subscription, takes a role in one of its resource groups only, until its end. */
export async function tellOfAzureRole(stage: Stage, tell: Teller): Promise<void> {
  const { as, must, passes } = stage
  const { name: roleDefinitionId, roleName } = azureRoles.contributor
  const at = (scope: string) => ({ provider: 'azure', roleDefinitionId, scope })
  const inShop = stage.role(
    people.ada,
    roleName,
    scopes.shop,
    ` in the resource group ${resourceGroups.shop.name}`,
  )
  const inData = stage.role(people.ada, roleName, scopes.data, ` in ${resourceGroups.data.name}`)
  const inAll = stage.role(people.ada, roleName, scopes.production, ' in the subscription')

  tell.next(`Azure: Alan owns the subscription Production, and makes Ada eligible for ${roleName} in it.`)
  const aYear = { expiration: { type: 'afterDuration', duration: 'P365D' } }
  const eligibility = { ...at(scopes.production), principalId: people.ada.id, scheduleInfo: aYear }
  await must(201, as('alan', 'POST', '/api/eligibilities', eligibility))
  await stage.readBack([
    [inAll, false],
    [inShop, false],
  ])

  tell.next('Ada activates it for an hour, in one resource group: less than she might.')
  const request = await must(
    201,
    as('ada', 'POST', '/api/requests', {
      action: 'selfActivate',
      ...at(scopes.shop),
      justification: 'INC-4712: the shop is slow',
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
    }),
  )
  await stage.readBack(
    [
      [inShop, true],
      [inData, false],
      [inAll, false],
    ],
    request,
  )

  tell.next('That hour is over, too.')
  await passes('PT1H')
  await stage.readBack([[inShop, false]], request)
}
