import { begin } from '../../src/domain/approval-progress.ts'
import { type Digest, digestOf, type Line } from '../../src/domain/digest.ts'
import type { Eligibility } from '../../src/domain/eligibility.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { ChangeInShort, NoticeKind } from '../../src/domain/notice.ts'
import type { Request } from '../../src/domain/request.ts'
import type { Role } from '../../src/domain/role.ts'

/** One small story, told of each kind of role: what the mails are shown with. */
type Place = Role & { roleName: string; scopeName: string }

export const PLACES: Place[] = [
  {
    provider: 'directory',
    roleDefinitionId: '29232cdf-9323-42fd-ade2-1d097af3e4de',
    scope: '/',
    roleName: 'Exchange Administrator',
    scopeName: 'the whole directory',
  },
  {
    provider: 'azure',
    roleDefinitionId: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
    scope: '/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/payments',
    roleName: 'Contributor',
    scopeName: 'payments (Production)',
  },
  {
    provider: 'group',
    roleDefinitionId: 'member',
    scope: '/groups/22222222-2222-4333-8444-555555555555',
    roleName: 'Member',
    scopeName: 'Tier Zero Operators',
  },
]

const ada = { id: '11111111-0000-4000-8000-000000000001', displayName: 'Ada Lovelace' }
const grace = { id: '11111111-0000-4000-8000-000000000002', displayName: 'Grace Hopper' }
const katherine = { id: '11111111-0000-4000-8000-000000000003', displayName: 'Katherine Johnson' }

const asked = (place: Place): Request => ({
  ...place,
  id: 'req-11111111000040008000000000000001-0kabcdefg0000000001',
  action: 'selfActivate',
  status: 'PendingApproval',
  principal: ada,
  principalType: 'User',
  createdDateTime: '2030-01-14T08:02:00.000Z',
  justification: 'INC-4711: the support mailbox is stuck, customers wait for an answer.',
  ticketInfo: { ticketNumber: 'INC-4711', ticketSystem: 'ServiceDesk' },
  asked: { startDateTime: null, expiration: { type: 'afterDuration', duration: 'PT2H' } },
  eligibilityId: 'elig-1',
  settingsVersion: 1,
  proof: { mfa: true, contexts: [] },
  startsAt: null,
  endsAt: null,
  approval: begin(
    {
      mode: 'Serial',
      stages: [
        {
          people: [{ approvers: [{ '@odata.type': '#microsoft.graph.singleUser', userId: grace.id }] }],
          approvalsRequired: 1,
          excludesEarlier: true,
          justification: true,
          byLink: place.provider === 'directory',
          timeoutMinutes: 240,
          escalateAfterMinutes: 60,
          remindEveryMinutes: null,
          approvesUnanswered: false,
        },
      ],
    },
    new Date('2030-01-14T08:02:00.000Z'),
    null,
  ),
  grant: null,
  ending: null,
  failure: null,
  completedDateTime: null,
  turn: 1,
  changedIn: 0,
  listed: { awaiting: [], due: null },
})

const decided = (place: Place, reviewResult: 'Approved' | 'Denied'): Request => {
  const request = asked(place)
  const approved = reviewResult === 'Approved'
  return {
    ...request,
    status: approved ? 'Granted' : 'Denied',
    startsAt: approved ? '2030-01-14T08:10:00.000Z' : null,
    endsAt: approved ? '2030-01-14T10:10:00.000Z' : null,
    approval: request.approval && {
      ...request.approval,
      decision: {
        reviewResult,
        reviewedBy: grace,
        reviewedDateTime: '2030-01-14T08:10:00.000Z',
        justification: approved ? 'Known incident.' : 'Ask the mail team first.',
        via: 'page',
      },
    },
  }
}

const ending: Request['ending'] = {
  because: 'expired',
  by: ada,
  at: '2030-01-14T10:10:00.000Z',
  attempts: 4,
  retryAt: '2030-01-14T10:20:00.000Z',
  lastError: 'The directory did not answer (503).',
}

/** Assigned by an administrator for a quarter of a year. */
const assigned = (place: Place): Request => ({
  ...asked(place),
  action: 'adminAssign',
  guard: 'assigned',
  status: 'Provisioned',
  createdBy: katherine,
  justification: 'CHG-100: mail migration',
  ticketInfo: null,
  asked: { startDateTime: null, expiration: { type: 'afterDuration', duration: 'P90D' } },
  startsAt: '2030-01-14T08:00:00.000Z',
  endsAt: '2030-04-14T08:00:00.000Z',
  approval: null,
})

const extension = (place: Place): Request => ({
  ...asked(place),
  action: 'selfExtend',
  about: 'eligibility',
  status: 'PendingAdminDecision',
  justification: 'I stay in the mail team for another year.',
  ticketInfo: null,
  asked: { startDateTime: null, expiration: { type: 'afterDuration', duration: 'P365D' } },
})

/** Requests at each moment that somebody is told of, by the name of the sample. */
export const requestSamples = (place: Place): [name: string, kind: NoticeKind, request: Request][] => {
  const approved = decided(place, 'Approved')
  const stuck: Request = { ...approved, status: 'PendingRevocation', ending }
  const kept = 'Nobody else holds this role for good.'
  return [
    ['approvalRequested', 'approvalRequested', asked(place)],
    ['approvalReminder', 'approvalReminder', asked(place)],
    ['approvalEscalated', 'approvalEscalated', asked(place)],
    ['approved', 'decided', approved],
    ['denied', 'decided', decided(place, 'Denied')],
    ['canceled', 'canceled', { ...asked(place), status: 'Canceled' }],
    ['timedOut', 'timedOut', { ...asked(place), status: 'TimedOut' }],
    ['activated', 'activated', { ...approved, status: 'Provisioned' }],
    ['ended', 'ended', { ...approved, status: 'Expired', ending }],
    [
      'failed',
      'failed',
      { ...approved, status: 'Failed', failure: { code: 'RoleNotFound', message: 'The role was deleted.' } },
    ],
    ['removalFailing', 'removalFailing', stuck],
    ['keptAsLast', 'keptAsLast', { ...stuck, ending: { ...ending, lastError: kept } as Request['ending'] }],
    ['assignedActive', 'activated', assigned(place)],
    ['assignedEndsIn14Days', 'endsIn14Days', assigned(place)],
    ['assignedEndsIn1Day', 'endsIn1Day', assigned(place)],
    ['assignedMoved', 'moved', assigned(place)],
    ['assignedEnded', 'ended', { ...assigned(place), status: 'Expired', ending }],
    ['extensionRequested', 'approvalRequested', extension(place)],
    [
      'extensionDecided',
      'decided',
      {
        ...extension(place),
        status: 'ScheduleCreated',
        startsAt: '2029-01-20T00:00:00.000Z',
        endsAt: '2031-01-14T08:10:00.000Z',
        approval: approved.approval,
      },
    ],
  ]
}

export const eligibilitySample = (place: Place): Eligibility => ({
  ...place,
  id: 'elig-1',
  principalId: ada.id,
  principalType: 'User',
  principalName: ada.displayName,
  startDateTime: '2029-01-20T00:00:00.000Z',
  endDateTime: '2030-01-20T00:00:00.000Z',
  createdDateTime: '2029-01-20T00:00:00.000Z',
  createdBy: katherine,
  justification: 'Member of the mail team',
})

export const incidentSample = (place: Place): Incident => ({
  ...place,
  id: 'inc-1',
  state: 'active',
  principal: ada,
  principalType: 'User',
  assignmentId: 'a-1',
  detectedDateTime: '2030-01-14T08:15:00.000Z',
  atFirstLook: false,
  acknowledged: null,
  removal: null,
  resolved: null,
})

export const changeSample = (place: Place): ChangeInShort => ({
  id: 'set-29232cdf932342fdade21d097af3e4de-0kabcdefg0000000001',
  role: place,
  roleName: place.roleName,
  scopeName: place.scopeName,
  status: 'Pending',
  justification: 'Audit finding 12: nobody may approve alone.',
  requestedBy: katherine,
  requestedDateTime: '2030-01-14T08:00:00.000Z',
  decidedBy: null,
  decidedDateTime: null,
  ruleIds: ['Approval_EndUser_Assignment', 'Expiration_EndUser_Assignment'],
})

export const decidedChange = (place: Place): ChangeInShort => ({
  ...changeSample(place),
  status: 'Applied',
  decidedBy: grace,
  decidedDateTime: '2030-01-14T09:00:00.000Z',
})

/** A week in which something has happened of everything. */
export function digestSample(): Digest {
  const [directory, azure, group] = PLACES as [Place, Place, Place]
  const at = '2030-01-16T09:00:00.000Z'
  const line = ({ roleName: title, scopeName }: Place, kind: Line['kind'] = 'activation'): Line => ({
    ...{ id: 'req-1', kind, title, scopeName, who: ada, at },
  })
  const event = { id: 'req-2', at, provider: 'directory' as const, title: directory.roleName, who: grace }
  return digestOf(
    { week: '2030-W03', from: '2030-01-14T00:00:00.000Z', to: '2030-01-21T00:00:00.000Z', asOf: at },
    {
      directory: {
        counts: { activated: 41, permanent: 7, inside: 12, outside: 1, breakGlass: 1 },
        latest: { permanent: [event], outside: [event], breakGlass: [event] },
        roles: [{ role: 'r', title: directory.roleName, activated: 41, inside: 2 }],
      },
    },
    {
      directory: {
        overdue: { items: [line(directory)], hasMore: false },
        pending: { items: [line(directory), line(directory, 'moreTime')], hasMore: true },
      },
      azure: { alerts: { items: [line(azure, 'incident')], hasMore: false } },
      group: { expiringSoon: { items: [line(group, 'eligibility')], hasMore: false } },
    },
  )
}
