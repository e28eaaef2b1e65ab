import { describe, expect, test } from 'vitest'
import { sweep } from '../../src/activities/sweep.ts'
import { WebhookAnswer, webhookAnswer } from '../../src/api/webhook-answers.ts'
import { discardDeadLetters, listDeadLetters, retryDeadLetters } from '../../src/api/webhook-deadletters.ts'
import {
  changeWebhook,
  createWebhook,
  getWebhook,
  listWebhooks,
  removeWebhook,
  rotateSecret,
  testWebhook,
} from '../../src/api/webhooks.ts'
import { MOST_WEBHOOKS, WebhookBody } from '../../src/domain/webhook.ts'
import { type DeadLetter, UNTRIED } from '../../src/domain/webhook-delivery.ts'
import { alan, caller } from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'
import { DOWN, hook, OK, runQueue } from '../support/webhooks.ts'

const refused = (status: number, code: string) => ({ name: 'Refused', status, code })
const by = caller(alan)
const body = (more: object = {}) =>
  WebhookBody.parse({ name: 'SIEM', url: 'https://siem.example/in?key=hush', ...more })
const trail = (w: World) => [...w.events.values()]
const secretsOf = async (w: World, id: string) =>
  (await w.ports.courier.open(w.hooks.rows.get(id)?.value.target ?? ''))?.target.secrets ?? []

describe('a webhook', () => {
  test('is made with a secret that is shown once, and never its whole address', async () => {
    const w = world()
    const made = await createWebhook(w.ports, by, body())
    expect(made.secret).toMatch(/^whsec_/)
    const { webhook } = await getWebhook(w.ports, made.webhook.id)
    const answer = webhookAnswer(await getWebhook(w.ports, webhook.id))
    expect(WebhookAnswer.strict().safeParse(answer).error).toBeUndefined()
    expect(answer).toMatchObject({
      name: 'SIEM',
      url: 'https://siem.example/in?…',
      format: 'cloudevents',
      state: 'enabled',
      createdBy: { id: alan.id, displayName: alan.displayName },
      delivery: { consecutiveFailures: 0, lastSuccess: null, isWaiting: false, hasDeadLetters: false },
    })
    expect((await listWebhooks(w.ports)).map(webhookAnswer)).toEqual([answer])
    for (const told of [answer, trail(w), w.logged]) {
      expect(JSON.stringify(told)).not.toContain('hush')
      expect(JSON.stringify(told)).not.toContain(made.secret)
    }
  })

  test('is one of fifty at most', async () => {
    const w = world()
    for (let n = 0; n < MOST_WEBHOOKS; n++) await createWebhook(w.ports, by, body())
    await expect(createWebhook(w.ports, by, body())).rejects.toMatchObject(refused(400, 'QuotaExceeded'))
  })

  test('is in the trail with each change, and what changed; the webhooks hear of that too', async () => {
    const w = world()
    const { id } = await hook(w)
    w.hooks.sent.length = 0
    await changeWebhook(w.ports, by, id, { name: 'The SIEM', filter: { result: 'failure' } })
    await rotateSecret(w.ports, by, id, 24)
    await changeWebhook(w.ports, by, id, { filter: {} })
    await runQueue(w)
    await removeWebhook(w.ports, by, id)
    expect(trail(w).map((event) => event.activityDisplayName)).toEqual([
      'Add webhook',
      'Update webhook',
      'Rotate webhook secret',
      'Update webhook',
      'Remove webhook',
    ])
    const [, update] = trail(w)
    expect(update).toMatchObject({
      initiatedBy: { id: alan.id },
      role: { displayName: 'webhook The SIEM' },
      additionalDetails: expect.arrayContaining([
        { key: 'webhook', value: id },
        { key: 'version', value: '2' },
        { key: 'filter', value: '{"result":"failure"}' },
      ]),
    })
    expect([...w.views.indexed.keys()].sort()).toEqual([...w.events.keys()].sort())
    expect(w.hooks.sent.map(({ body: each }) => JSON.parse(each).data.activityDisplayName)).toEqual([
      'Update webhook',
    ])
  })

  test('that is not there is not found, whatever is asked of it', async () => {
    const w = world()
    const id = 'hook-00000000000000000000000000000001-0kabcdefg0000000001'
    const missing = refused(404, 'ResourceNotFound')
    for (const asked of [
      () => getWebhook(w.ports, id),
      () => changeWebhook(w.ports, by, id, { name: 'x' }),
      () => rotateSecret(w.ports, by, id, 1),
      () => removeWebhook(w.ports, by, id),
      () => testWebhook(w.ports, by, id),
      () => listDeadLetters(w.ports, id, { top: 1, after: null }),
      () => retryDeadLetters(w.ports, id),
      () => discardDeadLetters(w.ports, id),
    ])
      await expect(asked()).rejects.toMatchObject(missing)
  })

  test('the address of a chat service, which is a secret, stays hidden whatever it is called from then on', async () => {
    const w = world()
    const { id } = await hook(w, { url: 'https://hooks.chat.example/services/T0/S3CRET', format: 'slack' })
    for (const patch of [{ format: 'cloudevents' as const }, { name: 'x' }]) {
      const { webhook } = await changeWebhook(w.ports, by, id, patch)
      expect(webhook.shownUrl).toBe('https://hooks.chat.example/…')
    }
    expect(JSON.stringify([...w.events.values()])).not.toContain('S3CRET')
  })

  test('keeps its address when others are changed, and gets another when it is given one', async () => {
    const w = world()
    const { id } = await hook(w, { url: 'https://siem.example/a' })
    await changeWebhook(w.ports, by, id, { name: 'x' })
    await testWebhook(w.ports, by, id)
    const { webhook } = await changeWebhook(w.ports, by, id, {
      url: 'https://other.example/b?c',
      format: 'slack',
    })
    expect(webhook.shownUrl).toBe('https://other.example/…')
    await testWebhook(w.ports, by, id)
    expect(w.hooks.sent.map(({ url }) => url)).toEqual([
      'https://siem.example/a',
      'https://other.example/b?c',
    ])
  })

  test('two changes at once are both made', async () => {
    const w = world()
    const { id } = await hook(w)
    await Promise.all([
      changeWebhook(w.ports, by, id, { name: 'x' }),
      changeWebhook(w.ports, by, id, { state: 'disabled' }),
    ])
    expect((await getWebhook(w.ports, id)).webhook).toMatchObject({
      name: 'x',
      state: 'disabled',
      version: 3,
    })
  })
})

describe('a secret', () => {
  test('that is rotated signs for a while beside the new one, and then no more', async () => {
    const w = world()
    const first = await createWebhook(w.ports, by, body())
    const { id } = first.webhook
    const second = await rotateSecret(w.ports, by, id, 2)
    expect(second.webhook.oldSecretUntil).toBe('2030-01-01T11:00:00.000Z')
    await testWebhook(w.ports, by, id)
    w.at('2030-01-01T11:00:00.000Z')
    await testWebhook(w.ports, by, id)
    expect(w.hooks.sent.map(({ secrets }) => secrets)).toEqual([
      [second.secret, first.secret],
      [second.secret],
    ])
  })

  test('that has leaked is replaced at once', async () => {
    const w = world()
    const { webhook } = await createWebhook(w.ports, by, body())
    const { secret, webhook: after } = await rotateSecret(w.ports, by, webhook.id, 0)
    expect(after.oldSecretUntil).toBeNull()
    expect(await secretsOf(w, webhook.id)).toEqual([{ secret, until: null }])
  })

  test('is one of three at most, and no rotation lengthens the life of an old one', async () => {
    const w = world()
    const { webhook } = await createWebhook(w.ports, by, body())
    await rotateSecret(w.ports, by, webhook.id, 1)
    await rotateSecret(w.ports, by, webhook.id, 100)
    const until = (await secretsOf(w, webhook.id)).map((each) => each.until)
    expect(until).toEqual([null, '2030-01-05T13:00:00.000Z', '2030-01-01T10:00:00.000Z'])
    await rotateSecret(w.ports, by, webhook.id, 100)
    expect(await secretsOf(w, webhook.id)).toHaveLength(3)
  })
})

test('a test tells what the endpoint said, of a disabled webhook too, and is no event', async () => {
  const w = world()
  const { id } = await hook(w, { state: 'disabled' })
  const before = w.events.size
  expect(await testWebhook(w.ports, by, id)).toEqual(OK)
  w.hooks.world.answer = () => DOWN
  expect(await testWebhook(w.ports, by, id)).toEqual(DOWN)
  expect([w.events.size, w.hooks.parcels.size, w.hooks.healths.size]).toEqual([before, 0, 0])
  expect(JSON.parse(w.hooks.sent[0]?.body ?? '')).toMatchObject({ type: 'interim.audit.test-webhook' })
})

describe('dead letters', () => {
  async function withDead(count: number) {
    const w = world()
    const { id } = await hook(w, { filter: { activities: ['none'] } })
    const [event] = [...w.events.values()]
    const letters = Array.from({ length: count }, (_, n): DeadLetter => {
      const eventId = `use-11111111000040008000000000000001-0kabcdefg${`${n}`.padStart(10, '0')}.used`
      if (event) w.events.set(eventId, { ...event, id: eventId })
      return {
        webhookId: id,
        eventId,
        attempts: 4,
        since: '2029-12-01T00:00:00.000Z',
        reason: 'No.',
        diedAt: '2029-12-01T00:00:00.000Z',
      }
    })
    await w.ports.webhooks.move(id, [], letters)
    return { w, id, letters }
  }

  test('are listed page by page', async () => {
    const { w, id, letters } = await withDead(3)
    const first = await listDeadLetters(w.ports, id, { top: 2, after: null })
    const second = await listDeadLetters(w.ports, id, { top: 2, after: first.next })
    expect([...first.items, ...second.items]).toEqual(letters)
  })

  test('are sent again, all of them, and none is left', async () => {
    const { w, id } = await withDead(120)
    expect(await retryDeadLetters(w.ports, id)).toEqual({ count: 120, more: false })
    await runQueue(w)
    expect(new Set(w.hooks.sent.map((each) => each.id)).size).toBe(120)
    expect([w.hooks.sent.length, w.hooks.parcels.size, w.hooks.dead.size]).toEqual([120, 0, 0])
  })

  test('are sent again one by one; where the message that wakes is lost, by the sweep', async () => {
    const { w, id, letters } = await withDead(2)
    const [{ eventId } = { eventId: '' }] = letters
    expect(await retryDeadLetters(w.ports, id, [eventId])).toEqual({ count: 1, more: true })
    w.hooks.queue.length = 0
    w.at('2030-01-01T09:05:00.000Z')
    await sweep(w.ports, w.workflows)
    await runQueue(w)
    expect(w.hooks.sent.map((each) => each.id)).toEqual([eventId])
  })

  test('that are not there are not found, and then nothing is done', async () => {
    const { w, id, letters } = await withDead(1)
    const [{ eventId } = { eventId: '' }] = letters
    const asked = retryDeadLetters(w.ports, id, [eventId, eventId.replace('used', 'other')])
    await expect(asked).rejects.toMatchObject(refused(404, 'ResourceNotFound'))
    expect(w.hooks.dead.size).toBe(1)
  })

  test('of a disabled webhook are sent when it is enabled', async () => {
    const { w, id } = await withDead(1)
    await changeWebhook(w.ports, by, id, { state: 'disabled' })
    await expect(retryDeadLetters(w.ports, id)).rejects.toMatchObject(refused(400, 'WebhookDisabled'))
    await changeWebhook(w.ports, by, id, { state: 'enabled' })
    expect((await retryDeadLetters(w.ports, id)).count).toBe(1)
  })

  test('are forgotten where nobody wants them; after that the next one is news again', async () => {
    const { w, id, letters } = await withDead(2)
    const health = await w.ports.webhooks.health(id)
    await w.ports.webhooks.writeHealth(id, { ...UNTRIED, hasDeadLetters: true }, health)
    const [{ eventId } = { eventId: '' }] = letters
    expect(await discardDeadLetters(w.ports, id, [eventId])).toEqual({ count: 1, more: true })
    expect((await getWebhook(w.ports, id)).health.hasDeadLetters).toBe(true)
    expect(await discardDeadLetters(w.ports, id)).toEqual({ count: 1, more: false })
    expect((await getWebhook(w.ports, id)).health.hasDeadLetters).toBe(false)
    expect(w.hooks.sent).toEqual([])
  })
})
