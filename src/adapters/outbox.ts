import type { AuditEvent } from '../domain/audit.ts'
import type { AnyNotice } from '../domain/notice.ts'
import { UNLISTED } from '../domain/open-work.ts'
import { type Outbox, Unavailable } from '../ports.ts'
import { type QueueAccess, storageQueue } from './storage-queue.ts'

export const OUTBOX_QUEUE = 'interim-outbox'

/** As the queue trigger expects it; undefined when it is more than a message may hold. */
function encoded(notice: AnyNotice): string | undefined {
  const text = Buffer.from(JSON.stringify(notice)).toString('base64')
  return text.length <= 64 * 1024 ? text : undefined
}

/**
 * What does not fit into one message goes in several: first who is to be told, those who are still to be told, perhaps a thousand, in
 * parts; then what is to be indexed, so that nobody is told again. Who dies in between has it told twice, and not never.
 */
export function messagesOf(notice: AnyNotice): string[] {
  const { events } = notice
  const text = encoded(notice) ?? (events.length === 0 ? encoded(inShort(notice)) : undefined)
  if (text) return [text]
  if (events.length > 0)
    return [...messagesOf({ ...notice, events: [] }), ...events.map((event) => toBeIndexed(notice, event))]
  const left = 'left' in notice ? (notice.left ?? []) : []
  if (left.length < 2) throw new RangeError('A notice is too long for a message.')
  const half = Math.ceil(left.length / 2)
  return [left.slice(0, half), left.slice(half)].flatMap((part) => messagesOf({ ...notice, left: part }))
}

/** Tells nobody anything. */
function toBeIndexed(notice: AnyNotice, event: AuditEvent): string {
  const text = encoded({ ...inShort(notice), kinds: [], left: [], events: [event] } as unknown as AnyNotice)
  if (!text) throw new RangeError('An event is too long for a message.')
  return text
}

/** Of a request without what no mail tells: what it was measured by, and where it is listed. */
function inShort(notice: AnyNotice): AnyNotice {
  if (!('request' in notice)) return notice
  const { madeUnder: _, ...request } = notice.request
  return { ...notice, request: { ...request, listed: UNLISTED } }
}

/**
 * Notices wait in a storage queue; the host brings them to `deliver`, again until it has gone well. Whoever made the change is
 * still waiting for an answer, and the sweep tells what this could not: so it gives up early, where the SDK would not.
 */
export function queueOutbox(access: QueueAccess, patienceMs = 10_000): Outbox {
  const put = storageQueue(OUTBOX_QUEUE, access, patienceMs)
  return {
    async send(notice, { delaySeconds } = {}) {
      try {
        await put(messagesOf(notice), { delaySeconds })
      } catch (error) {
        throw new Unavailable(`The outbox did not take a notice: ${error}`)
      }
    },
  }
}
