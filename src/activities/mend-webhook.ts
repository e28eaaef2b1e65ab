import { UNLISTED } from '../domain/open-work.ts'
import { FAR, isHeld, nextLook, UNTRIED } from '../domain/webhook-delivery.ts'
import { changeHealth } from '../live/webhook-health.ts'
import type { DueRow, Ports } from '../ports.ts'

/**
 * What the sweep does with a webhook for which something waits: it has it sent, and looks again until nothing does. It sends nothing
 * itself. Off the list first, then a last look, then the list is written: see `listForRetries`.
 */
export async function mendWebhook(ports: Ports, listed: DueRow): Promise<boolean> {
  const { webhooks, views, errands } = ports
  const id = listed.subjectId
  const waits = async () => (await webhooks.waiting(id, FAR, 1)).length > 0
  if (!(await webhooks.read(id))) {
    await forget(ports, id)
    await views.list(id, UNLISTED, listed)
    return false
  }
  let isWaiting = await waits()
  if (!isWaiting) {
    await changeHealth(ports, id, (health) => (health.listed ? { ...health, listed: null } : undefined))
    isWaiting = await waits()
  }
  if (!isWaiting) {
    await views.list(id, UNLISTED, listed)
    return false
  }
  const now = ports.now()
  const health = (await webhooks.health(id))?.value ?? UNTRIED
  const due = nextLook(health, now)
  await views.list(id, { awaiting: [], due }, listed)
  if (health.listed !== due) await changeHealth(ports, id, (latest) => ({ ...latest, listed: due }))
  if (!isHeld(health, now)) await errands.send([{ webhookId: id, eventId: null }])
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
