import type { Approval } from './approval.ts'
import type { EligibilitySchedule } from './eligibility.ts'
import type { OpenWork } from './open-work.ts'
import type { Actor, Proof } from './person.ts'
import { type PrincipalType, type Role, roleKey } from './role.ts'
import type { Demands } from './role-settings.ts'
import { plus } from './schedule.ts'

/** What is asked for, in Graph's words. */
export type RequestAction = 'selfActivate' | 'selfExtend' | 'selfRenew' | 'adminAssign' | 'adminRenew'

/**
 * A request to activate a role, to extend that, to assign it, or for more time to be eligible, as it stands: the one truth that its
 * workflow, its requester, its approvers and the sweep
 * share. What changes it is in request-steps.ts.
 */
export type Request = Role & {
  id: string
  action: RequestAction
  /** Of an eligibility or an active assignment, more time before its end or again after it; absent: of access. */
  about?: 'eligibility' | 'assignment'
  /** The active assignment that it is about: a request of ours. */
  targetId?: string
  status: Status
  principal: Actor
  principalType: PrincipalType
  roleName: string
  scopeName: string
  createdDateTime: string
  justification: string | null
  ticketInfo: { ticketNumber: string | null; ticketSystem: string | null } | null
  /** Under which ids desks keep what they said of the ticket when it was asked for; absent: none was asked. */
  evaluations?: string[]
  asked: { startDateTime: string | null; expiration: EligibilitySchedule['expiration'] }
  /** Of an extension of an activation: what was running when it was asked for. */
  extendsId?: string
  /** Another activation of the role was open when it was asked for, and this one begins before a break: as good as an extension. */
  continues?: true
  /** What an activation rests upon; what an extension or a renewal of an eligibility is about. Null for what an administrator assigns. */
  eligibilityId: string | null
  /** Azure: under which condition it is given; absent: under none. */
  condition?: string | null
  /** The administrator who assigned it; absent where the principal asked for themselves. */
  createdBy?: Actor
  /** Under which guard it is open; absent: the one of activations. */
  guard?: 'next' | 'assigned'
  /** How often an administrator has moved its window; absent: never. */
  changes?: number
  /** Of an assignment: how many warnings of its end have been given, or had no place; absent: none. */
  warned?: number
  settingsVersion: number
  /** What the settings asked for when it was made: the stricter of this and of what they ask for now holds. */
  madeUnder?: Demands
  proof: Proof
  /**
   * When access begins and ends. Null while an approval that they are counted from is still to come; with a start and without an
   * end it is for good.
   */
  startsAt: string | null
  endsAt: string | null
  approval: Approval | null
  grant: Grant | null
  ending: Ending | null
  failure: { code: string; message: string } | null
  completedDateTime: string | null
  /** The number of the wait that the workflow is in, or about to enter (design: the row is the truth). */
  turn: number
  /** The turn in which somebody last changed it; 0 if nobody has. As long as it is the turn, the workflow has not looked. */
  changedIn: number
  /** The rows of the views as they were written just before this state was: what the next change takes away. */
  listed: OpenWork
}

/** Graph's and ARM's names. `Expired` is ours: Microsoft forgets a request whose access has ended. */
export type Status =
  | 'PendingApproval'
  | 'PendingAdminDecision' // of an extension or a renewal: whoever administers the role decides
  | 'Granted' // approved, or no approval asked for: it waits for its start, or to be provisioned
  | 'PendingProvisioning' // the intent is written down: from here on the tenant may have it
  | 'Provisioned'
  | 'PendingRevocation' // it is being taken away, until the tenant shows that it is gone
  | 'Expired'
  | 'Revoked'
  | 'Denied'
  | 'Canceled'
  | 'TimedOut'
  | 'ScheduleCreated' // extended or renewed: the eligibility says until when
  | 'Failed'

const OPEN: readonly Status[] = [
  'PendingApproval',
  'PendingAdminDecision',
  'Granted',
  'PendingProvisioning',
  'Provisioned',
  'PendingRevocation',
]

export type Grant = {
  intendedAt: string
  /** The assignment that was there before we came: not ours to remove. */
  preExisting: string | null
  assignmentId: string | null
  grantedAt: string | null
  /** Whose attempt it is now: a text of its own for each, so that no two writers ever write the same state. */
  attempt: string
  attemptedAt: string
  /** Some attempt was never answered: what it did shows only later. */
  unanswered: boolean
  /** How often it was given again after somebody outside had removed it; absent: never. */
  restored?: number
}

export type Ending = {
  because: 'expired' | 'deactivated' | 'failed' | 'removedOutside'
  by: Actor
  at: string
  attempts: number
  retryAt: string
  lastError: string | null
  /** The request that goes on holding what this one has ended to hold; absent: none, so it was removed. */
  coveredBy?: string
  /** It stays because nobody else would hold the role; the attempt at which that was found. */
  keptSince?: number
}

export const isOpen = ({ status }: Request) => OPEN.includes(status)

/** Somebody is asked, and has not answered. */
export const awaitsDecision = ({ status }: Pick<Request, 'status'>) =>
  status === 'PendingApproval' || status === 'PendingAdminDecision'

/** About the window of what is given already: nothing is given by itself, so it needs no workflow, and the sweep alone sees to it. */
export const isAboutSchedule = ({ about }: Pick<Request, 'about'>) => about !== undefined

/** The principal has the access, or may have it: not to be forgotten before the tenant shows that it is gone. */
export const mayHold = ({ status }: Request) =>
  status === 'PendingProvisioning' || status === 'Provisioned' || status === 'PendingRevocation'

/** It is being taken away, or its end has come: what is left to do is a removal. */
export function isToBeRemoved(request: Request, now: Date): boolean {
  if (request.status === 'PendingRevocation') return true
  return mayHold(request) && request.endsAt !== null && now >= new Date(request.endsAt)
}

/** It should have ended by now, and is not known to have. */
export function isPastDue(request: Request, now: Date): boolean {
  return mayHold(request) && request.endsAt !== null && now > plus(new Date(request.endsAt), PAST_DUE_MILLIS)
}

/** Longer after its end than any healthy host needs: recorded, and counted for operators. */
const PAST_DUE_MILLIS = 60_000

/** Never back to an earlier turn: whoever asks for it may be a late second run of an activity. */
export function inTurn(request: Request, turn: number): Request {
  return { ...request, turn: Math.max(request.turn, turn) }
}

/**
 * The name of the guard: at most one open request under it. An activation, one that follows or extends it, and an assigned
 * one may be open together (docs/decisions/0005-overlaps.md).
 */
export const guardKey = (request: Request) => {
  if (isAboutSchedule(request)) return `extend|${targetOf(request)}`
  return request.guard ? `${request.guard}|${roleKey(request)}` : roleKey(request)
}

/** What an extension or a renewal is about. */
export const targetOf = ({ eligibilityId, targetId }: Pick<Request, 'eligibilityId' | 'targetId'>) =>
  targetId ?? eligibilityId

/** Given by an administrator, and not activated by its principal. */
export const isAssigned = ({ action }: Pick<Request, 'action'>) =>
  action === 'adminAssign' || action === 'adminRenew'

/** Access that its principal has asked for: neither assigned, nor a question about what is given. */
export const isActivation = (request: Request) => !isAssigned(request) && !isAboutSchedule(request)

/** More of an activation that runs; not of what was assigned. */
export const isExtension = (request: Request) => request.action === 'selfExtend' && !isAboutSchedule(request)

/** More of what is active, by whichever action: it needs what the role asks of extensions. */
export const keepsActive = (request: Request) => isExtension(request) || request.continues === true

/** Held until somebody takes it away: there is nothing to wait for. */
export const isForGood = ({ status, endsAt }: Request) => status === 'Provisioned' && endsAt === null

/** Ours to remove: given by us, or by another of ours that it is shared with. */
export const isOurs = ({ grant }: Request) => grant !== null && grant.preExisting === null
