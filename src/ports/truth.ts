import type { AuditEvent } from '../domain/audit.ts'
import type { Delegation } from '../domain/delegation.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import type { EligibilityStep } from '../domain/eligibility-steps.ts'
import type { Departure } from '../domain/last-administrator.ts'
import type { Personal, PersonalStep } from '../domain/personal.ts'
import type { Request } from '../domain/request.ts'
import type { Step } from '../domain/request-steps.ts'
import type { Role } from '../domain/role.ts'
import type { RoleSettings } from '../domain/role-settings.ts'
import type { SettingsChange } from '../domain/settings-change.ts'
import type { Tier } from '../domain/tier.ts'
import type { Page, PageOptions, Stored } from './stored.ts'

/** What is not over of a principal. */
export type Live = { eligibilities: Eligibility[]; requests: Stored<Request>[] }

/** The truth: one partition per principal. */
export interface Store {
  /** Everything of a principal that is not over: eligibilities and open requests. One round trip. */
  readLive(principalId: string): Promise<Live>
  /**
   * What whoever in this process has just written this request had read before, with the request as it is now: the same without a round
   * trip. Undefined where they have changed anything else of its principal since, and after a moment. Others may have: so only
   * for those whose next write is under the lock of this. Once; then undefined.
   */
  recallLive(requestId: string): Promise<(Live & { at: Date }) | undefined>
  /** The request, open or over; undefined when there is none of this id. */
  findRequest(id: string): Promise<Stored<Request> | undefined>
  /**
   * Writes a new request with its events and the guard of its (person, role, scope), all or nothing. False, and
   * nothing written, when the guard of another request stands already: of two at the same instant exactly one wins. True for one that was
   * opened before under this very id, whose answer was not heard. With a question that it answers: also false when that has changed.
   */
  openRequest(step: Step, answers?: Answered): Promise<boolean>
  /**
   * Writes the next state with its events, all or nothing, under the lock of the state that was read. Frees the guard
   * when the request is over. Undefined, and nothing written, when another writer came between. With a question of the same
   * principal that is answered by it.
   */
  writeRequest(read: Stored<Request>, step: Step, answers?: Answered): Promise<Stored<Request> | undefined>
  /** Takes a request that is over out of what is read as live. Repeating it changes nothing. */
  tidyRequest(id: string): Promise<void>
  /** Writes events that belong to no other change, each in the partition that its id names. Repeating it changes nothing. */
  record(events: readonly AuditEvent[]): Promise<void>
  /** A principal's requests that are over, the newest first. */
  listPastRequests(principalId: string, page: PageOptions): Promise<Page<Request>>
  /** When what we had given of this role was last over, by an instant in ISO form; undefined: it never was. */
  lastEnded(principalId: string, role: Role): Promise<string | undefined>
  /** The events of one subject (a request, an eligibility, a change of settings), the earliest first. */
  eventsOf(subjectId: string): Promise<AuditEvent[]>
  /**
   * Writes an eligibility and its events, all or nothing. `judge` sees what the principal is eligible for already, and throws
   * to refuse; what it has seen is what the new one is added to, whoever adds another at the same instant. False, and nothing
   * written, only when a question that it answers has changed meanwhile.
   */
  addEligibility(
    eligibility: Eligibility,
    events: AuditEvent[],
    judge: (others: readonly Eligibility[]) => void,
    answers?: Answered,
  ): Promise<boolean>
  /** One that was removed, or has been over for long: as it was last. */
  findGoneEligibility(id: string): Promise<Eligibility | undefined>
  /** Undefined when there is none of this id, or none any more. */
  findEligibility(id: string): Promise<Stored<Eligibility> | undefined>
  /**
   * Writes the next state of an eligibility with its events, and with the request that is answered by it: all or nothing, under
   * the locks of what was read. False, and nothing written, when another writer came between. With a `judge` nobody else's
   * window for the role and the principal comes or moves meanwhile, as in `addEligibility`; it sees the others.
   */
  changeEligibility(
    read: Stored<Eligibility>,
    change: EligibilityChange,
    judge?: (others: readonly Eligibility[]) => void,
  ): Promise<boolean>
}

/** A question (an extension, a renewal) that a change answers, under the lock that it was read by: both or none. */
export type Answered = { read: Stored<Request>; step: Step }

export type EligibilityChange = EligibilityStep & {
  /** Taken out of what is read as live, and kept aside: it was removed, or has been over for long enough. */
  isGone?: boolean
  request?: Answered
}

/** The settings of roles. Reads may be up to a quarter of a minute old where another process has written. */
export interface Settings {
  /** What was set for this role at exactly this scope; undefined when nothing ever was. */
  read(role: Role, fresh?: 'fresh'): Promise<Stored<RoleSettings> | undefined>
  /**
   * All or nothing, under the lock that was read (undefined: there was none), with the change that waits for a second person or
   * has been decided by one. False when somebody came between.
   */
  write(
    settings: RoleSettings,
    read: Stored<RoleSettings> | undefined,
    events: AuditEvent[],
    change?: SettingsChange,
  ): Promise<boolean>
  /** A change that waits, or waited, for a second person. */
  findChange(id: string): Promise<SettingsChange | undefined>
}

/** Named sets of rules, few, in one partition. */
export interface Tiers {
  /** Those that were taken back included. */
  list(): Promise<Tier[]>
  read(name: string): Promise<Stored<Tier> | undefined>
  /** All or nothing, under the lock that was read (undefined: there was none). False when somebody came between. */
  write(tier: Tier, read: Stored<Tier> | undefined, events: AuditEvent[]): Promise<boolean>
}

/** Who decides in whose place, and when: few, in one partition. */
export interface Delegations {
  /** Those that are not over at this instant, those that lie ahead included. May be a minute old unless asked for `fresh`. */
  current(now: Date, fresh?: 'fresh'): Promise<Delegation[]>
  find(id: string): Promise<Stored<Delegation> | undefined>
  /** All or nothing, under the lock that was read (undefined: it is new). False when somebody came between. */
  write(delegation: Delegation, read: Stored<Delegation> | undefined, events: AuditEvent[]): Promise<boolean>
}

/** Who is about to lose a role that never goes without a holder: one row for each such role. */
export interface Departures {
  read(role: Role): Promise<Stored<readonly Departure[]> | undefined>
  /** Under the lock that was read (undefined: there was none). False, and nothing written, when somebody came between. */
  write(role: Role, departures: readonly Departure[], read: Stored<unknown> | undefined): Promise<boolean>
}

/** What people have chosen for themselves. */
export interface Personals {
  /** Undefined when they have never chosen anything. */
  read(personId: string): Promise<Stored<Personal> | undefined>
  /** All or nothing with its events, under the lock that was read (undefined: there was none). */
  write(step: PersonalStep, read: Stored<Personal> | undefined): Promise<boolean>
}
