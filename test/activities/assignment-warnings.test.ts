import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { updateAssignment } from '../../src/api/assignments.ts'
import { AdminUpdate } from '../../src/domain/assignment.ts'
import { ADMINISTRATORS } from '../../src/domain/role.ts'
import { ada, alan, caller, dorothy, exchangeRole } from '../fakes/people.ts'
import { lasting, type World, world } from '../fakes/world.ts'

const DAY = 86_400_000
const START = Date.parse('2030-01-01T09:00:00.000Z')
const after = (days: number) => new Date(START + days * DAY)

/** Assigned by Alan for so long; Dorothy administers too. */
async function assigned(duration: string) {
  const w = world()
  w.tenant.give(dorothy.id, { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[1] as string }, 1000 * DAY)
  const { id } = await w.assign(ada.id, lasting(duration))
  await advance(w.ports, { requestId: id, turn: 1 })
  await post(w)
  w.post.mails.length = 0
  return { w, id }
}

async function post(w: World) {
  for (const notice of w.post.notices.splice(0)) await deliver(w.ports, notice)
}

async function days(w: World, from: number, to: number): Promise<number[]> {
  const looks: number[] = []
  for (let day = from; day <= to; day++) {
    w.clock.now = after(day)
    looks.push((await sweep(w.ports, w.workflows)).looked)
    await post(w)
  }
  return looks
}

const told = (w: World) =>
  w.post.mails.map(({ to, subject }) => `${to.displayName.split(' ')[0]}: ${subject.replace(/^PIM: /, '')}`)

test('an active assignment is warned of twice, and that it has ended is told, to administrators too, each once', async () => {
  const { w, id } = await assigned('P90D')
  const looks = await days(w, 1, 95)
  expect(told(w)).toEqual(
    ['ends within 14 days', 'ends within a day', 'has ended'].flatMap((what) => [
      `Ada: Your Exchange Administrator role ${what}`,
      `Alan: Ada Lovelace's Exchange Administrator role ${what}`,
      `Dorothy: Ada Lovelace's Exchange Administrator role ${what}`,
    ]),
  )
  expect(w.steps(id)).toEqual(['requested', 'provisioned', 'endsIn14Days-0', 'endsIn1Day-0', 'ended'])
  expect([...w.views.indexed.keys()].sort()).toEqual([...w.events.keys()].sort())
  expect(looks.flatMap((looked, index) => (looked ? [index + 1] : []))).toEqual([1, 76, 89, 90, 91])
})

test('what has no place is not told: whoever is given five days knows that they are not fourteen', async () => {
  const { w } = await assigned('P5D')
  await days(w, 1, 3)
  expect(told(w)).toEqual([])
  await days(w, 4, 4)
  expect(told(w)).toHaveLength(3)
})

test('one for good is never warned of, and an activation neither', async () => {
  const w = world()
  await w.makeEligible(ada.id)
  const { id } = await w.ask(lasting('PT8H'))
  await advance(w.ports, { requestId: id, turn: 1 })
  const forGood = await w.assign(ada.id)
  await advance(w.ports, { requestId: forGood.id, turn: 1 })
  await days(w, 1, 100)
  expect(told(w).filter((line) => line.includes('ends within'))).toEqual([])
})

describe('one whose end is moved', () => {
  test('is told to its principal and the other administrators, warned of anew, and of its former end no more', async () => {
    const { w, id } = await assigned('P30D')
    await days(w, 1, 17)
    expect(told(w)).toHaveLength(3)
    w.post.mails.length = 0
    const body = { action: 'adminExtend', targetScheduleId: id, ...lasting('P100D'), justification: 'CHG-8' }
    await updateAssignment(w.ports, w.workflows, caller(alan), AdminUpdate.parse(body))
    await post(w)
    expect(told(w).map((line) => line.replace(/ends at .*/, 'ends'))).toEqual([
      'Ada: Your Exchange Administrator role now ends',
      "Dorothy: Ada Lovelace's Exchange Administrator role now ends",
    ])
    w.post.mails.length = 0
    await days(w, 18, 80)
    expect(told(w)).toEqual([])
    await days(w, 81, 140)
    expect(told(w)).toHaveLength(9)
  })
})

test('a warning that a dying process has told nobody is told by the next sweep, and recorded once', async () => {
  const { w, id } = await assigned('P90D')
  await days(w, 1, 75)
  const { send } = w.ports.outbox
  w.ports.outbox.send = () => Promise.reject(new Error('died'))
  w.clock.now = after(76)
  await sweep(w.ports, w.workflows)
  w.ports.outbox.send = send
  expect(told(w)).toEqual([])
  await days(w, 77, 78)
  expect(told(w)).toHaveLength(3)
  expect(w.steps(id).filter((step) => step.startsWith('endsIn14Days'))).toHaveLength(1)
})
