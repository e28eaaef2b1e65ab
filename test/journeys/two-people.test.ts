import { expect, test } from 'vitest'
import { roles } from '../../local/tenant/seed.ts'
import { Actor, accepted } from '../support/actor.ts'
import { isForeign, useWorld } from '../support/world.ts'

const world = useWorld({ SETTINGS_NEED_TWO: 'true' })

test.skipIf(isForeign)(
  'where settings need two, a change holds only when another administrator has confirmed it',
  async () => {
    const [katherine, alan] = ['katherine', 'alan'].map(
      (short) => new Actor(world, { id: '', short }, roles.reportsReader.id),
    ) as [Actor, Actor]
    const path = `/api/roles/${roles.reportsReader.id}/settings`
    const rule = {
      '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
      id: 'Expiration_EndUser_Assignment',
      isExpirationRequired: true,
      maximumDuration: 'PT2H',
    }
    const asked = await accepted<any>(202, katherine.calls('PATCH', path, { rules: [rule] }))
    expect(asked).toMatchObject({ outcome: 'pending', version: 0, ownRules: [] })
    const waiting = `/api/settings-changes/${asked.changeId}`
    expect((await katherine.calls('POST', waiting, { reviewResult: 'Approve' })).status).toBe(403)

    await world.advance('PT10M')
    const { value } = await accepted<any>(200, alan.calls('GET', '/api/settings-changes'))
    expect(value).toMatchObject([
      { id: asked.changeId, status: 'Pending', requestedBy: { displayName: 'Katherine Johnson' } },
    ])
    const review = { reviewResult: 'Approve', justification: 'As agreed.' }
    expect(await accepted<any>(200, alan.calls('POST', waiting, review))).toMatchObject({ status: 'Applied' })
    expect(await accepted<any>(200, alan.calls('GET', path))).toMatchObject({
      version: 1,
      ownRules: [rule],
      pendingChangeId: null,
    })
    expect((await accepted<any>(200, alan.calls('GET', '/api/settings-changes'))).value).toEqual([])

    const audit = await world.look(
      () => accepted<any>(200, alan.calls('GET', `/api/audit?roleDefinitionId=${roles.reportsReader.id}`)),
      ({ value }) => value.length >= 3, // it comes with the mails
    )
    const told = audit.value.map((e: any) => `${e.initiatedBy.displayName}: ${e.activityDisplayName}`).sort()
    expect(told).toEqual([
      'Alan Turing: Update role setting in PIM approved',
      'Katherine Johnson: Update role setting in PIM',
      'Katherine Johnson: Update role setting in PIM requested',
    ])
  },
)
