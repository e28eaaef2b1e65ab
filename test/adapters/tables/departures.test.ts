import { randomBytes } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { tableDepartures } from '../../../src/adapters/tables/departures.ts'
import { openTable } from '../../../src/adapters/tables/table.ts'
import type { Departures } from '../../../src/ports.ts'
import { fakeDepartures } from '../../fakes/departures.ts'
import { ada, exchangeRole, helpdeskRole } from '../../fakes/people.ts'
import { BOTH } from './both.ts'

const at = '2030-01-01T09:00:00.000Z'
const made: [string, () => Departures][] = [
  ['in memory', fakeDepartures],
  [
    'in tables',
    () =>
      tableDepartures(
        openTable({ connectionString: inject('storage') }, `going${randomBytes(6).toString('hex')}`),
      ),
  ],
]

describe.each(made)('departures %s', (_, make) => {
  test('of two who write at the same instant exactly one has written, the first time and later', async () => {
    const departures = make()
    for (let round = 0; round < 2; round++) {
      const read = await departures.read(exchangeRole)
      const written = await Promise.all(
        ['a', 'b'].map((loss) => departures.write(exchangeRole, [{ loss: `${loss}${round}`, at }], read)),
      )
      expect([...written].sort()).toEqual([false, true])
      const winner = `${written[0] ? 'a' : 'b'}${round}`
      expect((await departures.read(exchangeRole))?.value).toEqual([{ loss: winner, at }])
    }
    expect(await departures.read(helpdeskRole)).toBeUndefined()
  })
})

describe.each(BOTH)('the truth %s', (_, make) => {
  test('events that belong to no change are found by the id of their subject, written once or twice', async () => {
    const { store } = make()
    const id = `use-${ada.id.replaceAll('-', '')}-0kabcdefg0000000001`
    const event = {
      id: `${id}.used`,
      activityDateTime: at,
      activityDisplayName: 'Break-glass account concerned',
      category: 'RoleManagement',
      loggedByService: 'PIM',
      result: 'success',
      resultReason: 'activation asked for',
      initiatedBy: { id: ada.id, displayName: ada.displayName },
      principal: { id: ada.id, displayName: ada.displayName },
      role: { ...exchangeRole, displayName: 'Exchange Administrator' },
      correlationId: id,
      additionalDetails: [],
    } as const
    await store.record([{ ...event, additionalDetails: [] }])
    await store.record([{ ...event, additionalDetails: [] }])
    expect(await store.eventsOf(id)).toEqual([event])
  })
})
