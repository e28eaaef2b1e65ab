import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { bySubscription, type Pacer, paced, pacer } from '../../src/adapters/paced.ts'
import { retryAfterOf } from '../../src/adapters/retry-after.ts'
import { type RoleProvider, Unavailable } from '../../src/ports.ts'

const PACE = { atOnce: 4, aSecond: 2, forRemovals: 2 }
const START = Date.parse('2030-01-01T09:00:00Z')
let now: number
let pace: Pacer
beforeEach(() => {
  now = START
  pace = pacer(PACE, () => now)
})

/** How many seconds it was told to wait; 0 when it got through. */
function told(work: () => void): number {
  try {
    work()
    return 0
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    return error.retryAfterSeconds ?? Number.NaN
  }
}
const pass = (seconds: number) => {
  now += seconds * 1000
}

describe('removals', () => {
  test('go at once as long as the service takes them, and then each at a time of its own', () => {
    const waits = Array.from({ length: 7 }, (_, n) => told(() => pace.removal(`${n}`)))
    expect(waits).toEqual([0, 0, 0, 0, 0.5, 1, 1.5])
  })

  test('who come at their time get through, whoever else has come since', () => {
    for (let n = 0; n < 6; n++) told(() => pace.removal(`${n}`))
    pass(0.5)
    expect(told(() => pace.removal('later'))).toBe(1)
    expect(told(() => pace.removal('4'))).toBe(0)
    pass(0.5)
    expect(told(() => pace.removal('5'))).toBe(0)
  })

  test('who come too early keep their time', () => {
    for (let n = 0; n < 5; n++) told(() => pace.removal(`${n}`))
    pass(0.25)
    expect(told(() => pace.removal('4'))).toBe(0.25)
  })

  test('never make more than the service takes, whoever comes when', () => {
    const comings = fc.array(fc.record({ id: fc.nat(30), pause: fc.nat(1500) }), { maxLength: 120 })
    fc.assert(
      fc.property(comings, (all) => {
        now = START
        const one = pacer(PACE, () => now)
        const due = new Map<string, number>()
        /** As the service counts. */
        let [left, at] = [PACE.atOnce, now]
        for (const { id, pause } of all) {
          now += pause
          for (const each of [`${id}`, ...[...due].flatMap(([who, time]) => (time <= now ? [who] : []))]) {
            const wait = told(() => one.removal(each))
            if (wait > 0) {
              due.set(each, now + wait * 1000)
              continue
            }
            due.delete(each)
            left = Math.min(PACE.atOnce, left + ((now - at) / 1000) * PACE.aSecond)
            at = now
            expect(left).toBeGreaterThan(0.99)
            left--
          }
        }
      }),
    )
  })

  test('go before grants, which are left none of those that are kept, and before comparing', () => {
    expect([told(() => pace.grant()), told(() => pace.grant())]).toEqual([0, 0])
    expect(told(() => pace.grant())).toBe(0.5)
    expect([told(() => pace.removal('1')), told(() => pace.removal('2'))]).toEqual([0, 0])
    expect(told(() => pace.removal('3'))).toBe(0.5)
    expect(told(() => pace.grant())).toBeGreaterThan(1)
    expect(told(() => pace.look())).toBe(1)
    pass(60)
    expect([told(() => pace.look()), told(() => pace.grant())]).toEqual([0, 0])
  })

  test('begin anew when the clock was set back', () => {
    for (let n = 0; n < 100; n++) told(() => pace.removal(`${n}`))
    pass(-3600)
    expect(told(() => pace.removal('5'))).toBe(0)
  })
})

describe('a service that asks to wait', () => {
  const provider = (remove: RoleProvider['remove']) =>
    paced({ remove, add: remove, held: remove } as unknown as RoleProvider, {
      removals: () => pace,
      grants: () => pace,
    })
  const waits = async (work: Promise<unknown>) =>
    ((await work.then(() => undefined).catch((error) => error)) as Unavailable | undefined)?.retryAfterSeconds
  const busy = async () => {
    throw new Unavailable('Answered 429.', 30)
  }

  test('is asked by nobody before, and by one after the other then', async () => {
    const asked = provider(busy)
    expect(await waits(asked.remove('a'))).toBe(30)
    let calls = 0
    const again = provider(async () => void calls++)
    expect([await waits(again.remove('b')), await waits(again.remove('c'))]).toEqual([30.5, 31])
    expect(await waits(again.add({ id: '', type: 'User' }, { scope: '/' } as never, ''))).toBeGreaterThan(30)
    expect(await waits(again.held('/', null))).toBeGreaterThan(30)
    expect(calls).toBe(0)
    pass(30)
    expect(await waits(again.remove('a'))).toBeUndefined()
    pass(1)
    expect([await waits(again.remove('b')), await waits(again.remove('c'))]).toEqual([undefined, undefined])
    expect(calls).toBe(3)
  })

  test('without saying for how long is nothing to keep others waiting for', async () => {
    const down = provider(async () => {
      throw new Unavailable('Did not answer.')
    })
    expect(await waits(down.remove('a'))).toBeNull()
    expect(await waits(provider(async () => undefined).remove('b'))).toBeUndefined()
  })
})

test('each subscription has a limit of its own, however it is spelled', () => {
  const of = bySubscription(() => pacer(PACE, () => now))
  expect(of('/subscriptions/A/resourceGroups/x')).toBe(of('/subscriptions/a'))
  expect(of('/subscriptions/a')).not.toBe(of('/subscriptions/b'))
  expect(of('/providers/Microsoft.Management/managementGroups/m')).toBe(of('/'))
})

test.each<[string, Record<string, string>, number | null]>([
  ['seconds', { 'retry-after': '17' }, 17],
  [
    'an instant, by the clock of whoever says it',
    { 'retry-after': 'Tue, 01 Jan 2030 09:01:00 GMT', date: 'Tue, 01 Jan 2030 09:00:00 GMT' },
    60,
  ],
  [
    'an instant long past',
    { 'retry-after': 'Tue, 01 Jan 2020 09:01:00 GMT', date: new Date(START).toUTCString() },
    0,
  ],
  ['an instant, and nobody says what time it is', { 'retry-after': 'Tue, 01 Jan 2030 09:01:00 GMT' }, null],
  ['a day', { 'retry-after': '86400' }, 3600],
  ['a word', { 'retry-after': 'soon' }, null],
  ['less than nothing', { 'retry-after': '-5' }, null],
  ['nothing', {}, null],
])('Retry-After: %s', (_, headers, seconds) => {
  expect(retryAfterOf(new Headers(headers))).toBe(seconds)
})
