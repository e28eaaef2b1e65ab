import { sealedUp } from '../domain/bundle.ts'
import type { DueRow, Ports } from '../ports.ts'
import { unlistIfOld } from './unlist.ts'

/**
 * What the sweep does with mails that were gathered for somebody: when their minutes are over it hands them to the outbox. First nothing
 * more goes in, then they are handed on, then that is noted: who dies in between hands them on twice, and the second finds nothing.
 */
export async function mendBundle(ports: Ports, listed: DueRow): Promise<boolean> {
  const { bundles, bundleMinutes, outbox, views, now } = ports
  const id = listed.subjectId
  let read = await bundles.read(id)
  if (read && read.value.sealed === null && read.value.waiting > 0) {
    if (read.value.until > now().toISOString()) {
      await views.list(id, { awaiting: [], due: read.value.until }, listed)
      return false
    }
    read = await bundles.write(id, sealedUp(read.value, now(), bundleMinutes), read)
    if (!read) return false // somebody adds to it: the next sweep finds it here still
  }
  if (!read || read.value.sealed === null) {
    await unlistIfOld(ports, listed, new Date(listed.due)) // it is listed again and again, and whoever has may be about to add
    return false
  }
  const { to, sealed, until } = read.value
  await outbox.send({ kinds: ['bundle'], bundle: { id, n: sealed }, to, events: [] })
  if (!(await bundles.write(id, { ...read.value, sealed: null }, read))) return false
  // Whoever adds from now on lists it by themselves; who has added since it was sealed has listed it for this very instant.
  await views.list(id, { awaiting: [], due: until }, listed)
  return false
}
