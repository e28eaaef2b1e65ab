import { afterEach, describe, expect, test, vi } from 'vitest'
import { story } from '../support/story.ts'
import { troubleIn } from '../support/trouble.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()
const trouble = troubleIn(world)

test('an administrator may cancel what somebody else has asked for', async () => {
  const { ada, katherine, becomes, recorded } = await story(world, 'userAdministrator', { approval: true })
  const request = await ada.asks()
  expect(await katherine.triesToCancel(request)).toMatchObject({ status: 200, body: { status: 'Canceled' } })
  expect((await becomes(request, 'Canceled')).status).toBe('Canceled')
  expect((await recorded(request, 3)).at(-1)).toBe(
    'Katherine Johnson: Add member to role canceled (PIM activation)',
  )
})

describe.skipIf(isForeign)('what others do to assignments', () => {
  afterEach(() => world.tenant.lag({ ms: 0 }))

  test('an assignment that the lists did not show yet was not ours either, and stays', async () => {
    const { ada, role, becomes } = await story(world, 'helpdeskAdministrator')
    await world.tenant.lag({ ms: 3_600_000 })
    await world.tenant.control('POST', '/role-assignments', { principal: ada.short, role: role.id })
    const request = await ada.asks()
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    await world.advance('PT65M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([true, 'Expired'])
  })

  test('given for good by somebody right after the end: that stays', async () => {
    const { ada, role, becomes } = await story(world, 'securityReader')
    const request = await ada.asks()
    await becomes(request, 'Provisioned')
    await world.advance('PT61M')
    expect(await ada.holds()).toBe(false)
    await world.tenant.control('POST', '/role-assignments', { principal: ada.short, role: role.id })
    await world.advance('PT10M')
    expect(await ada.holds()).toBe(true)
  })

  test('asked for again right after it was given back: the look back at the old leaves the new alone', async () => {
    const { ada, becomes } = await story(world, 'intuneAdministrator')
    const first = await ada.asks()
    await becomes(first, 'Provisioned')
    await world.advance('PT10M')
    await ada.triesToDeactivate()
    await becomes(first, 'Revoked')
    const second = await ada.asks()
    await becomes(second, 'Provisioned')
    await world.advance('PT55M')
    expect([await ada.holds(), (await ada.sees(second)).status]).toEqual([true, 'Provisioned'])
    await world.advance('PT10M')
    expect([await ada.holds(), (await ada.sees(second)).status]).toEqual([false, 'Expired'])
  })

  test('a grant that was never answered is suspected: what is there again after the end is removed', async () => {
    const { ada, role, becomes, recorded } = await story(world, 'conditionalAccessAdministrator')
    await trouble.whenGiving({ kind: 'resetAfter' })
    const request = await ada.asks()
    await world.advance('PT5M')
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    await world.advance('PT55M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
    await world.tenant.control('POST', '/role-assignments', { principal: ada.short, role: role.id })
    await world.advance('PT10M')
    expect(await ada.holds()).toBe(false)
    const lookedBack = 'Interim: Remove member from role verified (PIM activation)'
    await vi.waitFor(async () => expect(await recorded(request, 4)).toContain(lookedBack), {
      timeout: 20_000,
      interval: 200,
    })
  })
})
