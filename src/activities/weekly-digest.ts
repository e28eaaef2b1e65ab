import { DIGEST_ROLES, type DigestMailing, isQuiet } from '../domain/digest.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import { digestDue, weekOf } from '../domain/week.ts'
import { isEmergencyAccount } from '../live/break-glass.ts'
import { countWeek, digestOfWeek } from '../live/digest.ts'
import type { Ports, Stored } from '../ports.ts'

export type Digested = { week: string; sent: number } | undefined

/**
 * Counts what is new, and once a week makes the digest of the week that is over and puts it into the outbox, for each who is to get it.
 * It is made once: kept before the first mail. How far it has gone out is written down too, so that after a death the rest gets
 * it; the few that get it twice get the very same mail, which the mail service knows by its key.
 */
export async function weeklyDigest(ports: Ports, patience = 2 * MINUTE): Promise<Digested> {
  const { digests, digestTime, log } = ports
  const now = ports.now()
  const until = plus(now, patience)
  const since = await digests.since(now)
  await countWeek(ports, weekOf(now, digestTime.timeZone), until)
  const due = digestDue(now, digestTime)
  const { week } = due
  if (since >= due.at) return undefined // of a week that began before anybody looked there is nothing to tell
  const begun = await digests.readMailing(week)
  if (!begun && now >= due.until) {
    await countWeek(ports, week, until) // for whoever looks it up; to send it is too late, hours before the next
    return undefined
  }
  const mailing = begun ?? (await make(ports, week, until))
  if (!mailing) log.warn('The digest is late: there is more to count than there was time for.', { week })
  if (!mailing || mailing.value.isSent) return undefined
  return { week, sent: await send(ports, mailing) }
}

async function make(ports: Ports, week: string, until: Date): Promise<Stored<DigestMailing> | undefined> {
  const { digests } = ports
  if (!(await countWeek(ports, week, until))) return undefined
  const digest = await digestOfWeek(ports, week, true)
  const madeAt = ports.now().toISOString()
  await digests.keep(digest, { week, madeAt, sentUpTo: null, isSent: isQuiet(digest) })
  return digests.readMailing(week)
}

/** In the order of their ids, a few at a time: the mail service takes a hundred in an hour, and others want to be heard too. */
async function send(ports: Ports, begun: Stored<DigestMailing>): Promise<number> {
  const { week, sentUpTo } = begun.value
  const all = (await recipients(ports)).filter((id) => sentUpTo === null || id > sentUpTo)
  let mailing: Stored<DigestMailing> | undefined = begun
  for (let start = 0; start < all.length && mailing; start += AT_ONCE) {
    const some = all.slice(start, start + AT_ONCE)
    const delaySeconds = (start / AT_ONCE) * PAUSE_SECONDS
    for (const personId of some)
      await ports.outbox.send(
        { kinds: ['weeklyDigest'], digest: { week }, personId, events: [] },
        { delaySeconds },
      )
    mailing = await note(ports, mailing, { ...mailing.value, sentUpTo: some.at(-1) as string })
  }
  if (mailing) await note(ports, mailing, { ...mailing.value, isSent: true })
  return all.length
}

const AT_ONCE = 5
const PAUSE_SECONDS = 240

/** Undefined when another has come between, who goes on. */
async function note(
  { digests }: Ports,
  read: Stored<DigestMailing>,
  mailing: DigestMailing,
): Promise<Stored<DigestMailing> | undefined> {
  return (await digests.writeMailing(read, mailing)) ? digests.readMailing(mailing.week) : undefined
}

/** Whoever might get it; whether they still may, and want it, is looked at when the mail goes out. */
async function recipients(ports: Ports): Promise<string[]> {
  const holders = await ports.directory.holdersOf(DIGEST_ROLES)
  const people = holders.filter(({ id, accountEnabled }) => accountEnabled && !isEmergencyAccount(ports, id))
  return people.map(({ id }) => id).sort()
}
