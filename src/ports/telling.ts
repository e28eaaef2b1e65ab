import type { Bundle, Told } from '../domain/bundle.ts'
import type { AnyNotice } from '../domain/notice.ts'
import type { Person } from '../domain/person.ts'
import type { Page, PageOptions, Stored } from './stored.ts'

/** Takes notices in and sends them by itself, again and again until they are gone out: at least once. */
export interface Outbox {
  send(notice: AnyNotice, options?: { delaySeconds?: number }): Promise<void>
}

/**
 * `isPressing`: it goes before what can wait, and may use what the quota keeps for such mails. `unsubscribe`: where one click, or a
 * POST of the mail program, ends mails of this kind.
 * `causedBy`: whose doing a pressing mail is, where they may do it as often as they like: nobody is to use up what is kept for all.
 */
export type Mail = {
  to: Pick<Person, 'id' | 'displayName' | 'mail'>
  subject: string
  text: string
  html: string
  isPressing: boolean
  causedBy?: string | undefined
  unsubscribe?: string
}

/** Sends one mail to one person. */
export interface Mailer {
  /**
   * `key` names the mail, the same at every attempt. Throws when it did not go out: `Throttled` when that was for the number of
   * mails and not for this one.
   */
  send(mail: Mail, key: string): Promise<void>
  /** From when on the service takes mails again, as far as is known here; null: now. Costs nothing. */
  opensAt(isPressing: boolean, causedBy?: string): Date | null
}

/** What is gathered for one person to be told in one mail: docs/notices.md. */
export interface Bundles {
  read(id: string): Promise<Stored<Bundle> | undefined>
  /** Under the lock that was read (undefined: there was none), and with it what is added, once. Undefined when somebody came between. */
  write(
    id: string,
    bundle: Bundle,
    read: Stored<Bundle> | undefined,
    told?: Told,
  ): Promise<Stored<Bundle> | undefined>
  /** What was gathered under a number. */
  told(id: string, n: number): Promise<Told[]>
  forget(id: string, n: number): Promise<void>
}

/** A notice that was given up after a day of attempts: kept until an administrator has it sent again or dismisses it. */
export type Undelivered = { id: string; givenUpDateTime: string; notice: AnyNotice }

export interface UndeliveredNotices {
  /** Repeating it changes nothing. */
  keep(undelivered: Undelivered): Promise<void>
  find(id: string): Promise<Undelivered | undefined>
  list(page: PageOptions): Promise<Page<Undelivered>>
  /** No error when it is gone already. */
  forget(id: string): Promise<void>
}

/** What a mailed link says: this request, this wait for approval, this person. */
export type LinkClaim = { requestId: string; approverId: string }

export interface Links {
  /** The address of the page on which this approver decides this request. */
  approve(claim: LinkClaim): string
  request(requestId: string): string
  /** Undefined for anything that we did not sign. */
  read(token: string): LinkClaim | undefined
  /** The address at which this person's weekly digest is ended. */
  unsubscribe(personId: string): string
  /** Whose; undefined for anything that we did not sign. */
  readUnsubscribe(token: string): string | undefined
  /** The address of a calendar feed with this token. */
  calendar(token: string): string
  /** The page of the digest. */
  digest(): string
}
