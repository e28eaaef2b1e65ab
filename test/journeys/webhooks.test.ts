import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { roles } from '../../local/tenant/seed.ts'
import { signatureHeaders } from '../../src/adapters/webhooks/signature.ts'
import type { AuditEvent } from '../../src/domain/audit.ts'
import { Actor, accepted } from '../support/actor.ts'
import { Endpoint } from '../support/endpoint.ts'
import { story } from '../support/story.ts'
import { isForeign, useWorld } from '../support/world.ts'

const world = useWorld()
const [siem, chat] = [new Endpoint(), new Endpoint()]
beforeAll(() => Promise.all([siem.listen(), chat.listen()]))
afterAll(() => {
  siem.stop()
  chat.stop()
})
const katherine = new Actor(world, { id: '', short: 'katherine' }, roles.reportsReader.id)
type Made = { id: string; secret: string; delivery: Record<string, unknown> }
const make = (body: object) => accepted<Made>(201, katherine.calls('POST', '/api/webhooks', body))
const see = ({ id }: { id: string }) => accepted<Made>(200, katherine.calls('GET', `/api/webhooks/${id}`))

/** All that the trail has, of everybody. */
async function trail(): Promise<AuditEvent[]> {
  const { value, nextLink } = await accepted<{ value: AuditEvent[]; nextLink?: string }>(
    200,
    katherine.calls('GET', '/api/audit?top=200'),
  )
  expect(nextLink).toBeUndefined()
  return value
}

describe.skipIf(isForeign)('webhooks', () => {
  test('down for hours, then throttled: approvals go on, and in the end each event has arrived once', async () => {
    siem.answer = { status: 503 }
    const hook = await make({ name: 'SIEM', url: siem.url })
    const other = await make({
      name: 'Chat',
      url: chat.url,
      format: 'slack',
      filter: { activities: ['Add member to role request approved*'] },
    })
    const { ada, grace, becomes, mailed } = await story(world, 'reportsReader', { approval: true })
    const asked = await ada.asks()
    await world.advance('PT5M')
    await grace.approves(asked)
    expect((await becomes(asked, 'Provisioned')).status).toBe('Provisioned')
    expect(await ada.holds()).toBe(true)
    await world.advance('PT2H')
    expect([await ada.holds(), (await ada.sees(asked)).status]).toEqual([false, 'Expired'])
    expect((await mailed(3)).length).toBeGreaterThanOrEqual(3)
    expect(chat.taken()).toEqual([`${asked.id}.decided`])
    expect(siem.taken()).toEqual([])
    const down = await see(hook)
    expect(down.delivery).toMatchObject({
      lastReason: 'Answered 503.',
      isWaiting: true,
      hasDeadLetters: false,
    })
    expect(siem.arrivals.length).toBeLessThan(15)

    siem.answer = { status: 429, headers: { 'retry-after': '3600' } }
    await world.advance('PT90M')
    const throttled = siem.arrivals.filter(({ status }) => status === 429)
    expect(throttled.length).toBeGreaterThanOrEqual(1)
    expect(throttled.length).toBeLessThanOrEqual(2)
    const again = await ada.asks()
    siem.answer = { status: 202 }
    await grace.approves(again)
    await world.advance('PT90M')

    const events = await trail()
    expect(events.length).toBeGreaterThan(10)
    expect(siem.taken()).toEqual(events.map(({ id }) => id).sort())
    for (const { headers, body } of siem.arrivals) {
      const at = new Date(Number(headers['webhook-timestamp']) * 1000)
      expect(headers).toMatchObject(
        signatureHeaders(`${headers['webhook-id']}`, at, body.toString(), [hook.secret]),
      )
      const told = JSON.parse(body.toString())
      expect(told).toMatchObject({
        specversion: '1.0',
        id: headers['webhook-id'],
        source: `${world.url}/api/audit`,
      })
      expect(told.data).toEqual(events.find(({ id }) => id === told.id))
    }
    expect((await see(hook)).delivery).toMatchObject({ consecutiveFailures: 0, isWaiting: false })
    expect((await see(other)).delivery).toMatchObject({ lastFailure: null })
    expect(chat.taken()).toEqual([asked, again].map(({ id }) => `${id}.decided`).sort())
    for (const { id } of [hook, other]) await accepted(204, katherine.calls('DELETE', `/api/webhooks/${id}`))
  })

  test('what an endpoint does not want is a dead letter, and arrives when it is asked for again', async () => {
    const hook = await make({ name: 'Picky', url: siem.url, filter: { activities: ['Update webhook'] } })
    siem.answer = { status: 400 }
    siem.arrivals.length = 0
    const { id } = await make({ name: 'Any', url: chat.url, state: 'disabled' })
    await accepted(200, katherine.calls('PATCH', `/api/webhooks/${id}`, { name: 'Another' }))
    await world.advance('PT30M')
    const path = `/api/webhooks/${hook.id}/deadletters`
    const { value } = await accepted<{ value: { eventId: string }[] }>(200, katherine.calls('GET', path))
    expect(value).toMatchObject([{ attempts: 4, reason: 'Answered 400.' }])
    expect((await see(hook)).delivery).toMatchObject({ hasDeadLetters: true, isWaiting: false })
    expect((await trail())[0]).toMatchObject({
      activityDisplayName: 'Webhook deliveries given up',
      result: 'failure',
    })

    siem.answer = { status: 200 }
    const { delivered } = await accepted<{ delivered: boolean }>(
      200,
      katherine.calls('POST', `/api/webhooks/${hook.id}/test`),
    )
    expect(delivered).toBe(true)
    expect(await accepted(200, katherine.calls('POST', `${path}/retry`, {}))).toEqual({
      count: 1,
      more: false,
    })
    const taken = await world.look(
      async () => siem.taken(),
      (seen) => seen.length === 2,
    )
    expect(taken).toEqual(expect.arrayContaining(value.map(({ eventId }) => eventId)))
    expect((await see(hook)).delivery).toMatchObject({ hasDeadLetters: false })
    for (const each of [hook.id, id]) await accepted(204, katherine.calls('DELETE', `/api/webhooks/${each}`))
  })

  test('an endpoint that is not on the internet is not called, and the administrator is told why', async () => {
    for (const url of [
      'https://169.254.169.254/metadata',
      'https://10.0.0.1/',
      'https://[::ffff:10.0.0.1]/',
    ]) {
      const { id } = await make({ name: 'Inside', url })
      const { delivered, reason } = await accepted<{ delivered: boolean; reason: string }>(
        200,
        katherine.calls('POST', `/api/webhooks/${id}/test`),
      )
      expect([delivered, reason]).toEqual([false, expect.stringContaining('not on the internet')])
      await accepted(204, katherine.calls('DELETE', `/api/webhooks/${id}`))
    }
  })
})
