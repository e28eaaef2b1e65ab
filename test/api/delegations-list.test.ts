import { expect, test } from 'vitest'
import { tableDelegations } from '../../src/adapters/tables/delegations.ts'
import { delegate, delegationsOf, takeBack } from '../../src/api/delegations.ts'
import { caller, grace, linus } from '../fakes/people.ts'
import { memoryTable } from '../fakes/table.ts'
import { world } from '../fakes/world.ts'

test('however often somebody delegates and takes it back, the list that every decision reads holds what is in force', async () => {
  const w = world()
  const table = memoryTable()
  w.ports.delegations = tableDelegations(table, () => w.clock.now.getTime())
  const until = { delegateId: linus.id, endDateTime: '2030-06-01T00:00:00Z' }
  for (let n = 0; n < 30; n++)
    await takeBack(w.ports, caller(grace), (await delegate(w.ports, caller(grace), until)).id)
  const kept = await delegate(w.ports, caller(grace), until)
  const listed = [...table.rows.values()].filter(({ rowKey }) => rowKey.includes('2030-06-01'))
  expect(listed).toHaveLength(1)
  expect(await delegationsOf(w.ports, caller(linus))).toEqual([kept])
  await takeBack(w.ports, caller(linus), kept.id)
  await takeBack(w.ports, caller(linus), kept.id)
  expect(await delegationsOf(w.ports, caller(grace))).toEqual([])
})
