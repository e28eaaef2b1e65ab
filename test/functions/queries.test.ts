import { describe, expect, test } from 'vitest'
import { complaints } from './asking.ts'

const GUID = '29232cdf-9323-42fd-ade2-1d097af3e4de'
const LISTS = ['auditList', 'eligibilitiesList', 'waitingList', 'assignmentsList']
const asked = (list: string, query: object) => complaints(list, 'query', query)

describe.each(LISTS)('%s is asked for one role by all of its name', (list) => {
  test.each([
    ['provider', { provider: 'azure' }],
    ['scope', { scope: `/subscriptions/${GUID}` }],
  ])('%s without a role is refused, and not left out of account', (field, query) =>
    expect(asked(list, query)).toEqual([`${field}: goes with roleDefinitionId: name that too`]),
  )

  test.each([
    [{ provider: 'azure', roleDefinitionId: GUID }, /^scope: must be a management group/],
    [{ provider: 'group', roleDefinitionId: 'member', scope: '/' }, /^scope: must be "\/groups\/{id}"/],
    [{ roleDefinitionId: 'member' }, /^roleDefinitionId: must be a GUID/],
  ])('%j does not go together', (query, message) =>
    expect(asked(list, query)).toEqual([expect.stringMatching(message)]),
  )

  test.each([
    {},
    { roleDefinitionId: GUID },
    { provider: 'azure', roleDefinitionId: GUID, scope: `/subscriptions/${GUID}` },
  ])('%j is well asked', (query) => expect(asked(list, query)).toEqual([]))
})

test.each(['auditList', 'eligibilitiesList', 'assignmentsList'])(
  '%s: a scope does not narrow what is asked of a person, and says so',
  (list) =>
    expect(asked(list, { principalId: GUID, scope: '/' })).toEqual([
      'scope: goes with roleDefinitionId, and is not asked for together with principalId',
    ]),
)

test('a provider alone is no part of the tenant to compare', () => {
  const scanned = (body: object) => complaints('driftScan', 'body', body)
  expect(scanned({ provider: 'azure' })).toEqual([
    'provider: goes with scope: name that too, or neither, to compare everywhere',
  ])
  expect(scanned({})).toEqual([])
  expect(scanned({ scope: '/' })).toEqual([])
})

test.each(['incidentsList', 'governedRemove'])(
  '%s: a scope that its provider has none of is refused',
  (list) =>
    expect(asked(list, { provider: 'group', scope: `/subscriptions/${GUID}` })).toEqual([
      expect.stringMatching(/^scope: must be "\/groups\/{id}" for the provider group/),
    ]),
)
