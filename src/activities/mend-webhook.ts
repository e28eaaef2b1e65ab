import { UNLISTED } from '../domain/open-work.ts'
import { FAR, isHeld, nextLook, UNTRIED } from '../domain/webhook-delivery.ts'
import type { DueRow, Ports } from '../ports.ts'

/**
 * What the sweep does with a webhook for which something waits, or is just being made to: it has it sent, and looks again until
 * nothing does. It sends nothing itself. Whoever makes something wait lists it anew first, for later than now: so what is taken off
 * the list here is not what they rely on.
 */
export async function mendWebhook(ports: Ports, listed: DueRow): Promise<boolean> {
  const { webhooks, views, errands, now } = ports
  const id = listed.subjectId
  if (!(await webhooks.read(id))) {
    await forget(ports, id)
    await views.list(id, UNLISTED, listed)
    return false
  }
  if ((await webhooks.waiting(id, FAR, 1)).length === 0) {
    await views.list(id, UNLISTED, listed)
    return false
  }
  const health = (await webhooks.health(id))?.value ?? UNTRIED
  await views.list(id, { awaiting: [], due: nextLook(health, now()) }, listed)
  if (!isHeld(health, now())) await errands.send([{ webhookId: id, eventId: null }])
  return false
}

/** Of a webhook that was removed. */
async function forget({ webhooks }: Ports, id: string): Promise<void> {
  for (let n = 0; n < 50; n++) {
    const waiting = await webhooks.waiting(id, FAR, 100)
    const { items } = await webhooks.dead(id, { top: 100 - waiting.length || 1, after: null })
    const gone = [...waiting, ...items].slice(0, 100)
    if (gone.length === 0) return
    await webhooks.move(id, gone, [])
  }
}
