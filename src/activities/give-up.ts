import { type AnyNotice, subjectOf } from '../domain/notice.ts'
import { undeliveredEvent } from '../domain/undelivered.ts'
import type { Ports } from '../ports.ts'

/**
 * A notice that has been tried for a day: kept where administrators find it and have it sent again, recorded, and counted for
 * operators. A digest and a bundle are of no one subject that a record could stand with. `messageId` is the same however often this is run.
 */
export async function giveUp(ports: Ports, notice: AnyNotice, messageId: string): Promise<void> {
  const id = `und-${messageId}`
  // Run again after a death it is the same record, of the same instant: the index keeps what happened by its time.
  const before = await ports.undelivered.find(id)
  const now = before ? new Date(before.givenUpDateTime) : ports.now()
  await ports.undelivered.keep({ id, givenUpDateTime: now.toISOString(), notice })
  await ports.views.indexEvents(notice.events) // it may have been given up before it came so far
  if (!('digest' in notice || 'bundle' in notice)) {
    const record = undeliveredEvent(notice, id, now)
    await ports.store.record([record])
    await ports.views.indexEvents([record])
  }
  ports.log.error('A notice could not be delivered and was given up.', {
    undeliveredId: id,
    subjectId: subjectOf(notice),
    kinds: notice.kinds,
  })
}
