import type { AuditEvent, AuditKey } from './domain/audit.ts'
import type { Bundle, Told } from './domain/bundle.ts'
import type { Delegation } from './domain/delegation.ts'
import type { Digest, DigestMailing } from './domain/digest.ts'
import type { Eligibility } from './domain/eligibility.ts'
import type { EligibilityStep } from './domain/eligibility-steps.ts'
import type { Governed, Place } from './domain/governed.ts'
import type { Incident, IncidentState, IncidentStep } from './domain/incident.ts'
import type { Departure } from './domain/last-administrator.ts'
import type { AnyNotice } from './domain/notice.ts'
import type { OpenWork } from './domain/open-work.ts'
import type { Actor, Person, Proof } from './domain/person.ts'
import type { Personal, PersonalStep } from './domain/personal.ts'
import type { Request } from './domain/request.ts'
import type { Step } from './domain/request-steps.ts'
import type { PrincipalType, Provider, Role, RoleDefinition, RoleDescription } from './domain/role.ts'
import type { RoleSettings } from './domain/role-settings.ts'
import type { SettingsChange } from './domain/settings-change.ts'
import type { Tally } from './domain/tally.ts'
import type { DeskDemand, Evaluation } from './domain/ticket-check.ts'
import type { TicketQuestion } from './domain/ticket-question.ts'
import type { Tier } from './domain/tier.ts'
import type { Target, Webhook } from './domain/webhook.ts'
import type { DeadLetter, Outcome, Parcel, WebhookHealth } from './domain/webhook-delivery.ts'
import type { DigestTime } from './domain/week.ts'

/** A row as it was read, with the lock that a change to it is written under. */
export type Stored<T> = { value: T; etag: string }

export type Page<T> = { items: T[]; next: string | null }
export type PageOptions = { top: number; after: string | null }

/** The truth: one partition per principal. */
export interface Store {
  /** Everything of a principal that is not over: eligibilities and open requests. One round trip. */
  readLive(principalId: string): Promise<{ eligibilities: Eligibility[]; requests: Stored<Request>[] }>
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

/** A subject on the list of what the sweep looks at, with the rows that it is listed by. */
export type DueRow = { subjectId: string; due: string; awaiting: string[] }

/** Lists derived from the truth. Every write may be repeated; rows that are not there are no error to remove. */
export interface Views {
  /** Lists one subject (request, eligibility, settings) anew; one round trip, all or nothing. */
  list(subjectId: string, work: OpenWork, before: OpenWork): Promise<void>
  /** Subjects to be looked at until an instant, the earliest first, from after that one on. Costs what is due. */
  due(until: Date, top: number, after?: DueRow): Promise<DueRow[]>
  /** Ids of requests that wait for this approver, the oldest first, from after one of them on. Costs the page. */
  awaiting(key: string, page: PageOptions): Promise<Page<string>>
  /** What ends within a window of time by {@link endsKey}, the earliest first. Costs what it answers. */
  ending(key: string, from: Date, to: Date, top: number): Promise<string[]>
  /** Groups that an eligibility or an approval names: the only memberships worth asking for. */
  noteGroups(ids: readonly string[]): Promise<void>
  /** May be a quarter of a minute old where another process has noted one. */
  notedGroups(): Promise<readonly string[]>
  /** Finds events again by time, by role and by person. */
  indexEvents(events: readonly AuditEvent[]): Promise<void>
  /** Which of these events of one principal are in the index. One round trip for each day that they happened on. */
  indexed(events: readonly AuditEvent[]): Promise<Set<string>>
  listEvents(
    key: AuditKey,
    range: { from: Date | null; to: Date | null },
    page: PageOptions,
  ): Promise<Page<AuditEvent>>
  /** Puts an eligibility on the list of its role, or takes it off; without a role there was none. */
  listEligibility(eligibility: Eligibility): Promise<void>
  unlistEligibility(id: string, role: Role | undefined): Promise<void>
  eligibilitiesOf(role: Role | null, page: PageOptions): Promise<Page<Eligibility>>
}

/** What of the trail is counted, as sums by day and week: so that a digest reads eight rows, however many events there were. */
export interface Tallies {
  /** Counts what was indexed of this day (in UTC) and is not counted yet, each event once. False: there may be more. */
  count(day: string, weekOf: (at: Date) => string): Promise<boolean>
  /** What was counted of this day for a week; undefined: nothing. */
  read(day: string, week: string): Promise<Tally | undefined>
}

/** The weekly digests that were made, as they were made. */
export interface Digests {
  /** Since when this installation looks; noted by the first who asks. */
  since(now: Date): Promise<Date>
  find(week: string): Promise<Digest | undefined>
  readMailing(week: string): Promise<Stored<DigestMailing> | undefined>
  /** Keeps a digest, none of which has gone out. False, and nothing written, when there is one of its week. */
  keep(digest: Digest, mailing: DigestMailing): Promise<boolean>
  /** Under the lock that was read. False when somebody came between. */
  writeMailing(read: Stored<DigestMailing>, mailing: DigestMailing): Promise<boolean>
}

/** What people have chosen for themselves. */
export interface Personals {
  /** Undefined when they have never chosen anything. */
  read(personId: string): Promise<Stored<Personal> | undefined>
  /** All or nothing with its events, under the lock that was read (undefined: there was none). */
  write(step: PersonalStep, read: Stored<Personal> | undefined): Promise<boolean>
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

/** Texts that nobody can guess, and what is kept of them. */
export interface Secrets {
  /** 256 random bits, fit for an address. */
  make(): string
  /** From which the secret cannot be told. */
  hash(secret: string): string
}

/** Where a look at what is held has come to: the page to go on with, and what was seen on those before. */
export type LookPlace = { after: string | null; seen: string[] }

/** What is governed, and what was found there that is not ours: incidents, and what administrators have accepted. */
export interface Findings {
  /** Brought under management here, in the order of their names: all of them, for whoever compares all. */
  governed(): Promise<Governed[]>
  findGoverned(place: Place): Promise<Governed | undefined>
  governedPage(page: PageOptions): Promise<Page<Governed>>
  /** False, and nothing written, when it is governed already. */
  govern(place: Governed, events: AuditEvent[]): Promise<boolean>
  /** False when it was not governed. */
  release(place: Place, events: AuditEvent[]): Promise<boolean>
  /**
   * Writes a new incident with its events, all or nothing. False when one stands already for its principal and role; true for
   * this very one, whose answer was not heard.
   */
  openIncident(step: IncidentStep): Promise<boolean>
  findIncident(id: string): Promise<Stored<Incident> | undefined>
  /** The next state with its events, under the lock that was read. Undefined, and nothing written, when somebody came between. */
  writeIncident(read: Stored<Incident>, step: IncidentStep): Promise<Stored<Incident> | undefined>
  /** The one that stands for a principal and a role: active or accepted. */
  standing(role: Role, principalId: string): Promise<Stored<Incident> | undefined>
  /** All that stand at exactly this scope. */
  standingAt(place: Place): Promise<Incident[]>
  /** By state, the newest first. */
  incidents(provider: Provider, state: IncidentState, page: PageOptions): Promise<Page<Incident>>
  /** Where a look was left, by its name; undefined: it is to begin. */
  readPlace(name: string): Promise<LookPlace | undefined>
  writePlace(name: string, place: LookPlace | undefined): Promise<void>
}

/** How differences are dealt with, by the settings of this installation. */
export type DriftPolicy = {
  /** Always governed. */
  places: readonly Place[]
  /** Is what somebody outside has removed given again, until its end? Otherwise its request is closed. */
  restoreRemoved: boolean
}

/** Who is who. Always asked live: memberships and roles decide what people may do. Throws `Unavailable` on outages. */
export interface Directory {
  person(id: string): Promise<Person | undefined>
  /** Those of these ids that are people's, many in one call. One that has just been made may be missing. */
  people(ids: readonly string[]): Promise<Person[]>
  /** Undefined when nobody is noted as their manager, or they are not there. */
  managerOf(id: string): Promise<Person | undefined>
  /** `isAssignableToRole`: it may hold directory roles. Set when a group is made, and never changed. */
  group(id: string): Promise<{ id: string; displayName: string; isAssignableToRole: boolean } | undefined>
  /** An application's or a managed identity's account in this tenant. */
  servicePrincipal(id: string): Promise<{ id: string; displayName: string } | undefined>
  /** Those of `groupIds` that the person is a member of, through nested groups too. */
  groupsOf(personId: string, groupIds: readonly string[]): Promise<string[]>
  /** The people in a group, through nested groups too, at most `top` of them. */
  membersOf(groupId: string, top: number): Promise<Person[]>
  /** Role definition ids that the person holds in the whole tenant now, through groups too. */
  rolesHeldBy(personId: string): Promise<string[]>
  /** Who is assigned these roles in the whole tenant now: people, groups and applications, each as they are assigned. */
  assignmentsOf(
    roleDefinitionIds: readonly string[],
  ): Promise<{ principalId: string; roleDefinitionId: string }[]>
  /** Those of these principals that are there, whatever their kind; `type` null: it is not known which. At low priority. */
  principals(asked: readonly { id: string; type: PrincipalType | null }[]): Promise<DirectoryPrincipal[]>
  /** People who hold a role in the whole tenant now. */
  holdersOf(roleDefinitionIds: readonly string[]): Promise<Person[]>
}

/** Somebody or something that may hold a role. `isEnabled` null: groups cannot be disabled. */
export type DirectoryPrincipal = {
  id: string
  type: PrincipalType
  displayName: string
  isEnabled: boolean | null
  isGuest: boolean
}

/** To whom something is given. Azure wants to be told what kind of principal it is. */
export type Principal = { id: string; type: PrincipalType }

/** One plain assignment as the provider lists it. `principalType` null: the provider does not say, or it is gone. */
export type Held = {
  id: string
  principalId: string
  principalType: PrincipalType | null
  role: Role
  /** Azure's condition (ABAC), where there is one. */
  condition?: string | null
}

/**
 * What one kind of role is given and taken by: plain assignments, without an end and without a note of who made them. An
 * adapter for each provider; one contract test for all.
 */
export interface RoleProvider {
  /** The roles that can be given at this scope. Throws `Impossible` when there is no such scope. */
  roles(scope: string): Promise<RoleDefinition[]>
  /** The role and its scope; undefined when either is not there. */
  describe(role: Role): Promise<RoleDescription | undefined>
  /** The scopes that this one lies in, the nearest first; none where scopes do not nest. */
  scopesAbove(scope: string): Promise<string[]>
  /** The scopes right below this one, page by page; only where scopes nest. */
  scopesBelow?(scope: string, page: PageOptions): Promise<Page<{ scope: string; displayName: string }>>
  /** The ids of what the principal holds directly, of this role, at exactly this scope. May lag behind a write. */
  find(principalId: string, role: Role): Promise<string[]>
  /**
   * `added`: it was not there, and is ours. `exists`: it was there already. Throws `Unavailable` when nothing is known to
   * have happened or something may have, and `Impossible` when trying again will not help. `name` is the same at every
   * attempt of one request (a GUID): where a provider lets us choose an assignment's name, that is it.
   */
  add(
    principal: Principal,
    role: Role,
    name: string,
    condition?: string | null,
  ): Promise<{ outcome: 'added'; id: string } | { outcome: 'exists' }>
  /** Gone afterwards as far as the provider says; no error when it was gone before. Throws as `add` does. */
  remove(id: string): Promise<void>
  /** Only where a provider lets us choose names: is this the assignment that was added under this name? */
  isNamed?(id: string, name: string): boolean
  /** Only where assignments have conditions: the one of this assignment; null: none, or it is gone. */
  conditionOf?(id: string): Promise<string | null>
  /** All that is held at exactly this scope, page by page, at low priority; `after` null: from the beginning. */
  held(scope: string, after: string | null): Promise<Page<Held>>
  /** May this person assign this role at this scope, now: held for good, for a time, or through a group. */
  mayAdminister(personId: string, role: Role): Promise<boolean>
  /** Who is told as an administrator of this role. */
  administrators(role: Role): Promise<Person[]>
}

/** By their names. Azure is there only where it is configured. */
export type Providers = { directory: RoleProvider } & Partial<Record<Provider, RoleProvider>>

/** Something outside did not answer, or asked us to wait: worth trying again, not before `retryAfterSeconds` where it said so. */
export class Unavailable extends Error {
  override name = 'Unavailable'
  readonly retryAfterSeconds: number | null
  constructor(message: string, retryAfterSeconds: number | null = null) {
    super(message)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** It is asked for less, whatever it is: what was not taken is no worse than what was. */
export class Throttled extends Unavailable {
  override name = 'Throttled'
}

/** Something outside refused for good: trying again will not help. */
export class Impossible extends Error {
  override name = 'Impossible'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Takes notices in and sends them by itself, again and again until they are gone out: at least once. */
export interface Outbox {
  send(notice: AnyNotice, options?: { delaySeconds?: number }): Promise<void>
}

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

/** What a workflow is started with: its request, the first wait, and until when. */
export type WorkflowInput = { requestId: string; turn: number; until: string }

/** The running workflows. */
export interface Workflows {
  /** Starts the workflow of a request; no error when it runs already. */
  start(input: WorkflowInput): Promise<void>
  /** Ends the wait of this turn, also when it has yet to begin. Safe to repeat: an old turn wakes nobody. */
  announce(requestId: string, turn: number): Promise<void>
}

/** Who calls, as their token proves. */
export type Caller = Actor & { kind: 'user' | 'app'; proof: Proof; canAnswerClaims: boolean }

export interface Log {
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  error(message: string, fields?: object): void
}

export type Ports = {
  store: Store
  settings: Settings
  departures: Departures
  delegations: Delegations
  tiers: Tiers
  views: Views
  findings: Findings
  drift: DriftPolicy
  tallies: Tallies
  digests: Digests
  /** When the weekly digest goes out, and what this tenant is called in it. */
  digestTime: DigestTime
  tenantName: string | null
  personals: Personals
  bundles: Bundles
  /** For how long mails that can wait are gathered; 0: they are not. */
  bundleMinutes: number
  secrets: Secrets
  directory: Directory
  providers: Providers
  outbox: Outbox
  webhooks: Webhooks
  errands: Errands
  courier: Courier
  desk: TicketDesk
  mailer: Mailer
  undelivered: UndeliveredNotices
  links: Links
  log: Log
  now: () => Date
  /** Base-36 text of 12 digits, never the same twice. */
  random: () => string
  /** An authentication context that counts as a second factor in this tenant, if there is one. */
  mfaContext: string | null
  /** Ids of the accounts that are kept for emergencies: nothing here touches them, and what they do is watched. */
  breakGlass: readonly string[]
  /** Whether a change of settings by one administrator waits until another has confirmed it. */
  settingsNeedTwo: boolean
  /** Under which address people reach us: what messages to others name as their source. */
  publicUrl: string
}
