import type {
  BundleNotice,
  DigestNotice,
  EligibilityNotice,
  IncidentNotice,
  Notice,
  SettingsNotice,
} from '../../src/domain/notice.ts'
import {
  type Links,
  type Mail,
  type Mailer,
  type Outbox,
  Throttled,
  Unavailable,
  type Undelivered,
  type UndeliveredNotices,
} from '../../src/ports.ts'

/** The outbox, the mailer and the links, in plain sight. */
export function fakePost() {
  const notices: Notice[] = []
  const eligibilityNotices: EligibilityNotice[] = []
  const digests: (DigestNotice & { delaySeconds: number })[] = []
  /** Those about incidents, apart. */
  const incidents: IncidentNotice[] = []
  const settings: SettingsNotice[] = []
  const bundles: BundleNotice[] = []
  const mails: (Mail & { key: string })[] = []
  /** Mails to these addresses do not go out. */
  const undeliverable = new Set<string>()
  /** How many mails the service still takes; undefined: as many as come. */
  const quota: { left?: number; asked: number } = { asked: 0 }

  const outbox: Outbox = {
    send: async (notice, { delaySeconds = 0 } = {}) => {
      if ('eligibility' in notice) eligibilityNotices.push(structuredClone(notice))
      else if ('incident' in notice) incidents.push(structuredClone(notice))
      else if ('digest' in notice) digests.push({ ...structuredClone(notice), delaySeconds })
      else if ('bundle' in notice) bundles.push(structuredClone(notice))
      else if ('change' in notice) settings.push(structuredClone(notice))
      else notices.push(structuredClone(notice))
    },
  }
  const mailer: Mailer = {
    opensAt: () => (quota.left === 0 ? new Date(8.64e15) : null),
    async send(mail, key) {
      quota.asked++
      if (quota.left === 0) throw new Throttled('Not so many.')
      if (undeliverable.has(mail.to.mail as string))
        throw new Unavailable('The mail service did not take it.')
      if (quota.left !== undefined) quota.left--
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
  const kept = new Map<string, Undelivered>()
  const undelivered: UndeliveredNotices = {
    keep: async (given) => void kept.set(given.id, structuredClone(given)),
    find: async (id) => structuredClone(kept.get(id)),
    list: async ({ top }) => ({ items: structuredClone([...kept.values()].slice(0, top)), next: null }),
    forget: async (id) => void kept.delete(id),
  }
  return {
    outbox,
    mailer,
    links,
    undelivered,
    kept,
    quota,
    notices,
    eligibilityNotices,
    incidents,
    digests,
    settings,
    bundles,
    mails,
    undeliverable,
  }
}
