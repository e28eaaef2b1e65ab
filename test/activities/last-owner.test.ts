import { expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { isPastDue } from '../../src/domain/request.ts'
import type { Role } from '../../src/domain/role.ts'
import { memberships } from '../fakes/memberships.ts'
import { ada, approversGroup, caller, linus } from '../fakes/people.ts'
import { world } from '../fakes/world.ts'

const ownership: Role = { provider: 'group', roleDefinitionId: 'owner', scope: `/groups/${approversGroup}` }

test('the last owner of a group gives it back, and it is tried for longer than thirty days, until there is another owner', async () => {
  const w = world()
  const groups = memberships(w.tenant)
  w.ports.providers.group = groups
  await w.makeEligible(ada.id, ownership)
  const { id } = await w.ask(ownership)
  await advance(w.ports, { requestId: id, turn: 2 })
  w.at('2030-01-01T09:30:00.000Z')
  await deactivate(w.ports, w.workflows, caller(ada), ownership)
  w.post.notices.splice(0)

  const told: string[] = []
  for (let day = 1; day <= 40; day++) {
    w.at(new Date(Date.UTC(2030, 0, day, 10)).toISOString())
    await advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 })
    for (const notice of w.post.notices.splice(0)) await deliver(w.ports, notice)
    told.push(...w.post.mails.splice(0).map(({ to }) => to.displayName))
  }
  expect(w.row(id)).toMatchObject({
    status: 'PendingRevocation',
    ending: {
      because: 'deactivated',
      attempts: 40,
      lastError: expect.stringContaining('at least one owner'),
    },
  })
  expect(isPastDue(w.row(id), w.clock.now)).toBe(true)
  expect(w.steps(id)).toContain('removal-failed')
  expect(told).toEqual(['Alan Turing']) // the only owner is the one concerned: so others are told

  groups.owners.add(linus.id)
  w.at('2030-03-01T10:00:00.000Z')
  await advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 })
  expect([w.row(id).status, [...groups.owners]]).toEqual(['Revoked', [linus.id]])
})
