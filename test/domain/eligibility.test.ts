import { expect, test } from 'vitest'
import { principalRefusal } from '../../src/domain/eligibility.ts'
import type { Role } from '../../src/domain/role.ts'
import { engineers, exchangeRole } from '../fakes/people.ts'

const member: Role = { provider: 'group', roleDefinitionId: 'member', scope: `/groups/${engineers}` }
const owner: Role = { ...member, roleDefinitionId: 'owner' }
const azure: Role = { ...exchangeRole, provider: 'azure', scope: `/subscriptions/${engineers}` }

const person = { type: 'User' as const, displayName: 'Ada' }
const group = { type: 'Group' as const, displayName: 'Engineers', isAssignableToRole: false }
const operators = { ...group, displayName: 'Operators', isAssignableToRole: true }

test.each([
  ['a person', person, exchangeRole, undefined],
  ['a person', person, member, undefined],
  ['a person', person, owner, undefined],
  ['a group that may hold roles', operators, exchangeRole, undefined],
  ['any other group', group, exchangeRole, 'GroupNotAssignableToRole'],
  ['any other group', { type: 'Group' as const, displayName: 'x' }, exchangeRole, 'GroupNotAssignableToRole'],
  ['any other group', group, azure, undefined],
  ['any other group', group, member, undefined],
  ['a group that may hold roles', operators, member, undefined],
  ['any other group', group, owner, 'GroupCannotOwn'],
  ['a group that may hold roles', operators, owner, 'GroupCannotOwn'],
])('%s may be eligible, or not: %j for %j: %s', (_, principal, role, code) =>
  expect(principalRefusal(role, principal)?.code).toBe(code),
)
