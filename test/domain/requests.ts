import type { Request } from '../../src/domain/request.ts'
import { ada, exchange, exchangeRole, grace, user, WEAK } from '../fakes/people.ts'

export const ID = 'req-11111111000040008000000000000001-0kabcdefg0000000001'

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
  approval: {
    approvers: [user(grace.id)],
    justificationRequired: true,
    byLink: false,
    remindAt: '2030-01-01T11:00:00.000Z',
    remindedAt: null,
    pendingUntil: '2030-01-01T13:00:00.000Z',
    decision: null,
  },
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
