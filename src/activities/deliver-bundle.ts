import type { Addressee } from '../domain/bundle.ts'
import type { BundleNotice } from '../domain/notice.ts'
import { type Ports, Throttled } from '../ports.ts'
import { bundleLetter } from '../words/bundle-letter.ts'

/** What was gathered for somebody, in one mail with the same key at every attempt; and then it is forgotten. */
export async function deliverBundle(ports: Ports, notice: BundleNotice): Promise<void> {
  const { bundles, mailer, log } = ports
  const { bundle } = notice
  if (mailer.opensAt(false)) throw new Throttled('The mail quota is used up.')
  const told = await bundles.told(bundle.id, bundle.n)
  if (told.length === 0) return // handed on twice, and sent
  const to = await whoItIsNow(ports, notice.to)
  if (to?.mail) {
    const key = told.length === 1 ? told[0]?.key : undefined
    await mailer.send(
      { to, ...bundleLetter(told), isPressing: false },
      key ?? `bundle ${bundle.id} ${bundle.n}`,
    )
  } else if (to)
    log.warn('Somebody has no mail address and was not told.', { person: to.id, mails: told.length })
  await bundles.forget(bundle.id, bundle.n)
}

/** Undefined: whose account is disabled by now, or gone, is told no more. An address of the settings is nobody's account. */
async function whoItIsNow({ directory }: Ports, to: Addressee): Promise<Addressee | undefined> {
  if (to.id.startsWith('mailto:')) return to
  const person = await directory.person(to.id)
  return person?.accountEnabled ? person : undefined
}
