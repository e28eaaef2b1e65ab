import { expect, test } from 'vitest'
import { findings, open, settings, truth } from '../../../src/adapters/tables/keys.ts'
import { auditKeys } from '../../../src/domain/audit.ts'
import { settingsOwner } from '../../../src/domain/ids.ts'
import { heldAtKey, heldKey, waitingKey } from '../../../src/domain/open-work.ts'
import { guardKey, type Request } from '../../../src/domain/request.ts'
import { event } from '../../../src/domain/request-steps.ts'
import { type Role, roleKey, Scope } from '../../../src/domain/role.ts'

const GUID = '11111111-0000-4000-8000-000000000001'
const base = `/subscriptions/${GUID}/resourceGroups/${'g'.repeat(90)}/providers/Microsoft.Storage/storageAccounts/`
const longest = Scope.parse(`${base}${'a'.repeat(320 - base.length)}`)
const role: Role = { provider: 'azure', roleDefinitionId: GUID, scope: longest }
const id = `req-${'1'.repeat(32)}-${'z'.repeat(25)}`

test('a scope that is longer than our keys can bear is refused, with the limit', () => {
  expect(longest).toHaveLength(320)
  const error = Scope.safeParse(`${longest}a`).error
  expect(error?.issues[0]?.message).toBe('must have at most 320 characters')
})

test('of the longest scope no key has more than 1 KiB', () => {
  const request = {
    ...role,
    id,
    guard: 'assigned',
    principal: { id: GUID, displayName: '' },
    roleName: '',
    scopeName: '',
  } as Request
  const step = 'active-requested-2030-01-01T09:00:00.000Z'
  const recorded = event(request, step, 'Resolve PIM alert', request.principal, '2030-01-01T09:00:00.000Z')
  const indexed = auditKeys(recorded).map((key) => `${key}|${'9'.repeat(12)}|${recorded.id}`) // as src/adapters/tables/event-index.ts
  const keys = [
    ...indexed,
    truth.additions(roleKey(role), GUID),
    truth.guard(guardKey(request), GUID),
    settings.partition(settingsOwner(role)),
    settings.row(roleKey(role)),
    findings.governed(role),
    findings.standing(role, GUID),
    findings.place(`first-azure|${longest}`, 9999),
    ...[heldKey(role), heldAtKey(role), waitingKey(role)].map((key) => open.awaiting(key, id)),
  ]
  for (const key of keys) expect([key, key.length <= 512]).toEqual([key, true])
})
