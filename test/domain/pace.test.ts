import { expect, test } from 'vitest'
import { backlogOf, PACES } from '../../src/domain/pace.ts'

const NOW = new Date('2030-01-01T11:00:00Z')

test.each([
  ['nobody waits', { directory: 0, azure: 0, group: 0 }, null],
  ['one', { directory: 0, azure: 1, group: 0 }, '11:00:01'],
  ['a thousand of Azure', { directory: 0, azure: 1000, group: 0 }, '11:01:40'],
  ['roles and groups, which share a limit', { directory: 300, azure: 10, group: 300 }, '11:01:00'],
])('%s: through at', (_, waiting, at) => {
  const { throughAt } = backlogOf(waiting, NOW)
  expect(throughAt).toBe(at && `2030-01-01T${at}.000Z`)
})

test('however they come, Graph gets no more than 3,000 in 150 seconds', () => {
  const { atOnce, aSecond } = PACES.group
  expect(atOnce + 150 * aSecond).toBeLessThanOrEqual(3000)
  expect(PACES.directory).toBe(PACES.group)
})
