import { describe, expect, test } from 'vitest'
import { ada, exchange } from '../fakes/people.ts'
import { complaints } from './asking.ts'

const eligible = { principalId: ada.id, roleDefinitionId: exchange.id }
const KINDS = 'must be "noExpiration", "afterDuration" or "afterDateTime"'

describe('what is wrong is told by field, with what it should be', () => {
  test.each([
    ['eligibilitiesCreate', {}, ['principalId: is required, and must be a GUID']],
    [
      'eligibilitiesCreate',
      {},
      ['roleDefinitionId: is required, and must be a GUID, or for groups "member" or "owner"'],
    ],
    ['requestsCreate', { action: 'selfActivate', ...eligible }, ['scheduleInfo: is required']],
    [
      'requestsCreate',
      {},
      [expect.stringMatching(/^action: is required, and must be "selfActivate", .* or "adminRemove"$/)],
    ],
    ['requestsCreate', 5, ['body: must be an object']],
    ['approvalsDecide', { reviewResult: 'Approved' }, ['reviewResult: must be "Approve" or "Deny"']],
    ['approvalsDecide', {}, ['reviewResult: is required, and must be "Approve" or "Deny"']],
    [
      'eligibilitiesCreate',
      { ...eligible, action: 'assign' },
      ['action: must be "adminAssign", "adminUpdate", "adminExtend", "adminRenew" or "adminRemove"'],
    ],
    [
      'eligibilitiesCreate',
      { ...eligible, scheduleInfo: { expiration: { type: 'never' } } },
      [`scheduleInfo.expiration.type: ${KINDS}`],
    ],
    [
      'eligibilitiesCreate',
      { ...eligible, scheduleInfo: { expiration: {} } },
      [`scheduleInfo.expiration.type: is required, and ${KINDS}`],
    ],
    [
      'eligibilitiesCreate',
      { ...eligible, scheduleInfo: { expiration: { type: 'afterDuration' } } },
      [
        'scheduleInfo.expiration.duration: is required, and must be a positive ISO 8601 duration such as PT8H or PT30M',
      ],
    ],
    [
      'eligibilitiesCreate',
      { ...eligible, scheduleInfo: { expiration: { type: 'noExpiration', duration: 'PT1H' } } },
      ['scheduleInfo.expiration.duration: must be null here, or left out'],
    ],
  ])('%s %j', (name, body, told) =>
    expect(complaints(name, 'body', body)).toEqual(expect.arrayContaining(told)),
  )

  test.each(['2026-W60', '2026-W00', 'next'])('of the digest of %s', (week) =>
    expect(complaints('digestGet', 'params', { week })).toEqual([
      'week: must be an ISO 8601 week that its year has, such as 2026-W47, or "current"',
    ]),
  )
  test.each(['2026-W47', 'current'])('of the digest of %s nothing', (week) =>
    expect(complaints('digestGet', 'params', { week })).toEqual([]),
  )
})

describe('a schedule may come back as our answers give it', () => {
  const nothing = { startDateTime: null, recurrence: null }
  test.each([
    { type: 'noExpiration', duration: null, endDateTime: null },
    { type: 'afterDuration', duration: 'PT1H', endDateTime: null },
    { type: 'afterDateTime', duration: null, endDateTime: '2030-01-01T10:00:00Z' },
  ])('%j', (expiration) => {
    const scheduleInfo = { ...nothing, expiration }
    const sent = { ...eligible, scheduleInfo }
    expect(complaints('eligibilitiesCreate', 'body', sent)).toEqual([])
    if (expiration.type === 'noExpiration') return
    for (const action of ['selfActivate', 'selfExtend'])
      expect(
        complaints('requestsCreate', 'body', { action, roleDefinitionId: exchange.id, scheduleInfo }),
      ).toEqual([])
  })
})

describe('whoever writes the names of Graph is told ours', () => {
  const activation = {
    action: 'selfActivate',
    roleDefinitionId: exchange.id,
    scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
  }
  const removal = { action: 'adminRemove', targetScheduleId: `elig-${'0'.repeat(32)}-${'0'.repeat(20)}` }
  test.each<[string, 'body' | 'query', object, string]>([
    [
      'requestsCreate',
      'body',
      { ...activation, directoryScopeId: '/' },
      'body: Unrecognized key: "directoryScopeId"; "directoryScopeId" is "scope" here',
    ],
    [
      'requestsCreate',
      'body',
      { ...activation, directoryScopeId: '/', scope: '/', appScopeId: null },
      'body: Unrecognized keys: "directoryScopeId", "appScopeId"; "directoryScopeId" is "scope" here; "appScopeId" is "scope" here',
    ],
    [
      'requestsCreate',
      'body',
      { ...activation, roleDefinitionId: undefined, groupId: ada.id, accessId: 'member' },
      'body: Unrecognized keys: "groupId", "accessId"; "groupId" is "scope" here; "accessId" is "roleDefinitionId" here',
    ],
    [
      'eligibilitiesCreate',
      'body',
      { ...eligible, directoryScopeId: '/' },
      'body: Unrecognized key: "directoryScopeId"; "directoryScopeId" is "scope" here',
    ],
    [
      'eligibilitiesCreate',
      'body',
      { ...removal, directoryScopeId: '/', principalId: ada.id },
      'body: Unrecognized key: "directoryScopeId"; "directoryScopeId" is "scope" here',
    ],
    [
      'tiersApply',
      'body',
      { roles: [{ roleDefinitionId: exchange.id, directoryScopeId: '/' }] },
      'roles.0: Unrecognized key: "directoryScopeId"; "directoryScopeId" is "scope" here',
    ],
    ['requestsList', 'query', { $top: '5' }, 'query: Unrecognized key: "$top"; "$top" is "top" here'],
    [
      'requestsList',
      'query',
      { $top: '5', $filter: "status eq 'Granted'" },
      'query: Unrecognized keys: "$top", "$filter"; "$top" is "top" here; there are principalId, top, pageToken',
    ],
    [
      'approvalsDecide',
      'body',
      { decision: 'Approve' },
      'body: Unrecognized key: "decision"; "decision" is "reviewResult" here',
    ],
    [
      'approvalsDecide',
      'body',
      { reviewResult: 'Approve', constructor: 1 },
      expect.stringMatching(
        /^body: Unrecognized key: "constructor"; there are reviewResult, justification, /,
      ),
    ],
  ])('%s: %s %j', (name, where, sent, told) => expect(complaints(name, where, sent)).toContainEqual(told))
})
