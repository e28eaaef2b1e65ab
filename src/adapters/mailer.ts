import { createHash } from 'node:crypto'
import { EmailClient, type EmailClientOptions, type EmailMessage } from '@azure/communication-email'
import type { TokenCredential } from '@azure/identity'
import { type Mail, type Mailer, Throttled, Unavailable } from '../ports.ts'
import { pace, type Quota } from './pace.ts'
import { refusedMails } from './refused-mails.ts'

export type MailAccess = { connectionString: string } | { url: string; credential: TokenCredential }

/** Azure Communication Services. One attempt, within the quota, and no endless one: the outbox repeats. */
export function acsMailer(
  access: MailAccess,
  senderAddress: string,
  quota: Quota,
  now: () => number,
  patienceMs = 30_000,
): Mailer {
  const accepted = new Set<string>()
  const pacing = pace(quota, now)
  const refusals = refusedMails(now)
  const options: EmailClientOptions = {
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [
      {
        position: 'perRetry',
        policy: {
          name: 'rememberAccepted',
          async sendRequest(request, next) {
            const response = await next(request)
            const id = request.headers.get('operation-id')
            if (id && response.status === 202) accepted.add(id)
            return response
          },
        },
      },
    ],
  }
  const client =
    'url' in access
      ? new EmailClient(access.url, access.credential, options)
      : new EmailClient(access.connectionString, {
          ...options,
          allowInsecureConnection: isLocal(access.connectionString),
        })

  return {
    opensAt(isPressing, causedBy) {
      const at = pacing.opensAt(isPressing, causedBy)
      return at === undefined ? null : new Date(at)
    },

    async send(mail, key) {
      const operationId = guidOf(key)
      mayGo(mail, operationId)
      const uncount = pacing.count(mail.causedBy)
      try {
        await client.beginSend(messageOf(mail, senderAddress), {
          operationId,
          abortSignal: AbortSignal.timeout(patienceMs),
        })
      } catch (error) {
        // The SDK asks for the state of the mail once; that this fails does not unsend it.
        if (accepted.has(operationId)) return
        // An outage, or a mail that is refused again and again, must not use up what the others have. Whether one went out that was
        // not answered in time nobody knows.
        if ((error as Error).name !== 'AbortError') uncount()
        throw failureOf(error, operationId)
      } finally {
        accepted.delete(operationId)
      }
    },
  }

  function mayGo({ isPressing, causedBy }: Mail, operationId: string): void {
    const heldUntil = refusals.heldUntil(operationId)
    if (heldUntil) throw new Unavailable(`The mail service refused it, and is asked again at ${heldUntil}.`)
    const opensAt = pacing.opensAt(isPressing, causedBy)
    if (opensAt !== undefined)
      throw new Throttled(`The mail quota is used up until ${new Date(opensAt).toISOString()}.`)
  }

  function failureOf(error: unknown, operationId: string): Unavailable {
    if (isRefusal(error)) refusals.note(operationId)
    const seconds = throttledFor(error)
    if (seconds === undefined) return new Unavailable(`The mail service did not take a mail: ${error}`)
    pacing.closeFor(seconds)
    return new Throttled(`The mail service takes no more for ${seconds} s.`)
  }
}

const messageOf = ({ to, subject, text, html, unsubscribe }: Mail, senderAddress: string): EmailMessage => ({
  senderAddress,
  content: { subject, plainText: text, html },
  recipients: { to: [{ address: to.mail as string, ...named(to.displayName) }] },
  disableUserEngagementTracking: true,
  ...(unsubscribe && { headers: oneClick(unsubscribe) }),
})

/** A name stands in a header: one line, nothing that hides or turns letters, and not without an end. Whoever has none gets mails too. */
function named(displayName: string | null): { displayName?: string } {
  const line = (displayName ?? '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/(?![\u200C\u200D])[\p{Cf}\p{Cs}]/gu, '')
  const name = [...line].slice(0, LONGEST_NAME).join('').trim()
  return name ? { displayName: name } : {}
}
const LONGEST_NAME = 100

/** It is this mail that the service does not take, whenever it is asked. */
const isRefusal = (error: unknown) =>
  [400, 413, 422].includes((error as { statusCode?: number }).statusCode ?? 0)

/** RFC 8058: the mail program offers it, and sends the POST itself. */
const oneClick = (address: string) => ({
  'List-Unsubscribe': `<${address}>`,
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
})

/** For how many seconds the service wants no more; undefined: that was not what it said. */
function throttledFor(error: unknown): number | undefined {
  const { statusCode, response } = error as {
    statusCode?: number
    response?: { headers?: { get(name: string): string | undefined } }
  }
  if (statusCode !== 429) return undefined
  const said = Number(response?.headers?.get('retry-after'))
  return said > 0 ? Math.min(said, LONGEST_PAUSE) : 60
}
/** A wish for more is looked at again after an hour: quotas are of an hour at most. */
const LONGEST_PAUSE = 3600

const isLocal = (connectionString: string) =>
  /endpoint=http:\/\/(127\.0\.0\.1|localhost)[:/]/i.test(connectionString)

/** The same mail has the same operation id at every attempt. */
function guidOf(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
