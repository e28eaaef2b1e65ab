import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { daily, isThorough } from '../support/daily.ts'
import type { Call } from '../support/harness/call.ts'
import {
  ask,
  giveBack,
  type Journey,
  journeysOf,
  passes,
  type Step,
  statusOf,
} from '../support/harness/journeys.ts'
import type { Fate, Meddler } from '../support/harness/proxy.ts'
import { type RunOptions, run } from '../support/harness/run.ts'
import { Stage } from '../support/harness/stage.ts'

/** All journeys, or those that meet most on their way. */
const journeysLike = (few: RegExp) =>
  journeysOf().filter(
    ({ name, isForCampaigns }) => process.env.FAULTS === 'all' || (few.test(name) && !isForCampaigns),
  )

let stage: Stage
let stories = 0
const started = Date.now()
beforeAll(async () => {
  stage = await Stage.start({ env: { LOCAL_HOST_RERUN_SECONDS: '900' } })
})
afterAll(async () => {
  await stage.stop()
  const seconds = Math.round((Date.now() - started) / 1000)
  process.stderr.write(
    `messages doubled, late, lost, out of order: ${stories} stories ended as ever, ${seconds} s\n`,
  )
})

const MINUTE = 60_000
const OUTBOX = 'interim-outbox'
const isGrant = ({ what }: Call) => what === 'POST /roleManagement/directory/roleAssignments'
const isRemoval = ({ what }: Call) => what.startsWith('DELETE /roleManagement/directory/roleAssignments')

async function endsAsEver(journey: Journey, options: RunOptions = {}) {
  const result = await run(stage, journey, options)
  expect(result.wrong).toEqual([])
  expect(result.status).toBe(journey.end)
  stories++
  return result
}

/** The same journey with something done after each of its steps. */
const withAfterEach = (journey: Journey, more: Step): Journey => ({
  ...journey,
  steps: journey.steps.flatMap((step) => [step, more]),
})

/** A postman between the outbox and its queue: what is sent is taken from the app, and brought as he likes. */
function postman(bring: (text: string, nth: number) => Promise<void>): NonNullable<RunOptions['meddler']> {
  let nth = 0
  return () => ({
    before: async (call): Promise<Fate> => {
      if (call.service !== 'queue' || call.target !== 'own storage') return 'pass'
      const text = /<MessageText>(.*?)<\/MessageText>/s.exec(call.body.toString())?.[1] ?? ''
      await bring(text, nth++)
      return { status: 201, headers: { 'content-type': 'application/xml' }, body: RECEIPT }
    },
  })
}
const AT = new Date().toUTCString()
const RECEIPT = `<?xml version="1.0" encoding="utf-8"?><QueueMessagesList><QueueMessage><MessageId>00000000-0000-4000-8000-000000000000</MessageId><InsertionTime>${AT}</InsertionTime><ExpirationTime>${AT}</ExpirationTime><PopReceipt>AgAAAAMAAAAAAAAA</PopReceipt><TimeNextVisible>${AT}</TimeNextVisible></QueueMessage></QueueMessagesList>`

describe.each(journeysLike(/with approval/))('$name, when messages of the outbox', (journey) => {
  test('come twice', async () => {
    const send = (text: string) => stage.queue(OUTBOX).sendMessage(text)
    await endsAsEver(journey, {
      meddler: postman(async (text) => {
        await send(text)
        await send(text)
      }),
    })
  })

  test('are lost, every other one', async () => {
    await endsAsEver(journey, {
      meddler: postman(async (text, nth) => {
        if (nth % 2 === 1) await stage.queue(OUTBOX).sendMessage(text)
      }),
    })
  })

  test.runIf(isThorough)('come an hour later and the last one first', async () => {
    const bag: string[] = []
    let isOpen = true
    await endsAsEver(journey, {
      meddler: postman(async (text) => {
        if (isOpen) bag.push(text)
        if (!isOpen || bag.length > 4) await stage.queue(OUTBOX).sendMessage(text)
      }),
      afterSteps: async () => {
        isOpen = false
        for (const text of bag.reverse()) await stage.queue(OUTBOX).sendMessage(text)
        await stage.idle()
      },
    })
  })
})

describe.each(journeysLike(/with approval/))('$name, when its orchestration', (journey) => {
  const durable = (method: string, path: string, body?: unknown): Step => {
    return async ({ requestId }) => {
      const { status } = await stage.durable(method, `/instances/${requestId}${path}`, body)
      expect(status).toBeLessThan(500)
      await stage.idle()
    }
  }

  test('hears every event twice, old ones again and coming ones early', async () => {
    const shout: Step = async ({ requestId }) => {
      for (const turn of [1, 2, 3, 4, 1, 2, 3])
        await stage.durable('POST', `/instances/${requestId}/raiseEvent/changed-${turn}`, {})
      await stage.idle()
    }
    await endsAsEver(withAfterEach(journey, shout))
  })

  test('is terminated at every step: the sweep does its work', async () => {
    await endsAsEver(withAfterEach(journey, durable('POST', '/terminate?reason=gone')))
  })

  test.runIf(isThorough)('is purged at every step, as if it had never been', async () => {
    const gone: Step = async (story) => {
      await durable('POST', '/terminate?reason=gone')(story)
      await durable('DELETE', '')(story)
    }
    await endsAsEver(withAfterEach(journey, gone))
  })

  test('races with two sweeps at once after every step and a moment later', async () => {
    let grants = 0
    const sweeps: Step = async () => {
      await stage.sweep(2)
      await stage.moveTo(new Date((await stage.now()).getTime() + 90_000))
      await stage.sweep(2)
    }
    await endsAsEver(withAfterEach(journey, sweeps), {
      meddler: () => ({
        after: (call) => {
          if (isGrant(call) && call.status === 201) grants++
          return 'pass'
        },
      }),
    })
    expect(grants).toBeLessThanOrEqual(1)
  })
})

// Over the end of what is active: test/attacks/time.
describe('a long stop', () => {
  const MEANWHILE = 26 * 60
  test('over the time of an approval: nobody gets anything', async () => {
    await endsAsEver(
      { name: 'sleep', role: 'approved', steps: [ask({ minutes: 60 })], end: 'TimedOut', overAfter: 90 },
      { afterSteps: () => stage.jump(MEANWHILE) },
    )
  })

  test('over start and end: it is not given any more', async () => {
    const result = await run(
      stage,
      {
        name: 'sleep',
        role: 'open',
        steps: [ask({ minutes: 60, startsIn: 30 })],
        end: 'Failed',
        overAfter: 110,
      },
      { afterSteps: () => stage.jump(MEANWHILE) },
    )
    expect(result.wrong).toEqual([])
    expect(result.status).toBe('Failed')
  })
})

describe('an activity whose host was killed runs again, minutes later', () => {
  const MOMENTS = daily(['after', 'before'] as const, 2)

  /** Dies around its first call to grant; the sweep goes on in its place, long before the activity runs again. */
  const diesGranting = (moment: 'before' | 'after', more: Meddler = {}) => {
    let died = false
    let grants = 0
    const die = (call: Call): Fate | undefined => {
      if (died || !isGrant(call)) return undefined
      died = true
      stage.kill()
      return 'cut'
    }
    return {
      grants: () => grants,
      meddler: () => ({
        before: (call: Call) => (moment === 'before' && die(call)) || (more.before?.(call) ?? 'pass'),
        after: (call: Call) => {
          if (isGrant(call) && call.status === 201) grants++
          return (moment === 'after' && die(call)) || 'pass'
        },
      }),
    }
  }
  const isGivenBySweep: Step = async (story) => {
    expect(await statusOf(story)).toBe('Provisioned')
  }

  test.each(MOMENTS)('after the sweep has granted; killed %s the call', async (moment) => {
    const dying = diesGranting(moment)
    const result = await run(
      stage,
      {
        name: 'second run',
        role: 'open',
        steps: [ask({ minutes: 60 }), passes(10), isGivenBySweep, passes(15)],
        end: 'Expired',
        overAfter: 90,
      },
      { meddler: dying.meddler },
    )
    expect(result.wrong).toEqual([])
    expect(result.status).toBe('Expired')
    expect(dying.grants()).toBe(1)
  })

  test.each(MOMENTS)('while the removal is under way; killed %s the call', async (moment) => {
    let isAway = true
    const dying = diesGranting(moment, {
      before: (call) =>
        isRemoval(call) && isAway ? { status: 503, body: '{"error":{"code":"ServiceUnavailable"}}' } : 'pass',
    })
    const isBeingTaken: Step = async (story) => {
      expect(await statusOf(story)).toBe('PendingRevocation')
    }
    const result = await run(
      stage,
      {
        name: 'second run',
        role: 'open',
        // The sweep has granted by minute 6; given back at 13; at 15 the activity runs again.
        steps: [ask({ minutes: 60 }), passes(13), giveBack(), isBeingTaken, passes(5), isBeingTaken],
        end: 'Revoked',
        overAfter: 90,
      },
      {
        meddler: dying.meddler,
        afterSteps: async () => {
          isAway = false
          await stage.moveTo(new Date((await stage.now()).getTime() + 20 * MINUTE))
        },
      },
    )
    expect(result.wrong).toEqual([])
    expect(result.status).toBe('Revoked')
    expect(dying.grants()).toBe(1)
  })
})
