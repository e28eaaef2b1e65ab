import { expect, test, vi } from 'vitest'
import { apply } from '../../local/policy/apply.ts'
import { type Api, ApiRefusal } from '../../local/policy/client.ts'
import { planOf } from '../../local/policy/plan.ts'
import { PolicyFile } from '../../src/domain/policy-file.ts'
import { ada, exchangeRole } from '../fakes/people.ts'

const NOW = '2030-01-01T09:00:00.000Z'
const JUNE = '2030-06-01T00:00:00.000Z'
const DECEMBER = '2030-12-01T00:00:00.000Z'

const eligibility = (id: string, startDateTime: string, endDateTime: string | null) => ({
  id,
  ...exchangeRole,
  principalId: ada.id,
  principalDisplayName: ada.displayName,
  roleDisplayName: 'Exchange Administrator',
  startDateTime,
  endDateTime,
  state: startDateTime > NOW ? 'future' : 'current',
})

/** What would be called where these eligibilities are there and the file says this of Ada. */
async function planned(there: object[], scheduleInfo: object, more: object = {}) {
  const api = (async () => ({ value: there })) as unknown as Api
  const eligibilities = [{ principalId: ada.id, ...exchangeRole, scheduleInfo }]
  const steps = await planOf(api, PolicyFile.parse({ eligibilities, ...more }), new Date(NOW))
  return steps.flatMap(({ calls }) => calls)
}
const forGood = { expiration: { type: 'noExpiration' } }
const until = (endDateTime: string) => ({ expiration: { type: 'afterDateTime', endDateTime } })

test('who is eligible as the file says is left alone', async () => {
  expect(await planned([eligibility('elig-1', NOW, null)], forGood)).toEqual([])
  expect(await planned([eligibility('elig-1', JUNE, null)], { ...forGood, startDateTime: JUNE })).toEqual([])
  const began = { ...forGood, startDateTime: '2029-06-01T00:00:00Z' }
  expect(await planned([eligibility('elig-1', NOW, null)], began)).toEqual([])
})

test('a start that differs is changed, to now where the file names none', async () => {
  const moved = (startDateTime: string) => [
    {
      method: 'POST',
      path: 'eligibilities',
      body: {
        action: 'adminUpdate',
        targetScheduleId: 'elig-1',
        scheduleInfo: { ...forGood, startDateTime },
      },
    },
  ]
  expect(await planned([eligibility('elig-1', JUNE, null)], forGood)).toEqual(moved(NOW))
  const later = { ...forGood, startDateTime: JUNE }
  expect(await planned([eligibility('elig-1', NOW, null)], later)).toEqual(moved(JUNE))
})

test('what follows the one that the file names goes where nothing else is to be', async () => {
  const there = [eligibility('elig-1', NOW, JUNE), eligibility('elig-2', JUNE, DECEMBER)]
  expect(await planned(there, until(JUNE))).toEqual([])
  expect(await planned(there, until(JUNE), { removeOtherEligibilities: true })).toEqual([
    { method: 'DELETE', path: 'eligibilities/elig-2' },
  ])
})

test('no role is given what a tier said before where the tier could not be changed', async () => {
  const called: string[] = []
  const api = (async (method: string, path: string) => {
    called.push(path)
    if (path === 'tiers/high' && method === 'PUT') throw new Error('503')
    return { outcome: 'changed' }
  }) as unknown as Api
  const step = (title: string, path: string, more: object) => ({
    title,
    lines: [],
    calls: [{ method: path.startsWith('tiers') ? 'PUT' : 'PATCH', path }],
    ...more,
  })
  for (const said of ['log', 'error'] as const) vi.spyOn(console, said).mockReturnValue()
  const steps = [
    step('tier high', 'tiers/high', { tier: 'high' }),
    step('tier low', 'tiers/low', { tier: 'low' }),
    step('one', 'roles/one', { ofTier: 'high' }),
    step('two', 'roles/two', { ofTier: 'low' }),
    step('three', 'roles/three', {}),
  ]
  expect(await apply(api, steps)).toBe(1)
  expect(called).toEqual(['tiers/high', 'tiers/low', 'roles/two', 'roles/three'])
  vi.restoreAllMocks()
})

test('a plan says which tier a step makes, and of which tier a role is given the rules', async () => {
  const settings = { ownRules: [], tier: null, roleDefinition: { displayName: 'x' }, pendingChangeId: null }
  const answers = (path: string) => {
    if (path.startsWith('tiers/')) throw new ApiRefusal(404, 'none')
    return path.startsWith('roles/') ? settings : { value: [] }
  }
  const api = (async (_: string, path: string) => answers(path)) as unknown as Api
  const hour = {
    '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
    id: 'Expiration_EndUser_Assignment',
    isExpirationRequired: true,
    maximumDuration: 'PT1H',
  }
  const tiers = { high: { displayName: 'High', description: '', rules: [hour] } }
  const file = PolicyFile.parse({ tiers, settings: [{ ...exchangeRole, tier: 'high' }] })
  const steps = await planOf(api, file, new Date(NOW))
  expect(steps.map(({ tier, ofTier }) => [tier, ofTier])).toEqual([
    ['high', undefined],
    [undefined, 'high'],
  ])
})
