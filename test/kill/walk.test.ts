import { expect, test } from 'vitest'
import { walkOn } from '../support/harness/walk.ts'

/** A clock of which each look and each move takes `step`, and which says so when it would have to go back. */
function clockOf(begin: number, step: number) {
  let at = begin
  return {
    walked: [] as number[],
    now: async () => {
      at += step
      return new Date(at)
    },
    async moveTo(instant: Date) {
      at += step
      if (instant.getTime() < at)
        throw new Error('POST /admin/clock answered 400: The clock does not go back.')
      at = instant.getTime()
      this.walked.push(at)
    },
  }
}

test.each([
  { name: 'well ahead is walked to', ahead: 1000, walked: [1000] },
  { name: 'that is over is not walked to', ahead: -10, walked: [] },
  { name: 'that passes between the look and the move is met', ahead: 15, walked: [] },
])('an instant $name', async ({ ahead, walked }) => {
  const clock = clockOf(0, 10)
  await walkOn(clock, new Date(ahead))
  expect(clock.walked).toEqual(walked)
})

test('a host that refuses for another reason, or holds a later time than the tenant, is not forgiven', async () => {
  const broken = { now: async () => new Date(0), moveTo: () => Promise.reject(new Error('ECONNRESET')) }
  await expect(walkOn(broken, new Date(10))).rejects.toThrow('ECONNRESET')
  const ahead = { ...broken, moveTo: () => Promise.reject(new Error('The clock does not go back.')) }
  await expect(walkOn(ahead, new Date(10))).rejects.toThrow('does not go back')
})
