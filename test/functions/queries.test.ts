import { describe, expect, test } from 'vitest'
import { routes } from '../../functions/routes/index.ts'
import { ada, exchangeRole } from '../fakes/people.ts'
import { world } from '../fakes/world.ts'
import { complaints, pageOf } from './asking.ts'

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

test('events from later to earlier there are none: that is refused', () => {
  const [earlier, later] = ['2030-01-01T09:00:00Z', '2030-01-01T09:30:00+01:00']
  expect(asked('auditList', { from: earlier, to: later })).toEqual(['to: must be later than from'])
  expect(asked('auditList', { from: later, to: earlier })).toEqual([])
  expect(asked('auditList', { to: earlier })).toEqual([])
})

test('no list takes a word that it does not know', () => {
  for (const { name, query, answers } of routes)
    if (query && !Object.values(answers).some(({ html }) => html))
      expect([name, complaints(name, 'query', { foo: '1' }).join()]).toEqual([
        name,
        expect.stringContaining('Unrecognized key: "foo"'),
      ])
})

test('what a person has comes in pages too', async () => {
  const w = world()
  for (const unit of [1, 2, 3]) {
    const scope = `/administrativeUnits/00000000-0000-4000-8000-00000000000${unit}`
    await w.makeEligible(ada.id, { ...exchangeRole, scope })
    await w.assign(ada.id, { scope })
  }
  for (const name of ['eligibilitiesList', 'assignmentsList']) {
    const first = await pageOf(w, name, { principalId: ada.id, top: '2' })
    const second = await pageOf(w, name, { principalId: ada.id, top: '2', pageToken: first.token })
    expect([first.ids.length, second.ids.length, second.token]).toEqual([2, 1, null])
    expect(new Set([...first.ids, ...second.ids]).size).toBe(3)
  }
})
