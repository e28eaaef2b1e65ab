import { createHash } from 'node:crypto'
import { EmailClient, type EmailClientOptions } from '@azure/communication-email'
import type { TokenCredential } from '@azure/identity'
import { type Mailer, Throttled, Unavailable } from '../ports.ts'
import { pace, type Quota } from './pace.ts'

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
    opensAt(isPressing) {
      const at = pacing.opensAt(isPressing)
      return at === undefined ? null : new Date(at)
    },

    async send({ to, subject, text, html, unsubscribe, isPressing }, key) {
      const operationId = guidOf(key)
      const opensAt = pacing.opensAt(isPressing)
      if (opensAt !== undefined)
        throw new Throttled(`The mail quota is used up until ${new Date(opensAt).toISOString()}.`)
      pacing.count()
      try {
        await client.beginSend(
          {
            senderAddress,
            content: { subject, plainText: text, html },
            recipients: { to: [{ address: to.mail as string, displayName: to.displayName }] },
            disableUserEngagementTracking: true,
            ...(unsubscribe && { headers: oneClick(unsubscribe) }),
          },
          { operationId, abortSignal: AbortSignal.timeout(patienceMs) },
        )
      } catch (error) {
        // The SDK asks for the state of the mail once; that this fails does not unsend it.
        if (accepted.has(operationId)) return
        const seconds = throttledFor(error)
        if (seconds === undefined) throw new Unavailable(`The mail service did not take a mail: ${error}`)
        pacing.closeFor(seconds)
        throw new Throttled(`The mail service takes no more for ${seconds} s.`)
      } finally {
        accepted.delete(operationId)
      }
    },
  }
}

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
