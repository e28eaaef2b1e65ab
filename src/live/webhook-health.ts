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

/** Before something is made to wait: whatever becomes of this process, the sweep looks at it, and goes on until nothing waits. */
export async function listForRetries(
  { views, now }: Pick<Ports, 'views' | 'now'>,
  id: string,
  health: WebhookHealth = UNTRIED,
): Promise<void> {
  await views.list(id, { awaiting: [], due: nextLook(health, now()) }, UNLISTED)
}
