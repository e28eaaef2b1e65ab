import type { Actor, Proof } from './domain/person.ts'
import type { DigestTime } from './domain/week.ts'
import type { Courier, Errands, TicketDesk, Webhooks } from './ports/calling.ts'
import type { Bundles, Links, Mailer, Outbox, UndeliveredNotices } from './ports/telling.ts'
import type { Directory, Providers } from './ports/tenant.ts'
import type { Delegations, Departures, Personals, Settings, Store, Tiers } from './ports/truth.ts'
import type { Digests, DriftPolicy, Findings, Tallies, Views } from './ports/views.ts'

export * from './ports/calling.ts'
export * from './ports/errors.ts'
export * from './ports/stored.ts'
export * from './ports/telling.ts'
export * from './ports/tenant.ts'
export * from './ports/truth.ts'
export * from './ports/views.ts'

/** Texts that nobody can guess, and what is kept of them. */
export interface Secrets {
  /** 256 random bits, fit for an address. */
  make(): string
  /** From which the secret cannot be told. */
  hash(secret: string): string
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
