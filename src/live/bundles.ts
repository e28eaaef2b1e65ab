import { type Addressee, joined, type Told } from '../domain/bundle.ts'
import { UNLISTED } from '../domain/open-work.ts'
import { type Ports, Unavailable } from '../ports.ts'

/** More than ever write for one person at once. */
const ATTEMPTS = 20

/**
 * Whether this mail goes at once; if not, it has been put to those that go together when some minutes are over. Listed first: who dies in
 * between leaves a look of the sweep that finds nothing.
 */
export async function goesAtOnce(
  { bundles, bundleMinutes, views, secrets, now }: Ports,
  to: Addressee,
  told: Told,
): Promise<boolean> {
  if (bundleMinutes === 0) return true
  const id = `bund-${secrets.hash(to.id)}`
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const read = await bundles.read(id)
    const next = joined(read?.value, { to, key: told.key }, now(), bundleMinutes)
    if (next.bundle === read?.value) return true
    if (!next.goesAtOnce) await views.list(id, { awaiting: [], due: next.bundle.until }, UNLISTED)
    if (await bundles.write(id, next.bundle, read, next.goesAtOnce ? undefined : told)) return next.goesAtOnce
  }
  throw new Unavailable('Too many mails for the same person come at once.')
}
