import { beforeEach, describe, expect, test } from 'vitest'
import { type Conversion, convertAll, Conversion as Schema } from '../../src/api/conversions.ts'
import { ADMINISTRATORS, type Role } from '../../src/domain/role.ts'
import type { Rule } from '../../src/domain/role-settings.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  exchangeRole,
  grace,
  helpdesk,
  helpdeskRole,
  linus,
} from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'

let w: World
beforeEach(() => {
  w = world()
})

const YEAR = 365 * 86_400_000
const globalAdministrator: Role = { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[0] as string }
const privileged: Role = { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[1] as string }

async function outcomes(
  action: Conversion['action'],
  principalId: string,
  role: Role = helpdeskRole,
  who = alan,
) {
  const items = [{ principalId, ...role }]
  const body = Schema.parse({ action, justification: 'Spring cleaning.', items })
  return (await convertAll(w.ports, caller(who), body)).map(({ outcome, code }) => code ?? outcome)
}

describe('of the last two Global Administrators', () => {
  test.each(['remove', 'makeEligible'] as const)(
    'one stays when two people %s both at once',
    async (action) => {
      w.tenant.definitions.set(globalAdministrator.roleDefinitionId, {
        ...helpdesk,
        id: globalAdministrator.roleDefinitionId,
      })
      w.tenant.give(linus.id, globalAdministrator, YEAR)
      for (const { id } of [ada, grace]) w.tenant.give(id, privileged, YEAR)
      const both = await Promise.all([
        outcomes(action, alan.id, globalAdministrator, ada),
        outcomes(action, linus.id, globalAdministrator, grace),
      ])
      expect([alan, linus].filter(({ id }) => w.tenant.holds(id, globalAdministrator))).toHaveLength(1)
      expect(both.flat().sort()).toEqual(['LastAdministrator', 'done'])
    },
  )
})

describe('what is made active is given for good, so', () => {
  const rule = (id: 'Expiration_Admin_Assignment' | 'Enablement_Admin_Assignment', more: object): Rule =>
    ({
      '@odata.type': `#microsoft.graph.unifiedRoleManagementPolicy${id.split('_')[0]}Rule`,
      id,
      ...more,
    }) as Rule
  const nothingGiven = () => [w.tenant.holds(ada.id, helpdeskRole), w.eligibilities.size, w.events.size]

  test.each<[what: string, rule: Rule]>([
    [
      'nothing is permanent for the role',
      rule('Expiration_Admin_Assignment', { isExpirationRequired: true, maximumDuration: 'P30D' }),
    ],
    [
      'whoever assigns it needs a second factor',
      rule('Enablement_Admin_Assignment', { enabledRules: ['MultiFactorAuthentication'] }),
    ],
    [
      'whoever assigns it needs a ticket',
      rule('Enablement_Admin_Assignment', { enabledRules: ['Ticketing'] }),
    ],
  ])('it is refused where %s', async (_, setting) => {
    await w.makeEligible(ada.id, helpdeskRole)
    await w.changeRules([setting], helpdeskRole.roleDefinitionId)
    expect(await outcomes('makeActive', ada.id)).toEqual(['RoleAssignmentRequestPolicyValidationFailed'])
    expect(nothingGiven()).toEqual([false, 1, 0])
  })

  test('it is refused before anything is given, while the eligibility is too young to be taken away', async () => {
    await w.makeEligible(ada.id, helpdeskRole, { createdDateTime: '2030-01-01T08:56:00.000Z' })
    expect(await outcomes('makeActive', ada.id)).toEqual(['ActiveDurationTooShort'])
    expect(nothingGiven()).toEqual([false, 1, 0])
  })

  test('it is refused for a group that may not hold the role, and for a role that is disabled', async () => {
    const eligible = await w.makeEligible(approversGroup, helpdeskRole, { principalType: 'Group' })
    expect(await outcomes('makeActive', eligible.principalId)).toEqual(['GroupNotAssignableToRole'])
    await w.makeEligible(ada.id, helpdeskRole)
    w.tenant.definitions.set(helpdesk.id, { ...helpdesk, isEnabled: false })
    expect(await outcomes('makeActive', ada.id)).toEqual(['RoleNotFound'])
    expect(nothingGiven()).toEqual([false, 2, 0])
  })
})

test('nothing is converted, removed or accepted of a group that a break-glass account is in; each attempt is recorded', async () => {
  w.ports.breakGlass = [grace.id] // in the group of approvers
  w.tenant.give(approversGroup, helpdeskRole, YEAR)
  await w.makeEligible(approversGroup, helpdeskRole, { principalType: 'Group' })
  const actions = ['makeEligible', 'makeActive', 'remove', 'acknowledge'] as const
  for (const action of actions)
    expect([action, await outcomes(action, approversGroup)]).toEqual([action, ['BreakGlassAccount']])
  expect([w.tenant.holds(approversGroup, helpdeskRole), w.eligibilities.size]).toEqual([true, 1])
  expect([...w.events.values()].map(({ resultReason }) => resultReason)).toEqual(
    actions.map((action) => `${action} asked for: refused`),
  )
})

describe('a group that the lists do not show yet, so that nobody knows of what kind it is', () => {
  beforeEach(() => {
    w.ports.directory = { ...w.ports.directory, principals: async () => [] }
    Object.assign(w.tenant.groups.get(approversGroup) as object, {
      members: [alan.id],
      isAssignableToRole: true,
    })
    w.tenant.give(approversGroup, helpdeskRole, YEAR)
  })

  test.each(['makeEligible', 'makeActive', 'remove', 'acknowledge'] as const)(
    'is no way to %s for oneself, nor for a break-glass account',
    async (action) => {
      expect(await outcomes(action, approversGroup)).toEqual(['InsufficientPermissions'])
      w.ports.breakGlass = [grace.id]
      Object.assign(w.tenant.groups.get(approversGroup) as object, { members: [grace.id] })
      expect(await outcomes(action, approversGroup)).toEqual(['BreakGlassAccount'])
    },
  )

  test('is made eligible by others', async () => {
    Object.assign(w.tenant.groups.get(approversGroup) as object, { members: [ada.id] })
    expect(await outcomes('makeEligible', approversGroup)).toEqual(['done'])
    expect([...w.eligibilities.values()]).toMatchObject([{ principalType: 'Group' }])
  })
})

test('who is eligible only later keeps what they have until then: nobody is left without', async () => {
  w.tenant.give(ada.id, helpdeskRole, YEAR)
  await w.makeEligible(ada.id, helpdeskRole, { startDateTime: '2030-06-01T00:00:00.000Z' })
  expect(await outcomes('makeEligible', ada.id)).toEqual(['RoleAssignmentExists'])
  expect(w.tenant.holds(ada.id, helpdeskRole)).toBe(true)
})
