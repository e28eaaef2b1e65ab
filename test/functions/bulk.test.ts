import { expect, test } from 'vitest'
import { ada, alan, caller, exchange, grace, user } from '../fakes/people.ts'
import { world } from '../fakes/world.ts'
import { answered, complaints } from './asking.ts'

const WRONG = { status: 400, error: { code: 'BadRequest' } }

test('of many eligibilities one that is malformed is refused by itself', async () => {
  const one = { principalId: ada.id, roleDefinitionId: exchange.id }
  const sent = {
    requests: [{ ...one, scheduleInfo: 'for good' }, one, 'another', { ...one, principalId: 'x' }],
  }
  expect(await answered('eligibilitiesCreateMany', caller(alan), sent)).toMatchObject({
    responses: [
      { ...WRONG, error: { details: [{ target: 'scheduleInfo' }] } },
      { status: 201, body: { principalId: ada.id } },
      WRONG,
      WRONG,
    ],
  })
})

test('of many decisions one with a bad id is refused by itself, and the others have the status of one alone', async () => {
  const w = world()
  await w.makeEligible(ada.id)
  await w.approvalBy(user(grace.id))
  const { id } = await w.ask()
  const sent = { approvalIds: ['req-1', id, 5], reviewResult: 'Approve', justification: 'all well' }
  expect(await answered('approvalsDecideMany', caller(grace), sent, w)).toMatchObject({
    responses: [WRONG, { status: 200, body: { id, status: 'Granted' } }, WRONG],
  })
})

test.each([
  ['requestsCreateMany', 20],
  ['eligibilitiesCreateMany', 50],
])('%s takes up to %i, and whatever they are', (name, most) => {
  expect(complaints(name, 'body', { requests: Array(most).fill(5) })).toEqual([])
  for (const many of [0, most + 1])
    expect(complaints(name, 'body', { requests: Array(many).fill(5) })).toHaveLength(1)
})
