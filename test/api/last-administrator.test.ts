import { expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { requestActivation } from '../../src/api/activations.ts'
import { removeAssignment } from '../../src/api/assignments.ts'
import { endEarly } from '../../src/api/endings.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { SelfActivate, SelfExtend } from '../../src/domain/ask.ts'
import { AdminRemove } from '../../src/domain/assignment.ts'
import { ADMINISTRATORS, type Role } from '../../src/domain/role.ts'
import { ada, alan, caller, grace } from '../fakes/people.ts'
import { lasting, type World, world } from '../fakes/world.ts'

const [GLOBAL, PRIVILEGED] = ADMINISTRATORS.map(
  (roleDefinitionId): Role => ({ provider: 'directory', roleDefinitionId, scope: '/' }),
) as [Role, Role]

/** Ada is the only Global Administrator left: by an activation, and what extends it. */
async function lastByExtension(w: World) {
  const definition = { id: GLOBAL.roleDefinitionId, displayName: 'Global Administrator' }
  const named = { ...definition, isBuiltIn: true, isEnabled: true, isPrivileged: true }
  w.tenant.definitions.set(GLOBAL.roleDefinitionId, named)
  w.tenant.give(grace.id, PRIVILEGED, 1)
  await w.makeEligible(ada.id, GLOBAL)
  const justification = 'nobody else is there'
  const ask = async (schema: typeof SelfActivate | typeof SelfExtend, action: string, duration: string) => {
    const body = schema.parse({ action, ...GLOBAL, ...lasting(duration), justification })
    const { id } = await requestActivation(w.ports, w.workflows, caller(ada), body)
    await advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 })
    return id
  }
  const activated = await ask(SelfActivate, 'selfActivate', 'PT1H')
  const extending = await ask(SelfExtend, 'selfExtend', 'PT3H')
  for (const row of w.tenant.rows) if (row.principalId === alan.id) row.removedAt = 1
  w.at('2030-01-01T09:30:00.000Z')
  return { activated, extending }
}

/** Whoever ends the activation ends what extends it: then nobody would be left. */
test.each<[string, (w: World, id: string) => Promise<unknown>]>([
  [
    'taken away by an administrator',
    (w, targetScheduleId) =>
      removeAssignment(
        w.ports,
        w.workflows,
        caller(grace),
        AdminRemove.parse({ action: 'adminRemove', targetScheduleId }),
      ),
  ],
  ['ended', (w, id) => endEarly(w.ports, w.workflows, caller(grace), id, { justification: 'no' })],
  ['given back', (w) => deactivate(w.ports, w.workflows, caller(ada), GLOBAL, null)],
])('the last administrator’s activation is not %s, though it is extended', async (_how, end) => {
  const w = world()
  const { activated, extending } = await lastByExtension(w)
  await expect(end(w, activated)).rejects.toMatchObject({ status: 400, code: 'LastAdministrator' })
  expect([w.row(activated).status, w.row(extending).status]).toEqual(['Provisioned', 'Provisioned'])
})
