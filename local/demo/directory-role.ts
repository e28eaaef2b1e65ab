import type { Stack } from '../stack.ts'
import { groups, people, roles } from '../tenant/seed.ts'
import { Browser, linkIn, wordsOn } from './browser.ts'
import { groupApproves, rulesFor } from './rules.ts'
import type { Stage } from './stage.ts'
import { Broken, type Teller } from './tell.ts'

const role = roles.userAdministrator
const REASON = 'INC-4711: a locked-out colleague needs a new password'

/** Ada needs a role, Grace approves it, and an hour later it is gone: each step read back from the tenant. */
export async function tellOfDirectoryRole(
  { host, tenant }: Pick<Stack, 'host' | 'tenant'>,
  stage: Stage,
  tell: Teller,
): Promise<void> {
  const { as, must, passes } = stage
  const readBack = (isHeld: boolean, request?: { id: string }) =>
    stage.readBack([[stage.role(people.ada, role.displayName), isHeld]], request)
  const ask = (justification?: string) =>
    as('ada', 'POST', '/api/requests', {
      action: 'selfActivate',
      roleDefinitionId: role.id,
      justification,
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
    })

  tell.next(`Katherine makes Ada eligible for ${role.displayName}. Grace's group approves.`)
  const approval = { approvers: [groupApproves(groups.roleApprovers.id)] }
  await must(
    200,
    as('katherine', 'PATCH', `/api/roles/${role.id}/settings`, { rules: rulesFor({ approval }) }),
  )
  await must(
    201,
    as('katherine', 'POST', '/api/eligibilities', { principalId: people.ada.id, roleDefinitionId: role.id }),
  )
  await readBack(false)

  tell.next('Ada asks for an hour and gives no reason.')
  const refused = await ask()
  const [why] = refused.body?.error?.details ?? []
  tell.found(
    refused.status === 400 && why?.code === 'JustificationRule',
    `Refused with ${refused.status}, ${why?.code}: ${why?.message}`,
    `It was answered ${refused.status}, not refused for want of a justification.`,
  )

  tell.next(`She asks again: “${REASON}”.`)
  const request = await must(201, ask(REASON))
  tell.say(`Request ${request.id}`)
  await readBack(false, request)

  tell.next('Grace has mail.')
  await host.idle()
  const mail = (await tenant.mails('grace')).at(-1)
  if (!mail) throw new Broken('No mail has reached Grace.')
  tell.quote(`${mail.subject}\n\n${mail.text}`)

  tell.next('She opens the link. That alone decides nothing.')
  const browser = new Browser()
  const page = await browser.open(linkIn(mail))
  tell.found(/asks you to sign in/.test(wordsOn(page)), 'The page asks her to sign in.', wordsOn(page))
  await readBack(false, request)

  tell.next('She signs in and approves.')
  const decided = await browser.decide(
    await browser.signIn(page, 'grace'),
    'Approve',
    'Known incident, go ahead.',
  )
  const thanks = /Thank you\. It was approved by Grace Hopper\./.exec(wordsOn(decided))?.[0]
  tell.found(thanks !== undefined, `The page says: “${thanks}”`, wordsOn(decided))

  tell.next('Ada has the role.')
  await readBack(true, request)

  tell.next('59 minutes pass. She still has it.')
  await passes('PT59M')
  await readBack(true, request)

  tell.next('The hour is over.')
  await passes('PT1M')
  await readBack(false, request)

  tell.next('A second time, approved by API, and given back half an hour later.')
  const second = await must(201, ask('INC-4711: once more'))
  await must(
    200,
    as('grace', 'POST', `/api/approvals/${second.id}`, { reviewResult: 'Approve', justification: 'Fine.' }),
  )
  await readBack(true, second)
  await host.advance('PT30M')
  await must(201, as('ada', 'POST', '/api/requests', { action: 'selfDeactivate', roleDefinitionId: role.id }))
  await readBack(false, second)

  tell.next('Dorothy, the auditor, reads what happened.')
  await host.idle()
  const { value } = await must(200, as('dorothy', 'GET', `/api/audit?roleDefinitionId=${role.id}`))
  for (const { activityDateTime, initiatedBy, activityDisplayName } of value.toReversed())
    tell.say(
      `${activityDateTime.slice(11, 19)}  ${initiatedBy.displayName.padEnd(17)}  ${activityDisplayName}`,
    )
  const names = value.toReversed().map((event: { activityDisplayName: string }) => event.activityDisplayName)
  tell.found(
    JSON.stringify(names) === JSON.stringify(TRAIL),
    'Every change, in its order, and nothing else.',
    `That is not what happened. Expected: ${TRAIL.join('; ')}.`,
  )
}

const ACTIVATION = [
  'Add member to role requested (PIM activation)',
  'Add member to role approval requested (PIM activation)',
  'Add member to role request approved (PIM activation)',
  'Add member to role completed (PIM activation)',
]
const TRAIL = [
  'Update role setting in PIM',
  'Add eligible member to role in PIM completed (permanent)',
  ...ACTIVATION,
  'Remove member from role (PIM activation expired)',
  ...ACTIVATION,
  'Remove member from role requested (PIM deactivate)',
  'Remove member from role completed (PIM deactivate)',
]
