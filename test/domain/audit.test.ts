import { expect, test } from 'vitest'
import { auditEvent } from '../../src/domain/audit.ts'
import { ada } from '../fakes/people.ts'

test.each([
  ['directory', 'RoleManagement'],
  ['azure', 'ResourceManagement'],
  ['group', 'GroupManagement'],
] as const)('an event about a role of the provider %s is of the category %s', (provider, category) => {
  const role = { provider, roleDefinitionId: 'member', scope: '/', displayName: 'Member' }
  const activity = 'Add member to role completed (PIM activation)'
  const about = { subject: 'req-1', step: 'provisioned', at: '2030-01-01T09:00:00.000Z', activity } as const
  expect(auditEvent({ ...about, by: ada, principal: ada, role })).toMatchObject({ category })
})
