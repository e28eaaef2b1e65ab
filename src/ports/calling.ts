import type { AuditEvent } from '../domain/audit.ts'
import type { DeskDemand, Evaluation } from '../domain/ticket-check.ts'
import type { TicketQuestion } from '../domain/ticket-question.ts'
import type { Target, Webhook } from '../domain/webhook.ts'
import type { DeadLetter, Outcome, Parcel, WebhookHealth } from '../domain/webhook-delivery.ts'
import type { Page, PageOptions, Stored } from './stored.ts'

/** Who wants to hear of events, and what of it could not be delivered at once. */
export interface Webhooks {
  /** All there are, the oldest first; unless fresh, up to a quarter of a minute old where another process has written. */
  list(fresh?: 'fresh'): Promise<Webhook[]>
  read(id: string): Promise<Stored<Webhook> | undefined>
  /** All or nothing, under the lock that was read (undefined: there was none). False when somebody came between. */
  write(webhook: Webhook, read: Stored<Webhook> | undefined, events: readonly AuditEvent[]): Promise<boolean>
  /** The same, and it is gone. */
  remove(read: Stored<Webhook>, events: readonly AuditEvent[]): Promise<boolean>
  /** One line of the trail, by its id. */
  event(id: string): Promise<AuditEvent | undefined>
  health(id: string): Promise<Stored<WebhookHealth> | undefined>
  /** Under the lock that was read (undefined: there was none). Undefined, and nothing written, when somebody came between. */
  writeHealth(
    id: string,
    health: WebhookHealth,
    read: Stored<WebhookHealth> | undefined,
  ): Promise<Stored<WebhookHealth> | undefined>
  /** What waits and is due until then, what is due first first. */
  waiting(id: string, until: Date, top: number): Promise<Parcel[]>
  dead(id: string, page: PageOptions): Promise<Page<DeadLetter>>
  findDead(id: string, eventId: string): Promise<DeadLetter | undefined>
  /** Takes some away and puts others in their place: all or nothing, at most 100 in all. What is gone is no error. */
  move(
    id: string,
    gone: readonly (Parcel | DeadLetter)[],
    put: readonly (Parcel | DeadLetter)[],
  ): Promise<void>
}

/** What is to be done for a webhook: one event sent to it, or whatever waits for it. */
export type Errand = { webhookId: string; eventId: string | null }

/** Takes errands in and has them run by themselves, again and again until they went well: at least once, in no order. */
export interface Errands {
  send(errands: readonly Errand[], afterMillis?: number): Promise<void>
}

/** Carries messages to webhooks, and keeps what must be kept to itself. */
export interface Courier {
  newSecret(): string
  seal(target: Target): Promise<string>
  /** Undefined when it was sealed with a key that is not in the settings any more. */
  open(sealed: string): Promise<{ target: Target; isCurrent: boolean } | undefined>
  /** One attempt, signed; it never throws. The same `id` at every attempt. */
  post(
    target: Target,
    message: { webhookId: string; id: string; contentType: string; body: string; at: Date },
  ): Promise<Outcome>
}

/** Services of one's own that settings name, which say whether a ticket is right. */
export interface TicketDesk {
  /**
   * One question, repeated as the settings allow where it was not answered: it must do no harm to be asked twice. Throws
   * `Unavailable` for everything but an answer that says yes or no.
   */
  evaluate(desk: DeskDemand, question: TicketQuestion): Promise<Evaluation>
}
