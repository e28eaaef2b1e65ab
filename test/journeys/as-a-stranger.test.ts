import { expect, test } from 'vitest'
import { accepted } from '../support/actor.ts'
import { story } from '../support/story.ts'
import { useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()

test('what is made says where it is; a dry run made nothing', async () => {
  const { ada } = await story(world, 'reportsReader')
  const dry = await ada.triesToAsk({ isValidationOnly: true })
  expect([dry.status, dry.body.id, dry.headers.get('location')]).toEqual([201, '', null])

  const made = await ada.triesToAsk()
  const location = made.headers.get('location') ?? ''
  expect(new URL(location).pathname).toBe(`/api/requests/${made.body.id}`)
  expect(await accepted(200, ada.calls('GET', new URL(location).pathname))).toMatchObject({
    id: made.body.id,
    principalId: ada.id,
    principal: { id: ada.id },
  })
})

test('an eligibility has the fields of a request too, and its window may be sent as it was read', async () => {
  const { ada, katherine, dorothy, makeEligible } = await story(world, 'reportsReader', { eligible: false })
  const endDateTime = await world.inMinutes(60 * 24 * 30)
  const { id } = await makeEligible(ada, {
    startDateTime: null,
    expiration: { type: 'AfterDateTime', endDateTime },
  })
  const { value } = await accepted<{ value: { scheduleInfo: object; startDateTime: string }[] }>(
    200,
    dorothy.calls('GET', `/api/eligibilities?principalId=${ada.id}`),
  )
  const [read] = value
  expect(read).toMatchObject({
    id,
    principal: { id: ada.id, displayName: 'Ada Lovelace' },
    scheduleInfo: {
      startDateTime: read?.startDateTime,
      expiration: { type: 'afterDateTime', duration: null, endDateTime },
    },
  })
  const update = { action: 'adminUpdate', targetScheduleId: id, scheduleInfo: read?.scheduleInfo }
  expect(await accepted(201, katherine.calls('POST', '/api/eligibilities', update))).toMatchObject({
    scheduleInfo: read?.scheduleInfo,
  })
})
