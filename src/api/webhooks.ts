import type { AuditEvent } from '../domain/audit.ts'
import { makeId } from '../domain/ids.ts'
import { HOUR, plus } from '../domain/schedule.ts'
import {
  MOST_WEBHOOKS,
  shownUrl,
  type Target,
  WEBHOOKS,
  type Webhook,
  type WebhookBody,
  type WebhookPatch,
} from '../domain/webhook.ts'
import { FAR, NO_FAILURE, type Outcome, UNTRIED, type WebhookHealth } from '../domain/webhook-delivery.ts'
import { listForSweep } from '../live/list-for-sweep.ts'
import { webhookEvent } from '../live/webhook-events.ts'
import { changeHealth } from '../live/webhook-health.ts'
import { postEvent } from '../live/webhook-post.ts'
import type { Caller, Ports, Stored } from '../ports.ts'
import { webhookBody } from '../words/webhook-body.ts'
import { notFound, Refused } from './refused.ts'
import { refuseTooLarge } from './settings-record.ts'
import { actor, again } from './withdrawals.ts'

export type WebhookState = { webhook: Webhook; health: WebhookHealth; isWaiting: boolean }
/** With the secret, which is shown this once. */
export type WithSecret = WebhookState & { secret: string }

export async function listWebhooks(ports: Ports): Promise<WebhookState[]> {
  const all = await ports.webhooks.list('fresh')
  return Promise.all(all.map((webhook) => stateOf(ports, webhook)))
}

export async function getWebhook(ports: Ports, id: string): Promise<WebhookState> {
  const { value } = await found(ports, id)
  return stateOf(ports, value)
}

export async function createWebhook(ports: Ports, caller: Caller, body: WebhookBody): Promise<WithSecret> {
  if ((await ports.webhooks.list('fresh')).length >= MOST_WEBHOOKS)
    throw new Refused(400, 'QuotaExceeded', `There are ${MOST_WEBHOOKS} webhooks already: remove one first.`)
  const { url, ...rest } = body
  const now = ports.now()
  const secret = ports.courier.newSecret()
  const at = { at: now.toISOString(), by: actor(caller) }
  const webhook: Webhook = {
    ...rest,
    id: makeId('hook', WEBHOOKS, now, ports.random()),
    target: await ports.courier.seal({ url, secrets: [{ secret, until: null }] }),
    shownUrl: shownUrl(url, rest.format),
    disabledReason: null,
    oldSecretUntil: null,
    version: 1,
    createdDateTime: at.at,
    createdBy: at.by,
    lastModifiedDateTime: at.at,
    lastModifiedBy: at.by,
  }
  const event = webhookEvent(ports, webhook, {
    activity: 'Add webhook',
    by: at.by,
    details: detailsOf(webhook),
  })
  if (!(await written(ports, webhook, undefined, event)))
    throw new Refused(409, 'ConcurrentUpdate', 'Others are changing this at the same time. Try again.')
  return { webhook, health: UNTRIED, isWaiting: false, secret }
}

/** What is left out stays. Whoever enables it, or gives it another address, has it tried at once. */
export async function changeWebhook(
  ports: Ports,
  caller: Caller,
  id: string,
  { url, ...patch }: WebhookPatch,
): Promise<WebhookState> {
  const webhook = await edit(ports, caller, id, 'Update webhook', async (before, target) => {
    const next = { ...before, ...(patch as Partial<Webhook>) }
    const shownNow = shownUrl(url ?? target.url, next.format)
    // What was a secret does not become none because it is read otherwise: the address of a chat service stays hidden.
    const staysHidden = url === undefined && before.shownUrl.endsWith('/…')
    return {
      ...next,
      disabledReason: next.state === 'enabled' ? null : before.disabledReason,
      target: url === undefined ? before.target : await ports.courier.seal({ ...target, url }),
      shownUrl: staysHidden ? before.shownUrl : shownNow,
    }
  })
  if (url !== undefined || patch.state === 'enabled') await tryAtOnce(ports, id)
  return stateOf(ports, webhook)
}

/** A new secret; the one before is good for so many hours more, in which both sign. */
export async function rotateSecret(
  ports: Ports,
  caller: Caller,
  id: string,
  overlapHours: number,
): Promise<WithSecret> {
  const secret = ports.courier.newSecret()
  const webhook = await edit(ports, caller, id, 'Rotate webhook secret', async (before, target) => {
    const now = ports.now()
    const until = plus(now, overlapHours * HOUR).toISOString()
    const old = target.secrets
      .map((each) => ({ ...each, until: each.until !== null && each.until < until ? each.until : until }))
      .filter((each) => each.until > now.toISOString())
      .slice(0, MOST_SECRETS - 1)
    return {
      ...before,
      target: await ports.courier.seal({ ...target, secrets: [{ secret, until: null }, ...old] }),
      oldSecretUntil: old[0]?.until ?? null,
    }
  })
  return { ...(await stateOf(ports, webhook)), secret }
}

const MOST_SECRETS = 3

/** It gets nothing more, and what waits for it is forgotten. */
export async function removeWebhook(ports: Ports, caller: Caller, id: string): Promise<void> {
  await again(async () => {
    const read = await found(ports, id)
    const event = webhookEvent(ports, read.value, { activity: 'Remove webhook', by: actor(caller) })
    await listForSweep(ports, event.correlationId)
    await listForSweep(ports, id)
    if (!(await ports.webhooks.remove(read, [event]))) return undefined
    await ports.views.indexEvents([event])
    return true
  })
}

/** Sends an event that is none, at once and to a webhook that is disabled too, and tells what came of it. */
export async function testWebhook(ports: Ports, caller: Caller, id: string): Promise<Outcome> {
  const read = await found(ports, id)
  const event = webhookEvent(ports, read.value, {
    activity: 'Test webhook',
    by: actor(caller),
    reason: 'This is a test. Nothing has happened.',
  })
  return postEvent(ports, read, { ...event, id: `${event.correlationId}.test` }, webhookBody)
}

export async function found({ webhooks }: Ports, id: string): Promise<Stored<Webhook>> {
  const read = await webhooks.read(id)
  if (!read) throw notFound(`There is no webhook ${id}.`)
  return read
}

/** What waits is tried now, however long it was to wait. */
export async function tryAtOnce(ports: Ports, id: string): Promise<void> {
  if (await ports.webhooks.health(id))
    await changeHealth(ports, id, (health) => ({ ...health, ...NO_FAILURE }))
  await ports.errands.send([{ webhookId: id, eventId: null }])
}

async function stateOf({ webhooks }: Ports, webhook: Webhook): Promise<WebhookState> {
  const [health, waiting] = await Promise.all([
    webhooks.health(webhook.id),
    webhooks.waiting(webhook.id, FAR, 1),
  ])
  return { webhook, health: health?.value ?? UNTRIED, isWaiting: waiting.length > 0 }
}

async function edit(
  ports: Ports,
  caller: Caller,
  id: string,
  activity: 'Update webhook' | 'Rotate webhook secret',
  change: (before: Webhook, target: Target) => Promise<Webhook>,
): Promise<Webhook> {
  return again(async () => {
    const read = await found(ports, id)
    const opened = await ports.courier.open(read.value.target)
    if (!opened)
      throw new Refused(
        409,
        'WebhookUnreadable',
        'Its address and secret were sealed with a key that is no longer in LINK_SIGNING_KEYS. Remove it and make it anew.',
      )
    const by = actor(caller)
    const webhook: Webhook = {
      ...(await change(read.value, opened.target)),
      version: read.value.version + 1,
      lastModifiedDateTime: ports.now().toISOString(),
      lastModifiedBy: by,
    }
    const event = webhookEvent(ports, webhook, { activity, by, details: detailsOf(webhook) })
    return (await written(ports, webhook, read, event)) ? webhook : undefined
  })
}

async function written(
  ports: Ports,
  webhook: Webhook,
  read: Stored<Webhook> | undefined,
  event: AuditEvent,
): Promise<boolean> {
  refuseTooLarge([webhook, event])
  await listForSweep(ports, event.correlationId)
  if (!(await ports.webhooks.write(webhook, read, [event]))) return false
  await ports.views.indexEvents([event])
  return true
}

/** As it is then; of its address what may be shown. */
const detailsOf = ({ version, state, format, shownUrl: url, filter, oldSecretUntil }: Webhook) => [
  { key: 'version', value: `${version}` },
  { key: 'state', value: state },
  { key: 'format', value: format },
  { key: 'url', value: url },
  { key: 'filter', value: JSON.stringify(filter) },
  ...(oldSecretUntil ? [{ key: 'oldSecretUntil', value: oldSecretUntil }] : []),
]
