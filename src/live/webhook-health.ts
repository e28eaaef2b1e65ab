import { UNLISTED } from '../domain/open-work.ts'
import { nextLook, UNTRIED, type WebhookHealth } from '../domain/webhook-delivery.ts'
import { type Ports, Unavailable } from '../ports.ts'

/** Writes how an endpoint is, whoever else does; undefined from `change`: it stays. */
export async function changeHealth(
  { webhooks }: Pick<Ports, 'webhooks'>,
  id: string,
  change: (health: WebhookHealth) => WebhookHealth | undefined,
): Promise<WebhookHealth> {
  for (let tries = 0; tries < 20; tries++) {
    const read = await webhooks.health(id)
    const health = read?.value ?? UNTRIED
    const next = change(health)
    if (!next) return health
    if (await webhooks.writeHealth(id, next, read)) return next
  }
  throw new Unavailable(`Many are writing at once how webhook ${id} is.`)
}

/**
 * Something waits now, so the sweep is to look. Called after it was put there: the sweep takes a webhook off its list before it
 * looks for the last time (`mendWebhook`), so that either it sees what waits, or this sees that it is not listed.
 */
export async function listForRetries(ports: Ports, id: string): Promise<void> {
  const health = (await ports.webhooks.health(id))?.value ?? UNTRIED
  if (health.listed !== null) return
  const due = nextLook(health, ports.now())
  await ports.views.list(id, { awaiting: [], due }, UNLISTED)
  await changeHealth(ports, id, (latest) => (latest.listed === null ? { ...latest, listed: due } : undefined))
}
