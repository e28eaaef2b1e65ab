import type { BundleNotice } from '../domain/notice.ts'
import { type Ports, Throttled } from '../ports.ts'
import { bundleLetter } from '../words/bundle-letter.ts'

/** What was gathered for somebody, in one mail with the same key at every attempt; and then it is forgotten. */
export async function deliverBundle({ bundles, mailer, log }: Ports, notice: BundleNotice): Promise<void> {
  const { bundle, to } = notice
  if (mailer.opensAt(false)) throw new Throttled('The mail quota is used up.')
  const told = await bundles.told(bundle.id, bundle.n)
  if (told.length === 0) return // handed on twice, and sent
  if (to.mail) {
    const key = told.length === 1 ? told[0]?.key : undefined
    await mailer.send(
      { to, ...bundleLetter(told), isPressing: false },
      key ?? `bundle ${bundle.id} ${bundle.n}`,
    )
  } else log.warn('Somebody has no mail address and was not told.', { person: to.id, mails: told.length })
  await bundles.forget(bundle.id, bundle.n)
}
