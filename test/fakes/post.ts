import type { DigestNotice, EligibilityNotice, IncidentNotice, Notice } from '../../src/domain/notice.ts'
import { type Links, type Mail, type Mailer, type Outbox, Unavailable } from '../../src/ports.ts'

/** The outbox, the mailer and the links, in plain sight. */
export function fakePost() {
  const notices: Notice[] = []
  const eligibilityNotices: EligibilityNotice[] = []
  const digests: (DigestNotice & { delaySeconds: number })[] = []
  /** Those about incidents, apart. */
  const incidents: IncidentNotice[] = []
  const mails: (Mail & { key: string })[] = []
  /** Mails to these addresses do not go out. */
  const undeliverable = new Set<string>()

  const outbox: Outbox = {
    send: async (notice, { delaySeconds = 0 } = {}) => {
      if ('eligibility' in notice) eligibilityNotices.push(structuredClone(notice))
      else if ('incident' in notice) incidents.push(structuredClone(notice))
      else if ('digest' in notice) digests.push({ ...structuredClone(notice), delaySeconds })
      else notices.push(structuredClone(notice))
    },
  }
  const mailer: Mailer = {
    async send(mail, key) {
      if (undeliverable.has(mail.to.mail as string))
        throw new Unavailable('The mail service did not take it.')
      mails.push({ ...structuredClone(mail), key })
    },
  }
  const links: Links = {
    approve: ({ requestId, approverId }) => `https://interim.example/approve/${requestId}+${approverId}`,
    request: (requestId) => `https://interim.example/requests/${requestId}`,
    unsubscribe: (personId) => `https://interim.example/unsubscribe/${personId}`,
    readUnsubscribe: (token) => token || undefined,
    calendar: (token) => `https://interim.example/calendar/${token}.ics`,
    digest: () => 'https://interim.example/digest',
    read(token) {
      const [requestId, approverId, ...more] = token.split('+')
      return requestId && approverId && more.length === 0 ? { requestId, approverId } : undefined
    },
  }
  return { outbox, mailer, links, notices, eligibilityNotices, incidents, digests, mails, undeliverable }
}
