import { describe, expect, test } from 'vitest'
import { story, TRAIL } from '../support/story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()

test('cancelled while it waits: nobody can approve it any more', async () => {
  const { ada, grace, becomes, recorded, mailed } = await story(world, 'exchangeAdministrator', {
    approval: true,
  })
  const request = await ada.asks()
  await mailed(2)
  expect(await ada.triesToCancel(request)).toMatchObject({ status: 200, body: { status: 'Canceled' } })
  expect(await ada.triesToCancel(request)).toMatchObject({ status: 409 })
  expect(await grace.triesToDecide(request, 'Approve')).toMatchObject({
    status: 409,
    body: { error: { code: 'RoleAssignmentRequestNotPending' } },
  })
  expect(await grace.isAskedFor()).toEqual([])
  expect((await becomes(request, 'Canceled')).status).toBe('Canceled')
  expect(await recorded(request, 3)).toEqual([TRAIL.asked, TRAIL.approvalAsked, TRAIL.canceled])
  const canceled = (await mailed(4)).filter((line) => line.includes('was canceled'))
  expect(canceled.map((line) => line.split(':')[0])).toEqual(['grace', 'linus']) // Ada has done it
  expect(await ada.holds()).toBe(false)
})

test('it cannot be given back in its first five minutes', async () => {
  const { ada, becomes } = await story(world, 'messageCenterReader')
  expect((await ada.triesToDeactivate()).body.error.code).toBe('RoleAssignmentDoesNotExist')
  await becomes(await ada.asks(), 'Provisioned')
  expect(await ada.triesToDeactivate()).toMatchObject({
    status: 400,
    body: { error: { code: 'ActiveDurationTooShort' } },
  })
  expect(await ada.holds()).toBe(true)
})

describe.skipIf(isForeign)('as time goes by', () => {
  test('its holder ends it early', async () => {
    const { ada, becomes, recorded } = await story(world, 'userAdministrator')
    const request = await ada.asks()
    await becomes(request, 'Provisioned')
    await world.advance('PT30M')
    expect(await ada.triesToDeactivate()).toMatchObject({ status: 201, body: { id: request.id } })
    expect((await becomes(request, 'Revoked')).status).toBe('Revoked')
    expect(await ada.holds()).toBe(false)
    expect(await recorded(request, 4)).toEqual([TRAIL.asked, TRAIL.given, TRAIL.givenBack, TRAIL.takenBack])
    await world.advance('PT2H')
    expect(await recorded(request, 4)).toHaveLength(4)
  })

  test('a future one is cancelled before it starts, and never starts', async () => {
    const { ada, becomes } = await story(world, 'intuneAdministrator')
    const request = await ada.asks({
      scheduleInfo: {
        startDateTime: await world.inMinutes(60),
        expiration: { type: 'afterDuration', duration: 'PT1H' },
      },
    })
    await becomes(request, 'Granted')
    expect((await ada.triesToCancel(request)).status).toBe(200)
    await world.advance('PT90M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Canceled'])
  })
})
