import { randomBytes } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { eventIndex } from '../../../src/adapters/tables/event-index.ts'
import { openTable, type Table } from '../../../src/adapters/tables/table.ts'
import { tableTallies } from '../../../src/adapters/tables/tallies.ts'
import type { AuditEvent } from '../../../src/domain/audit.ts'
import { provisioned } from '../../../src/domain/request-steps.ts'
import { weekOf } from '../../../src/domain/week.ts'
import { held } from '../../domain/requests.ts'
import { memoryTable } from '../../fakes/table.ts'
import { requestOf } from './both.ts'

const table = (name: string) =>
  openTable({ connectionString: inject('storage') }, `${name}${randomBytes(6).toString('hex')}`)
const ROOMS: [string, () => Table][] = [
  ['in memory', () => memoryTable()],
  ['in tables', () => table('tallies')],
]

const DAY = '2030-01-01'
const activation = (at = `${DAY}T09:00:00.000Z`): AuditEvent =>
  provisioned({ ...held, ...requestOf(), grant: held.grant }, 'assignment', false, new Date(at))
    .events[0] as AuditEvent
const inUtc = (at: Date) => weekOf(at, 'UTC')

describe.each(ROOMS)('counting %s', (_name, make) => {
  const start = () => {
    const events = make()
    const tallies = tableTallies(events)
    const countAll = async (day = DAY, week = inUtc) => {
      for (let tries = 0; !(await tallies.count(day, week)); tries++)
        if (tries > 50) throw new Error('without end')
    }
    const activated = async (week = '2030-W01', day = DAY) =>
      (await tallies.read(day, week))?.directory?.counts.activated ?? 0
    return { events, tallies, index: eventIndex(events, make()), countAll, activated }
  }

  test('each is counted once, however often it is indexed and counted', async () => {
    const { index, countAll, activated } = start()
    const [one, two] = [activation(), activation()]
    await index.add([one])
    await index.add([one])
    await countAll()
    await countAll()
    expect(await activated()).toBe(1)
    await index.add([one, two])
    await countAll()
    expect(await activated()).toBe(2)
    await index.add([one, two])
    await countAll()
    expect(await activated()).toBe(2)
  })

  test('one that comes late is counted, and more than go at once', async () => {
    const { index, countAll, activated } = start()
    await index.add([activation(`${DAY}T23:00:00.000Z`)])
    await countAll()
    for (let n = 0; n < 60; n++) await index.add([activation(`${DAY}T0${n % 10}:00:00.000Z`)])
    await countAll()
    expect(await activated()).toBe(61)
  })

  test('two who count at the same time count nothing twice', async () => {
    const { index, tallies, countAll, activated } = start()
    const events = Array.from({ length: 12 }, () => activation())
    for (const each of events) await index.add([each])
    await Promise.all([tallies.count(DAY, inUtc), tallies.count(DAY, inUtc), index.add(events)])
    await countAll()
    expect(await activated()).toBe(12)
  })

  test('a day of two weeks counts for each what is its', async () => {
    const { index, countAll, activated } = start()
    const monday = '2030-01-07'
    await index.add([activation(`${monday}T04:59:00.000Z`), activation(`${monday}T05:00:00.000Z`)])
    await index.add([activation(`${monday}T23:00:00.000Z`)])
    await countAll(monday, (at) => weekOf(at, 'America/New_York'))
    expect([await activated('2030-W01', monday), await activated('2030-W02', monday)]).toEqual([1, 2])
  })

  test('what is counted is not in any list of events', async () => {
    const { index, countAll } = start()
    const one = activation()
    await index.add([one])
    const listed = async () =>
      (await index.list('all', { from: null, to: null }, { top: 10, after: null })).items.map(({ id }) => id)
    expect(await listed()).toEqual([one.id])
    await countAll()
    expect(await listed()).toEqual([one.id])
    expect(await index.indexed([one])).toEqual(new Set([one.id]))
  })
})
