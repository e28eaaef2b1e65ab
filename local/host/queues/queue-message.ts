import type { DequeuedMessageItem } from '@azure/storage-queue'
import type { TypedData } from '../worker/typed-data.ts'

/** The body as the handler gets it; undefined when it is not what messageEncoding promises. */
export function messageBody(message: DequeuedMessageItem, base64: boolean): string | undefined {
  if (!base64) return message.messageText
  const text = message.messageText.trim()
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
  return isBase64 ? Buffer.from(text, 'base64').toString('utf8') : undefined
}

export function messageMetadata(message: DequeuedMessageItem, body: string): Record<string, TypedData> {
  const date = (value: Date) => ({ string: value.toISOString() })
  return {
    QueueTrigger: { string: body },
    DequeueCount: { int: message.dequeueCount },
    ExpirationTime: date(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: date(message.insertedOn),
    NextVisibleTime: date(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
  }
}
