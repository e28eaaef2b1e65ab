import { describe, expect, test } from 'vitest'
import { pace } from '../../src/adapters/pace.ts'

function clocked(perMinute: number, perHour: number) {
  const clock = { now: Date.parse('2030-01-01T09:00:00Z') }
  const pacing = pace({ perMinute, perHour }, () => clock.now)
  /** How many go out now, one after the other, before it says when the next may. */
  const send = (isPressing: boolean) => {
    let count = 0
    while (pacing.opensAt(isPressing) === undefined) {
      pacing.count()
      count++
    }
    return count
  }
  const wait = (isPressing: boolean) => ((pacing.opensAt(isPressing) ?? clock.now) - clock.now) / 1000
  return { clock, pacing, send, wait }
}
const MINUTE = 60_000

test('what can wait uses four fifths of a minute, and leaves the rest to what cannot', () => {
  const { send, wait, clock } = clocked(30, 100)
  expect([send(false), send(false), send(true), send(true)]).toEqual([24, 0, 6, 0])
  expect([wait(false), wait(true)]).toEqual([60, 60])
  clock.now += MINUTE
  expect(send(false)).toBe(24)
})

test('no hour sees more than its quota, whenever it begins', () => {
  const { send, clock, wait } = clocked(30, 100)
  const sent: number[] = []
  for (let minute = 0; minute < 180; minute++) {
    for (let n = send(true); n > 0; n--) sent.push(clock.now)
    clock.now += MINUTE
  }
  for (const from of sent) {
    expect(sent.filter((at) => at >= from && at < from + 60 * MINUTE).length).toBeLessThanOrEqual(100)
    expect(sent.filter((at) => at >= from && at < from + MINUTE).length).toBeLessThanOrEqual(30)
  }
  expect(sent.length).toBe(300)
  expect(wait(true)).toBeLessThanOrEqual(3600)
})

test('the quota of a domain that Azure manages still lets something through', () => {
  const { send } = clocked(5, 10)
  expect([send(false), send(true)]).toEqual([4, 1])
})

test('what the service says is kept to, also by what cannot wait', () => {
  const { pacing, wait, clock } = clocked(30, 100)
  pacing.closeFor(600)
  expect([wait(false), wait(true)]).toEqual([600, 600])
  pacing.closeFor(60) // a shorter one does not open it
  expect(wait(true)).toBe(600)
  clock.now += 10 * MINUTE
  expect(wait(true)).toBe(0)
})

test('a clock that is set back closes nothing for longer', () => {
  const { send, clock, wait } = clocked(2, 100)
  send(true)
  clock.now -= 24 * 60 * MINUTE
  expect(wait(true)).toBe(0)
})

describe('who asks, and withdraws, and asks again', () => {
  test('leaves what is kept for what cannot wait to others', () => {
    const { pacing } = clocked(1000, 100)
    let mallorys = 0
    while (pacing.opensAt(true, 'mallory') === undefined) {
      pacing.count('mallory')
      mallorys++
    }
    expect(mallorys).toBe(80)
    let others = 0
    for (; pacing.opensAt(true, `somebody ${others}`) === undefined; others++)
      pacing.count(`somebody ${others}`)
    expect(others).toBe(20)
  })

  test('is asked about as soon as ever the first times', () => {
    const { pacing, send } = clocked(1000, 100)
    send(false)
    for (let n = 0; n < 20; n++) {
      expect(pacing.opensAt(true, n < 10 ? 'ada' : 'grace')).toBeUndefined()
      pacing.count(n < 10 ? 'ada' : 'grace')
    }
  })
})

test('what was not taken uses up nothing', () => {
  const { pacing, send } = clocked(1000, 100)
  for (let n = 0; n < 500; n++) pacing.count()()
  expect(send(true)).toBe(100)
})
