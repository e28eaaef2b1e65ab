import { expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { decide } from '../../src/api/approvals.ts'
import { delegate } from '../../src/api/delegations.ts'
import type { Approver } from '../../src/domain/approver.ts'
import type { Person } from '../../src/domain/person.ts'
import type { Request } from '../../src/domain/request.ts'
import { asking } from '../fakes/asking.ts'
import { alan, caller, dorothy, grace, linus, user } from '../fakes/people.ts'

/** Ada asks for what these stages must approve. */
async function asked(stages: [Approver[], object?][], setting: object = {}) {
  const w = await asking(stages, setting)
  const mailed = async () => (await w.mailed()).map((line) => line.split(':')[0])
  const inFavour = (from: Person, of: Person) =>
    delegate(w.ports, caller(from), { delegateId: of.id, endDateTime: '2030-01-10T00:00:00Z' } as never)
  const step = (request: Request, turn = 1) => advance(w.ports, { requestId: request.id, turn })
  return { ...w, mailed, inFavour, step }
}

const escalating = (...escalationApprovers: Approver[]) => ({
  isEscalationEnabled: true,
  escalationTimeInMinutes: 30,
  escalationApprovers,
})

test('whoever was asked at first, for themselves or for another, is not asked once more when it goes further', async () => {
  const w = await asked([[[user(grace.id)], escalating(user(grace.id), user(linus.id), user(alan.id))]])
  await w.inFavour(grace, linus)
  const request = await w.ask()
  expect(await w.mailed()).toEqual(['Grace', 'Linus'])
  w.at('2030-01-01T09:31:00Z')
  await w.step(request)
  expect(await w.mailed()).toEqual(['Alan'])
})

test('whoever stands in for those it goes to is asked with them, once', async () => {
  const w = await asked([[[user(grace.id)], escalating(user(linus.id), user(dorothy.id))]])
  await w.inFavour(linus, alan)
  await w.inFavour(dorothy, alan)
  const request = await w.ask()
  await w.mailed()
  w.at('2030-01-01T09:31:00Z')
  await w.step(request)
  expect(await w.mailed()).toEqual(['Linus', 'Dorothy', 'Alan'])
  const why = w.post.mails.map(({ text }) => /You get it because .*/.exec(text)?.[0])
  expect(why.slice(1)).toEqual([
    expect.stringContaining('you may decide'),
    'You get it because you stand in for Linus Torvalds, Dorothy Vaughan.',
  ])
})

test('one of two stages’ approver who may sign both is asked for the second as well', async () => {
  const both = { isEarlierApproverExcluded: false }
  const w = await asked([
    [[user(grace.id), user(linus.id)], both],
    [[user(grace.id), user(alan.id)], both],
  ])
  const request = await w.ask()
  await w.mailed()
  await w.decide(request, 'Approve')
  expect(await w.mailed()).toEqual(['Grace', 'Alan'])
})

test('whoever has signed in another’s place is not reminded in a third one’s', async () => {
  const w = await asked([[[user(grace.id), user(linus.id)], { approvalsRequired: 2 }]])
  await w.inFavour(grace, alan)
  await w.inFavour(linus, alan)
  const request = await w.ask()
  expect(await w.mailed()).toEqual(['Grace', 'Linus', 'Alan'])
  w.at('2030-01-01T09:10:00Z')
  await decide(w.ports, w.workflows, alan, request.id, { reviewResult: 'Approve', justification: 'y' }, 'api')
  w.at('2030-01-01T11:01:00Z')
  await w.step(request, 2)
  expect(await w.mailed()).toEqual(['Linus'])
})

test('a question that was held back asks nobody whose stage is complete, nor who has answered meanwhile', async () => {
  const w = await asked([[[user(grace.id), user(linus.id)], { approvalsRequired: 2 }], [[user(alan.id)]]])
  const request = await w.ask()
  const [late] = w.post.notices.splice(0)
  if (!late) throw new Error('Nobody is asked.')
  w.at('2030-01-01T09:10:00Z')
  await w.decide(request, 'Approve')
  await deliver(w.ports, late)
  expect(w.post.mails.map(({ to }) => to.id)).toEqual([linus.id])
  await w.decide(request, 'Approve', linus)
  w.at('2030-01-01T09:20:00Z')
  w.post.notices.length = 0
  w.post.mails.length = 0
  await deliver(w.ports, late)
  expect(w.post.mails).toEqual([])
})
