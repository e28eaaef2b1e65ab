import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { createEligibility } from '../../src/api/eligibilities.ts'
import { myRoles } from '../../src/api/my-roles.ts'
import { changeRoleSettings } from '../../src/api/role-settings.ts'
import { NewEligibility } from '../../src/domain/eligibility.ts'
import type { Role } from '../../src/domain/role.ts'
import { ada, alan, caller, exchange, grace, linus, mallory } from '../fakes/people.ts'
import { enablement, world } from '../fakes/world.ts'

const guid = (n: number) => `22222222-0000-4000-8000-0000000000${n}`
const [helpers, operators, engineers] = [guid(71), guid(72), guid(73)]
const relation = (groupId: string, roleDefinitionId = 'member'): Role => ({
  provider: 'group',
  roleDefinitionId,
  scope: `/groups/${groupId}`,
})

/** Helpers have Ada among them and are eligible for membership of Operators, which Grace owns. */
async function nested() {
  const w = world()
  w.tenant.groups.set(helpers, { id: helpers, displayName: 'Helpers', members: [ada.id] })
  w.tenant.groups.set(operators, {
    id: operators,
    displayName: 'Operators',
    members: [],
    owners: [grace.id],
    isAssignableToRole: true,
  })
  w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [] })
  const eligible = (principalId: string, role: Role, who = alan) =>
    createEligibility(w.ports, caller(who), NewEligibility.parse({ ...role, principalId }))
  await eligible(helpers, relation(operators))
  const asks = (role: Role, who = ada) => w.ask(role, who)
  const activates = async (role: Role, who = ada) => {
    const { id } = await asks(role, who)
    await advance(w.ports, { requestId: id, turn: 2 })
    return w.row(id)
  }
  const titles = async (who = ada) =>
    (await myRoles(w.ports, caller(who))).eligible.map(({ title, memberType }) => [title, memberType])
  return { ...w, eligible, asks, activates, titles }
}

const notEligible = { details: [expect.objectContaining({ code: 'EligibilityRule' })] }

describe('a group that is eligible for membership of another', () => {
  test('lets each of its members activate a membership of their own', async () => {
    const w = await nested()
    expect(await w.titles()).toEqual([['Member of Operators', 'Group']])
    const request = await w.activates(relation(operators))
    expect(request).toMatchObject({ status: 'Provisioned', principal: { id: ada.id }, principalType: 'User' })
    expect(w.tenant.holds(ada.id, relation(operators))).toBe(true)
    expect(w.tenant.holds(helpers, relation(operators))).toBe(false)
  })

  test('makes nobody eligible who is merely eligible for it', async () => {
    const w = await nested()
    await w.eligible(linus.id, relation(helpers))
    expect(await w.titles(linus)).toEqual([['Member of Helpers', 'Direct']])
    await expect(w.asks(relation(operators), linus)).rejects.toMatchObject(notEligible)

    await w.activates(relation(helpers), linus) // now an active member, and so eligible like the others
    expect(await w.titles(linus)).toContainEqual(['Member of Operators', 'Group'])
    expect(await w.activates(relation(operators), linus)).toMatchObject({ status: 'Provisioned' })
  })

  test('passes nothing on along a chain: each step has to be activated', async () => {
    const w = await nested()
    await w.eligible(operators, relation(engineers))
    await expect(w.asks(relation(engineers))).rejects.toMatchObject(notEligible)
    await w.activates(relation(operators))
    expect(await w.activates(relation(engineers))).toMatchObject({ status: 'Provisioned' })
  })

  test('makes its members no owners', async () => {
    const w = await nested()
    await expect(w.asks(relation(operators, 'owner'))).rejects.toMatchObject(notEligible)
  })
})

describe('who may be eligible for what', () => {
  const directory: Role = { provider: 'directory', roleDefinitionId: exchange.id, scope: '/' }
  test.each([
    ['a group for a directory role that it could not hold', engineers, directory, 'GroupNotAssignableToRole'],
    ['a group for owning another', helpers, relation(operators, 'owner'), 'GroupCannotOwn'],
    ['anybody in a group that is not there', ada.id, relation(guid(99)), 'RoleNotFound'],
  ])('not %s', async (_, principalId, role, code) => {
    const w = await nested()
    await expect(w.eligible(principalId, role)).rejects.toMatchObject({ status: 400, code })
  })

  test('not anybody in a group that cannot be managed, and the reason is named', async () => {
    const w = await nested()
    const refusal = { code: 'InvalidScope', message: 'A rule says who is in it.' }
    w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [], refusal })
    await expect(w.eligible(ada.id, relation(engineers))).rejects.toMatchObject({ status: 400, ...refusal })
  })

  test('a group that may hold directory roles', async () => {
    const w = await nested()
    expect(await w.eligible(operators, directory)).toMatchObject({ principalType: 'Group' })
  })
})

test('an owner administers the group, its settings too; a member and a stranger do not', async () => {
  const w = await nested()
  expect(await w.eligible(linus.id, relation(operators), grace)).toMatchObject({
    createdBy: { id: grace.id },
  })
  await w.activates(relation(operators))
  for (const stranger of [ada, mallory])
    await expect(w.eligible(linus.id, relation(operators, 'owner'), stranger)).rejects.toMatchObject({
      status: 403,
    })
  const change = { rules: [enablement('Justification', 'Ticketing')] }
  const { settings } = await changeRoleSettings(w.ports, caller(grace), relation(operators), change)
  expect(settings).toMatchObject({ version: 1, role: relation(operators) })
  await expect(w.asks(relation(operators), linus)).rejects.toMatchObject({
    details: [expect.objectContaining({ code: 'TicketingRule' })],
  })
  const [changed] = [...w.events.values()].filter((event) => event.activityDisplayName.startsWith('Update'))
  expect(changed).toMatchObject({
    role: { displayName: 'Member of Operators' },
    initiatedBy: { id: grace.id },
  })
  expect(await w.ports.store.eventsOf(changed?.correlationId ?? '')).toEqual([changed])
})

test('what is recorded names the group', async () => {
  const w = await nested()
  const { id } = await w.activates(relation(operators))
  const names = [...w.events.values()].filter((event) => event.correlationId === id).map(({ role }) => role)
  expect(new Set(names.map(({ displayName }) => displayName))).toEqual(new Set(['Member of Operators']))
})
