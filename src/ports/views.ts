import type { AuditEvent, AuditKey } from '../domain/audit.ts'
import type { Digest, DigestMailing } from '../domain/digest.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import type { Governed, Place } from '../domain/governed.ts'
import type { Incident, IncidentState, IncidentStep } from '../domain/incident.ts'
import type { OpenWork } from '../domain/open-work.ts'
import type { Provider, Role } from '../domain/role.ts'
import type { Tally } from '../domain/tally.ts'
import type { Page, PageOptions, Stored } from './stored.ts'

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
