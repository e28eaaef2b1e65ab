import { type AnyNotice, type NoticeToMany, subjectOf } from '../domain/notice.ts'
import { causeOf, isPressing } from '../domain/notification.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import { goesAtOnce } from '../live/bundles.ts'
import { type Mail, type Ports, Throttled, Unavailable } from '../ports.ts'
import type { Mailing } from './addressed.ts'
import { deliverBundle } from './deliver-bundle.ts'
import { deliverDigest } from './deliver-digest.ts'
import { mailingsOf } from './mailings.ts'

/** So often a queue may bring a message before a fresh copy takes its place: fewer than host.json's maxDequeueCount. */
export const FRESH_COPY_AFTER = 1000

/**
 * What the outbox brings: the events are indexed, and each who is concerned gets a mail of their own. When a mail does not
 * go out, the others still do, and only the rest is put back. Throws when none went out, for the queue to try again.
 *
 * A message that fails for a day is given up. One that only waits for the quota is not: `attempt` is how often it was brought, and
 * before that is too often a fresh copy takes its place.
 */
export async function deliver(ports: Ports, notice: AnyNotice, attempt = 1): Promise<void> {
  try {
    await ports.views.indexEvents(notice.events)
    if ((notice.kinds as readonly string[]).length === 0) return // only to be indexed
    if ('digest' in notice) await deliverDigest(ports, notice)
    else if ('bundle' in notice) await deliverBundle(ports, notice)
    else await deliverOrPutBack(ports, notice)
  } catch (error) {
    if (!(error instanceof Throttled) || attempt < FRESH_COPY_AFTER) throw error
    await ports.outbox.send(notice)
  }
}

async function deliverOrPutBack(ports: Ports, notice: NoticeToMany): Promise<void> {
  const urgency = { isPressing: isPressing(notice), causedBy: causeOf(notice) }
  // What was held back before is cheap to hold back again: nobody is looked up.
  if (notice.left && ports.mailer.opensAt(urgency.isPressing, urgency.causedBy))
    throw new Throttled('The mail quota is used up.')
  const all = await mailingsOf(ports, notice)
  const mailings = all.filter(({ name }) => !notice.left || notice.left.includes(name))
  const { left, throttled } = await tellEach(ports, notice, mailings, urgency)
  if (left.length === 0) return
  const isNew = !notice.left && throttled === left.length // put back without what has been done: that is cheaper to bring
  if (left.length < mailings.length || isNew) return putBack(ports, notice, left)
  if (throttled > 0) throw new Throttled(`None of ${left.length} mails went out: the quota is used up.`)
  throw new Unavailable(`None of ${left.length} mails went out.`)
}

/** Whom it was not told, and how many of these for the quota. */
async function tellEach(
  ports: Ports,
  notice: NoticeToMany,
  mailings: readonly Mailing[],
  urgency: Urgency,
): Promise<{ left: string[]; throttled: number }> {
  const left: string[] = []
  let throttled = 0
  const until = plus(ports.now(), PATIENCE)
  for (const mailing of mailings) {
    if (ports.now() > until) {
      left.push(mailing.name)
      continue
    }
    try {
      await tell(ports, mailing, urgency)
    } catch (error) {
      const about = { subjectId: subjectOf(notice), kinds: notice.kinds }
      if (error instanceof Throttled) throttled++
      else ports.log.warn('A mail did not go out yet.', { ...about, error: `${error}` })
      left.push(mailing.name)
    }
  }
  return { left, throttled }
}

/** The host ends what takes five minutes, and all else that its process does; a mail to a service that hangs takes half of one. */
const PATIENCE = 2 * MINUTE

/** In parts that fit into messages. A process that dies in between leaves the whole, and a mail has the same key at every attempt. */
async function putBack({ outbox }: Ports, notice: NoticeToMany, left: readonly string[]): Promise<void> {
  for (let start = 0; start < left.length; start += A_MESSAGEFUL)
    await outbox.send({ ...notice, events: [], left: left.slice(start, start + A_MESSAGEFUL) })
}

const A_MESSAGEFUL = 100

type Urgency = Pick<Mail, 'isPressing' | 'causedBy'>

async function tell(ports: Ports, { to, key, mayWait, write }: Mailing, urgency: Urgency): Promise<void> {
  if (!to.mail)
    return ports.log.warn('Somebody has no mail address and was not told.', { person: to.id, mail: key })
  const { content, ...letter } = write()
  const { headline, facts, sentence, because } = content
  const told = { key, headline, facts, sentence, because }
  if (mayWait && !urgency.isPressing && !(await goesAtOnce(ports, to, told))) return
  await ports.mailer.send({ to, ...letter, ...urgency }, key)
}
