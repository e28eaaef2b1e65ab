import { type DeadLetter, raised } from '../domain/webhook-delivery.ts'
import { changeHealth, listForRetries } from '../live/webhook-health.ts'
import type { Page, PageOptions, Ports } from '../ports.ts'
import { notFound, Refused } from './refused.ts'
import { found, tryAtOnce } from './webhooks.ts'

/** As many as fit into one transaction, each taken away and put elsewhere. */
const AT_ONCE = 45
/** A call ends before its caller has gone. */
const MOST = 20 * AT_ONCE

export async function listDeadLetters(
  ports: Ports,
  id: string,
  page: PageOptions,
): Promise<Page<DeadLetter>> {
  await found(ports, id)
  return ports.webhooks.dead(id, page)
}

/** What came of it; `more`: there were too many for one call. */
export type Dealt = { count: number; more: boolean }

/** Sends them again, from the beginning: these, or all of them. */
export async function retryDeadLetters(
  ports: Ports,
  id: string,
  eventIds?: readonly string[],
): Promise<Dealt> {
  if ((await found(ports, id)).value.state === 'disabled')
    throw new Refused(400, 'WebhookDisabled', 'The webhook is disabled: set its state to "enabled" first.')
  await listForRetries(ports, id)
  const dealt = await deal(ports, id, eventIds, (letters) => {
    const now = ports.now()
    return ports.webhooks.move(
      id,
      letters,
      letters.map((letter) => raised(letter, now)),
    )
  })
  if (dealt.count > 0) await tryAtOnce(ports, id)
  return dealt
}

/** They are not sent. The trail has their events still. */
export async function discardDeadLetters(
  ports: Ports,
  id: string,
  eventIds?: readonly string[],
): Promise<Dealt> {
  await found(ports, id)
  const dealt = await deal(ports, id, eventIds, (letters) => ports.webhooks.move(id, letters, []))
  ports.log.warn('Dead letters of a webhook were discarded.', { webhookId: id, ...dealt })
  return dealt
}

async function deal(
  ports: Ports,
  id: string,
  eventIds: readonly string[] | undefined,
  with_: (letters: DeadLetter[]) => Promise<void>,
): Promise<Dealt> {
  let count = 0
  if (eventIds) {
    const letters = await Promise.all(eventIds.map((eventId) => ports.webhooks.findDead(id, eventId)))
    const missing = eventIds.filter((_, index) => !letters[index])
    if (missing.length > 0) throw notFound(`There is no dead letter ${missing.join(', ')}.`)
    await with_(letters.filter((letter) => letter !== undefined))
    count = letters.length
  } else
    for (
      let letters = await next(ports, id);
      letters.length > 0 && count < MOST;
      letters = await next(ports, id)
    ) {
      await with_(letters)
      count += letters.length
    }
  const more = (await next(ports, id)).length > 0
  if (!more && (await ports.webhooks.health(id))?.value.hasDeadLetters)
    await changeHealth(ports, id, (health) => ({ ...health, hasDeadLetters: false }))
  return { count, more }
}

const next = async ({ webhooks }: Ports, id: string) =>
  (await webhooks.dead(id, { top: AT_ONCE, after: null })).items
