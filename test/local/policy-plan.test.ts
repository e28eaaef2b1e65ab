import { expect, test } from 'vitest'
import type { Api } from '../../local/policy/client.ts'
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
