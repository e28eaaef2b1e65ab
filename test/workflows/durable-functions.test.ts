import type { Task } from 'durable-functions'
import { describe, expect, test } from 'vitest'
import * as ours from '../../src/adapters/durable-functions.ts'
import { earlier } from '../../src/domain/schedule.ts'
import type { Durable, Step } from '../../src/workflows/durable.ts'
import { ATTEMPTS } from '../fakes/durable.ts'
import { NINE } from '../fakes/world.ts'
import { type Adapter, replay } from '../support/replay-host.ts'

const DAY = 86_400_000
const seen = { requestId: 'req-1', turn: 1, until: null, status: 'Granted' }
const clock = () => ({ now: new Date(NINE) })
const activities = { advanceRequest: async () => seen }

function* reminders(d: Durable, start: string): Step<[heard: boolean, sent: number]> {
  const deadline = new Date(Date.parse(start) + 10 * DAY)
  let sent = 0
  while (d.now < deadline) {
    if (yield* d.changed(sent + 1, earlier(new Date(d.now.getTime() + DAY), deadline))) return [true, sent]
    sent++
  }
  return [false, sent]
}

test('a loop of waits hears of a change after those that timed out', async () => {
  const announced: { turn: number }[] = []
  const outcome = await replay(reminders, NINE, {
    activities,
    announced,
    clock: clock(),
    doings: [['2030-01-04T10:00:00.000Z', async () => announced.push({ turn: 4 })]],
  })
  expect(outcome).toEqual([true, 3])
})

test('a loop of waits that nobody ends goes on to its deadline', async () => {
  expect(await replay(reminders, NINE, { activities, announced: [], clock: clock() })).toEqual([false, 10])
})

test('a sleep of half a year wakes at its instant, whatever is announced meanwhile', async () => {
  function* sleep(d: Durable, until: string): Step<string> {
    yield* d.sleep(new Date(until))
    return d.now.toISOString()
  }
  const announced: { turn: number }[] = []
  const until = '2030-06-30T09:00:00.000Z'
  const doings = [['2030-02-01T09:00:00.000Z', async () => announced.push({ turn: 1 })]] as const
  expect(await replay(sleep, until, { activities, announced, clock: clock(), doings })).toBe(until)
})

test('an activity that fails is tried four times within a minute, and then its error is thrown', async () => {
  function* once(d: Durable): Step<string> {
    try {
      yield* d.run('advanceRequest', { requestId: 'req-1', turn: 1 })
      return 'done'
    } catch (error) {
      return (error as Error).message
    }
  }
  const at: number[] = []
  const time = clock()
  const failing = {
    advanceRequest: async () => {
      at.push(time.now.getTime() - Date.parse(NINE))
      throw new Error('The tenant does not answer.')
    },
  }
  const outcome = await replay(once, null, { activities: failing, announced: [], clock: time })
  expect(outcome).toContain('The tenant does not answer.')
  expect(at).toEqual([0, 5000, 15_000, 35_000])
  expect(at).toHaveLength(ATTEMPTS)
})

test('what differs from one replay to the next is found out', async () => {
  let run = 0
  function* fickle(d: Durable): Step<void> {
    if (run++ % 2) yield* d.sleep(new Date('2030-01-01T10:00:00.000Z'))
    yield* d.run('advanceRequest', { requestId: 'req-1', turn: 1 })
  }
  await expect(replay(fickle, null, { activities, announced: [], clock: clock() })).rejects.toThrow(
    /Non-?Deterministic/i,
  )
})

describe('why each wait has a name of its own', () => {
  function* waitWorkWait(d: Durable): Step<boolean> {
    yield* d.changed(1, new Date('2030-01-01T10:00:00.000Z')) // nothing comes
    yield* d.run('advanceRequest', { requestId: 'req-1', turn: 2 }) // while this runs, turn 2 is announced
    return yield* d.changed(2, new Date('2030-01-01T11:00:00.000Z'))
  }

  function hears(adapter: Adapter): Promise<boolean> {
    const announced: { turn: number }[] = []
    const advanceRequest = async () => {
      announced.push({ turn: 2 })
      return seen
    }
    return replay(waitWorkWait, null, { activities: { advanceRequest }, announced, clock: clock(), adapter })
  }

  test('a name for each: what is announced while an activity runs is heard', async () => {
    expect(await hears(ours)).toBe(true)
  })

  test('one name for all, the way not to go: an earlier wait, long timed out, swallows it', async () => {
    expect(await hears(oneNameForAllWaits)).toBe(false)
  })
})

const oneNameForAllWaits: Adapter = {
  durable(context) {
    const { df } = context
    const durable = ours.durable(context)
    return {
      get now() {
        return durable.now
      },
      run: durable.run,
      sleep: durable.sleep,
      *changed(_turn, deadline) {
        const announcement = df.waitForExternalEvent('changed')
        const winner: Task = yield df.Task.any([announcement, df.createTimer(deadline)])
        return winner === announcement
      },
    }
  },
  durableWorkflows: (client) => ({
    ...ours.durableWorkflows(client),
    announce: (instanceId) => client.raiseEvent(instanceId, 'changed', null),
  }),
}
