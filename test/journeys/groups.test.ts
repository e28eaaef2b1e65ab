import { describe, expect, test } from 'vitest'
import { personApproves } from '../../local/demo/rules.ts'
import { groups, people } from '../../local/tenant/seed.ts'
import { accepted } from '../support/actor.ts'
import { groupStory } from '../support/group-story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()
/** An hour of the clock costs four comparisons. */
const FOR_A_WHILE = { scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT15M' } } }

test('membership with an approval: asked for, approved, given, told of, and given in the name of the group', async () => {
  const { ada, grace, olga, group, setRules, makeEligible, becomes } = await groupStory(world)
  await makeEligible(ada, group.as('member'), olga) // an owner, who is no administrator of anything else
  await setRules('member', { approval: { approvers: [personApproves(grace.id)] } }, olga)

  const mine = await accepted<{ eligible: object[] }>(200, ada.calls('GET', '/api/me/roles'))
  expect(mine.eligible).toMatchObject([
    { provider: 'group', title: 'Member of Operators', scopeDisplayName: 'Operators', isActive: false },
  ])
  const request = await ada.asks(group.as('member'))
  expect(request).toMatchObject({ status: 'PendingApproval', title: 'Member of Operators' })
  expect((await grace.mails(1)).at(-1)?.subject).toBe(
    "PIM: Review Ada Lovelace's request to activate membership of Operators",
  )
  expect((await grace.opens(await grace.mailedLink())).html).toContain(
    'Ada Lovelace asks to activate membership of Operators',
  )
  expect(await group.has(ada)).toBe(false)
  expect((await olga.sees(request)).id).toBe(request.id)
  await grace.approves(request)
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
  expect([await group.has(ada), await group.has(ada, 'owner')]).toEqual([true, false])
  expect((await ada.mails(1)).at(-1)?.subject).toMatch(/^PIM: Your membership of Operators is active until /)
})

test('only those who manage a group make others eligible for it', async () => {
  const { ada, grace, olga, group, triesToMakeEligible } = await groupStory(world)
  const status = async (by: typeof ada) => (await triesToMakeEligible(grace, group.as('member'), by)).status
  expect([await status(ada), await status(olga)]).toEqual([403, 201])
})

test('an owner lists what is of their group, by its name only, and nobody else does', async () => {
  const { ada, grace, olga, group, setRules, makeEligible } = await groupStory(world)
  await makeEligible(ada, group.as('member'), olga)
  await setRules('member', { approval: { approvers: [personApproves(grace.id)] } }, olga)
  const { id } = await ada.asks(group.as('member'))
  const scope = `provider=group&scope=/groups/${group.id}`
  const role = `${scope}&roleDefinitionId=member`
  const lists = [
    `eligibilities?${role}`,
    `assignments?${role}`,
    `audit?${role}`,
    `waiting?${role}`,
    `discovery?${scope}`,
    `incidents?${scope}`,
  ]
  for (const list of lists) {
    expect([list, (await olga.calls('GET', `/api/${list}`)).status]).toEqual([list, 200])
    expect([list, (await grace.calls('GET', `/api/${list}`)).status]).toEqual([list, 403])
    const everything = list.split('?')[0]
    expect([list, (await olga.calls('GET', `/api/${everything}`)).status]).toEqual([list, 403])
  }
  const { value } = await accepted<{ value: object[] }>(200, olga.calls('GET', `/api/waiting?${role}`))
  expect(value).toMatchObject([{ id, waitsFor: [{ type: 'User', id: grace.id }] }])
})

test.each([
  ['dynamicDevices', 'InvalidScope', 'dynamic membership'],
  ['synced', 'InvalidScope', 'on-premises'],
  ['mailSecurity', 'InvalidScope', 'mail-enabled security group'],
  ['newsletter', 'InvalidScope', 'distribution list'],
  ['restricted', 'ResourceIsLocked', 'restricted management'],
] as const)('%s is refused, and why is said', async (name, code, reason) => {
  const { ada, triesToMakeEligible } = await groupStory(world)
  for (const roleDefinitionId of ['member', 'owner']) {
    const role = { provider: 'group', roleDefinitionId, scope: `/groups/${groups[name].id}` }
    const { status, body } = await triesToMakeEligible(ada, role)
    expect([status, body.error.code]).toEqual([400, code])
    expect(body.error.message).toContain(reason)
  }
})

test('a group that is gone after somebody was made eligible for it gives nothing', async () => {
  const { ada, group, makeEligible } = await groupStory(world)
  await makeEligible(ada, group.as('member'))
  await group.isDeleted()
  expect(await ada.triesToAsk(group.as('member'))).toMatchObject({
    status: 400,
    body: { error: { details: [{ code: 'RoleRule' }] } },
  })
})

test('a group has two roles to list and to set, and what is no group has none', async () => {
  const { ada, group } = await groupStory(world)
  const list = (scope: string) => ada.calls('GET', `/api/roles?provider=group&scope=${scope}`)
  const { value } = await accepted<{ value: object[] }>(200, list(`/groups/${group.id}`))
  expect(value).toMatchObject([
    { id: 'member', displayName: 'Member' },
    { id: 'owner', displayName: 'Owner' },
  ])
  for (const scope of ['/', `/groups/${ada.id}`])
    expect(await list(scope)).toMatchObject({ status: 400, body: { error: { code: 'InvalidScope' } } })
})

test('groups own nothing, and only role-assignable ones are eligible for directory roles', async () => {
  const { group, newGroup, triesToMakeEligible } = await groupStory(world)
  const other = await newGroup('Helpers')
  const code = async (role: object) => (await triesToMakeEligible(other, role)).body.error?.code
  expect(await code(group.as('owner'))).toBe('GroupCannotOwn')
  const directoryRole = { roleDefinitionId: '4a5d8f65-41da-4de4-8968-e035b65339cf' }
  expect(await code(directoryRole)).toBe('GroupNotAssignableToRole')
  const assignable = await newGroup('Tier Zero', { isAssignableToRole: true })
  expect((await triesToMakeEligible(assignable, directoryRole)).status).toBe(201)
})

test('members of an eligible group, nested ones too, activate memberships of their own; who is merely eligible does not', async () => {
  const { ada, grace, olga, group, newGroup, makeEligible, becomes } = await groupStory(world)
  const nested = await newGroup('Nested', { members: [grace.short] })
  const helpers = await newGroup('Helpers', { members: [ada.short, nested.short] })
  await makeEligible(helpers, group.as('member'))
  await makeEligible(olga, helpers.as('member'))

  expect(await olga.triesToAsk(group.as('member'))).toMatchObject({
    status: 400,
    body: { error: { details: [{ code: 'EligibilityRule' }] } },
  })
  for (const member of [ada, grace]) {
    await becomes(await member.asks(group.as('member')), 'Provisioned')
    expect(await group.has(member)).toBe(true)
  }
  expect(await group.has(helpers)).toBe(false)

  await becomes(await olga.asks(helpers.as('member')), 'Provisioned')
  await becomes(await olga.asks(group.as('member')), 'Provisioned')
  expect([await helpers.has(olga), await group.has(olga)]).toEqual([true, true])
})

test('one activation of a group gives all the roles that the group holds', async () => {
  const { ada, group, makeEligible, becomes } = await groupStory(world, { isAssignableToRole: true })
  for (const role of ['Global Reader', 'Reports Reader'])
    await world.tenant.control('POST', '/role-assignments', { principal: group.short, role })
  await makeEligible(ada, group.as('member'))
  const readsEverything = async () => (await ada.calls('GET', '/api/eligibilities')).status
  expect(await readsEverything()).toBe(403)

  await becomes(await ada.asks(group.as('member')), 'Provisioned')
  for (const role of ['Global Reader', 'Reports Reader'])
    expect(await world.tenant.holds(ada.short, role)).toBe(true)
  expect(await readsEverything()).toBe(200) // our own API looks up transitive roles, and finds it
})

describe.skipIf(isForeign)('as time goes by', () => {
  test('a membership ends on time, and the roles that came with it', async () => {
    const { ada, group, makeEligible, becomes } = await groupStory(world, { isAssignableToRole: true })
    await world.tenant.control('POST', '/role-assignments', { principal: group.short, role: 'Global Reader' })
    await makeEligible(ada, group.as('member'))
    const request = await ada.asks({ ...group.as('member'), ...FOR_A_WHILE })
    await becomes(request, 'Provisioned')
    await world.advance('PT15M')
    expect((await becomes(request, 'Expired')).status).toBe('Expired')
    expect([await group.has(ada), await world.tenant.holds(ada.short, 'Global Reader')]).toEqual([
      false,
      false,
    ])
    const { deletions } = await world.tenant.control('GET', '/state')
    expect(deletions.map(({ id }: { id: string }) => id)).not.toContain(ada.id)
  })

  test('ownership: given, and given back', async () => {
    const { ada, group, makeEligible, becomes } = await groupStory(world)
    await makeEligible(ada, group.as('owner'))
    const request = await ada.asks(group.as('owner'))
    await becomes(request, 'Provisioned')
    expect([await group.has(ada, 'owner'), await group.has(ada)]).toEqual([true, false])
    await world.advance('PT10M')
    const back = { action: 'selfDeactivate', ...group.as('owner') }
    await accepted(201, ada.calls('POST', '/api/requests', back))
    expect((await becomes(request, 'Revoked')).status).toBe('Revoked')
    expect(await group.has(ada, 'owner')).toBe(false)
    expect((await ada.mails(1)).map(({ subject }) => subject)).toContainEqual(
      expect.stringMatching(/^PIM: Your ownership of Operators is active until /),
    )
  })

  test('the last owner at its end: past due, administrators are told, and tried again until there is another', async () => {
    const { ada, grace, olga, katherine, group, makeEligible, becomes } = await groupStory(world)
    await makeEligible(ada, group.as('owner'))
    const request = await ada.asks({ ...group.as('owner'), ...FOR_A_WHILE })
    await becomes(request, 'Provisioned')
    await group.outside('DELETE', olga, 'owner')

    await world.advance('PT16M')
    expect((await becomes(request, 'PendingRevocation')).status).toBe('PendingRevocation')
    await world.advance('PT1H')
    expect([await group.has(ada, 'owner'), (await katherine.sees(request)).status]).toEqual([
      true,
      'PendingRevocation',
    ])
    const told = (await katherine.mails(1)).map(({ subject }) => subject)
    expect(told).toContain("PIM: Ada Lovelace's ownership of Operators could not be removed yet")
    const { body: health } = await katherine.calls('GET', '/api/health')
    expect(JSON.stringify(health)).toMatch(/pastDue\D+[1-9]/)

    await group.outside('PUT', grace, 'owner')
    await world.advance('PT20M')
    expect((await becomes(request, 'Expired')).status).toBe('Expired')
    expect([await group.has(ada, 'owner'), await group.has(grace, 'owner')]).toEqual([false, true])
  })

  test('who was a member already stays one', async () => {
    const { ada, group, makeEligible, becomes } = await groupStory(world)
    await group.outside('PUT', ada)
    await makeEligible(ada, group.as('member'))
    const request = await ada.asks({ ...group.as('member'), ...FOR_A_WHILE })
    await becomes(request, 'Provisioned')
    await world.advance('PT16M')
    expect((await becomes(request, 'Expired')).status).toBe('Expired')
    expect(await group.has(ada)).toBe(true)
  })

  test.each([
    ['the group', 'Expired'],
    ['the person', 'Revoked'], // seen by a comparison before its end
  ] as const)('%s is deleted while it is active: then it has ended', async (what, status) => {
    const { ada, katherine, group, makeEligible, becomes } = await groupStory(world)
    await makeEligible(ada, group.as('member'))
    const lasting = { expiration: { type: 'afterDuration', duration: 'PT30M' } }
    const request = await ada.asks({ ...group.as('member'), scheduleInfo: lasting })
    await becomes(request, 'Provisioned')
    if (what === 'the group') await group.isDeleted()
    else await world.tenant.control('DELETE', `/people/${ada.short}`)
    await world.advance('PT16M')
    const { provider, scope } = group.as('member')
    if (what === 'the person')
      await accepted(200, katherine.calls('POST', '/api/drift/scan', { provider, scope }))
    await world.advance('PT15M')
    expect((await becomes(request, status)).status).toBe(status)
  })

  test('a membership that was given and whose answer was lost is ours, and ends', async () => {
    const { ada, group, makeEligible, becomes } = await groupStory(world)
    await makeEligible(ada, group.as('member'))
    await world.tenant.fault({
      match: { service: 'graph', method: 'POST', path: `${group.id}/members/\\$ref` },
      kind: 'resetAfter',
    })
    const request = await ada.asks({ ...group.as('member'), ...FOR_A_WHILE })
    await world.advance('PT5M')
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    await world.advance('PT15M')
    expect([await group.has(ada), (await becomes(request, 'Expired')).status]).toEqual([false, 'Expired'])
  })
})

test('everybody of this story was there before it and is there after it', async () => {
  const { people: left } = await world.tenant.control('GET', '/state')
  expect(left.map(({ id }: { id: string }) => id)).toEqual(
    expect.arrayContaining(Object.values(people).map(({ id }) => id)),
  )
})
