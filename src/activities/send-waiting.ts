import { MINUTE, plus } from '../domain/schedule.ts'
import type { Webhook } from '../domain/webhook.ts'
import {
  afterFailure,
  buried,
  CLAIM,
  FAR,
  failed,
  isHeld,
  isTooOld,
  type Outcome,
  type Parcel,
  succeeded,
  UNSENT,
  UNTRIED,
} from '../domain/webhook-delivery.ts'
import { bury, disableForGood } from '../live/webhook-dead.ts'
import { changeHealth } from '../live/webhook-health.ts'
import type { Ports, Stored } from '../ports.ts'
import { sendParcel, wake } from './webhook-sending.ts'

const PAGE = 40
const MOST_AT_ONCE = 500
const DISABLED: Outcome = { verdict: 'gone', reason: UNSENT }

/**
 * Sends what waits and is due, in the order in which it is, until the endpoint fails. One at a time: it claims the webhook first, and
 * what arrives meanwhile is put aside too. If it dies the claim ends by itself, and the sweep goes on.
 */
export async function sendWaiting(ports: Ports, read: Stored<Webhook>): Promise<void> {
  const { webhooks } = ports
  const { id } = read.value
  const now = ports.now()
  const before = await webhooks.health(id)
  const health = before?.value ?? UNTRIED
  if (isHeld(health, now)) return
  const parcels = await webhooks.waiting(id, now, PAGE)
  if (parcels.length === 0) return
  const claim = { ...health, notBefore: plus(now, CLAIM).toISOString() }
  if (!(await webhooks.writeHealth(id, claim, before))) return // another one does it

  const { delivered, failures } = await sendEach(ports, read, parcels)
  const then = ports.now()
  const { notBefore } = await changeHealth(ports, id, (latest) => {
    const free = { ...latest, notBefore: null }
    const worked = delivered > 0 ? succeeded(free, then) : free
    return failures.reduce((health, { outcome, eventId }) => failed(health, eventId, outcome, then), worked)
  })
  const failure = failures.at(-1)?.outcome
  if (failure?.verdict === 'later') await buryTheOld(ports, read.value, failure)
  const [next] = await webhooks.waiting(id, FAR, 1)
  if (next) await wake(ports, id, new Date(next.due), notBefore)
}

type Failure = { outcome: Outcome; eventId: string }
type Round = { delivered: number; failures: Failure[]; isDisabled: boolean }

/** Until nothing is due any more, the endpoint fails, or it has taken long enough for one call: then another goes on. */
async function sendEach(ports: Ports, read: Stored<Webhook>, first: Parcel[]): Promise<Round> {
  const { id, state } = read.value
  const end = plus(ports.now(), MINUTE)
  const round: Round = { delivered: 0, failures: [], isDisabled: state === 'disabled' }
  let seen = 0
  let parcels = first
  while (parcels.length > 0) {
    for (const parcel of parcels) {
      if (ports.now() >= end || ++seen > MOST_AT_ONCE) return round
      if ((await sendNext(ports, read, parcel, round)) === 'stop') return round
    }
    parcels = await ports.webhooks.waiting(id, ports.now(), PAGE)
  }
  return round
}

async function sendNext(
  ports: Ports,
  read: Stored<Webhook>,
  parcel: Parcel,
  round: Round,
): Promise<'next' | 'stop'> {
  const outcome = round.isDisabled ? DISABLED : await sendParcel(ports, read, parcel)
  if (outcome.verdict === 'busy') return 'stop'
  if (outcome.verdict === 'delivered') {
    await ports.webhooks.move(parcel.webhookId, [parcel], [])
    round.delivered++
    return 'next'
  }
  if (outcome.verdict !== 'gone') round.failures.push({ outcome, eventId: parcel.eventId })
  else if (!round.isDisabled) {
    await disableForGood(ports, read, outcome.reason)
    round.isDisabled = true
  }
  const next = afterFailure(parcel, outcome, ports.now())
  if ('dead' in next) await bury(ports, read.value, [next.dead], [parcel])
  else await ports.webhooks.move(parcel.webhookId, [parcel], [next.again])
  return outcome.verdict === 'later' ? 'stop' : 'next'
}

/** An endpoint that fails is asked with one of many; the others grow old behind it. */
async function buryTheOld(ports: Ports, webhook: Webhook, { reason }: Outcome): Promise<void> {
  for (;;) {
    const now = ports.now()
    const old = (await ports.webhooks.waiting(webhook.id, now, PAGE)).filter((parcel) =>
      isTooOld(parcel, now),
    )
    if (old.length === 0) return
    await bury(
      ports,
      webhook,
      old.map((parcel) => buried(parcel, now, parcel.reason ?? reason)),
      old,
    )
  }
}
