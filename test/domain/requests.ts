import type { Approval } from '../../src/domain/approval.ts'
import type { StageDemand } from '../../src/domain/approval-demand.ts'
import { begin } from '../../src/domain/approval-progress.ts'
import type { Approver } from '../../src/domain/approver.ts'
import type { Request } from '../../src/domain/request.ts'
import { ada, exchange, exchangeRole, grace, user, WEAK } from '../fakes/people.ts'

export const ID = 'req-11111111000040008000000000000001-0kabcdefg0000000001'

/** One stage of four hours, begun at nine: one of these decides, and says why. */
export function waitingFor(approvers: Approver[], more: Partial<StageDemand> = {}): Approval {
  const stages = [{ ...demandFor(approvers), ...more }]
  return begin({ mode: 'Serial', stages }, new Date('2030-01-01T09:00:00.000Z'), null)
}

export const demandFor = (approvers: Approver[], escalation?: Approver[]): StageDemand => ({
  people: [{ approvers, ...(escalation && { escalation }) }],
  approvalsRequired: 1,
  excludesEarlier: true,
  justification: true,
  byLink: false,
  timeoutMinutes: 240,
  escalateAfterMinutes: escalation ? 60 : null,
  remindEveryMinutes: null,
  approvesUnanswered: false,
})

/** A request that waits for Grace until one, made at nine. */
export const pending: Request = {
  ...exchangeRole,
  id: ID,
  action: 'selfActivate',
  status: 'PendingApproval',
  principal: { id: ada.id, displayName: ada.displayName },
  principalType: 'User',
  roleName: exchange.displayName,
  scopeName: 'the whole directory',
  createdDateTime: '2030-01-01T09:00:00.000Z',
  justification: 'INC-42',
  ticketInfo: null,
  asked: { startDateTime: null, expiration: { type: 'afterDuration', duration: 'PT1H' } },
  eligibilityId: 'elig-1',
  settingsVersion: 1,
  proof: WEAK,
  startsAt: null,
  endsAt: null,
  approval: waitingFor([user(grace.id)]),
  grant: null,
  ending: null,
  failure: null,
  completedDateTime: null,
  turn: 1,
  changedIn: 0,
  listed: { awaiting: [], due: null },
}

/** Approved at ten, from then for an hour. */
export const granted: Request = {
  ...pending,
  status: 'Granted',
  startsAt: '2030-01-01T10:00:00.000Z',
  endsAt: '2030-01-01T11:00:00.000Z',
}
export const beingGiven: Request = {
  ...granted,
  status: 'PendingProvisioning',
  grant: {
    intendedAt: '2030-01-01T10:00:00.000Z',
    preExisting: null,
    assignmentId: null,
    grantedAt: null,
    attempt: 'attempt-1',
    attemptedAt: '2030-01-01T10:00:00.000Z',
    unanswered: false,
  },
}
export const held: Request = {
  ...granted,
  status: 'Provisioned',
  grant: {
    intendedAt: '2030-01-01T10:00:00.000Z',
    preExisting: null,
    assignmentId: 'assignment-1',
    grantedAt: '2030-01-01T10:00:01.000Z',
    attempt: 'attempt-1',
    attemptedAt: '2030-01-01T10:00:00.000Z',
    unanswered: false,
  },
}
export const beingTaken: Request = {
  ...held,
  status: 'PendingRevocation',
  ending: {
    because: 'expired',
    by: { id: 'x', displayName: 'x' },
    at: '2030-01-01T11:00:00.000Z',
    attempts: 2,
    retryAt: '2030-01-01T11:01:00.000Z',
    lastError: 'away',
  },
}
