import { beforeEach, describe, expect, test } from 'vitest'
import { type Conversion, convertAll, Conversion as Schema } from '../../src/api/conversions.ts'
import { ADMINISTRATORS, type Role } from '../../src/domain/role.ts'
import { ada, alan, caller, exchangeRole, grace, helpdesk, helpdeskRole, linus } from '../fakes/people.ts'
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
