import { DIGEST_ROLES } from '../domain/digest.ts'
import type { DigestNotice } from '../domain/notice.ts'
import { type Ports, Throttled } from '../ports.ts'
import { digestLetter } from '../words/digest-letter.ts'

/** The digest to one person, if they still hold one of the roles and have not ended it. Its key is the same at every attempt. */
export async function deliverDigest(
  ports: Ports,
  { digest: { week }, personId }: DigestNotice,
): Promise<void> {
  const { directory, personals, digests, mailer, links, tenantName, digestTime, log } = ports
  if (mailer.opensAt(false)) throw new Throttled('The mail quota is used up.') // before anybody is looked up
  const [person, held, chosen] = await Promise.all([
    directory.person(personId),
    directory.rolesHeldBy(personId),
    personals.read(personId),
  ])
  if (!person?.accountEnabled || !held.some((role) => DIGEST_ROLES.includes(role))) return
  if (chosen?.value.weeklyDigest === false) return
  const digest = await digests.find(week)
  if (!digest) return log.error('There is no digest of this week to send.', { week })
  if (!person.mail) return log.warn('Somebody has no mail address and got no digest.', { person: personId })
  const unsubscribe = links.unsubscribe(personId)
  const letter = digestLetter(digest, {
    tenantName,
    timeZone: digestTime.timeZone,
    page: links.digest(),
    unsubscribe,
  })
  await mailer.send({ to: person, ...letter, unsubscribe, isPressing: false }, `digest ${week} ${personId}`)
}
