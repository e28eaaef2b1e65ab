import { randomBytes } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { tableBundles } from '../../../src/adapters/tables/bundles.ts'
import { openTable } from '../../../src/adapters/tables/table.ts'
import { type Bundle, sealedUp, type Told } from '../../../src/domain/bundle.ts'
import type { Bundles } from '../../../src/ports.ts'
import { alan } from '../../fakes/people.ts'
import { memoryTable } from '../../fakes/table.ts'

const made: [string, () => Bundles][] = [
  ['in memory', () => tableBundles(memoryTable())],
  [
    'in tables',
    () =>
      tableBundles(
        openTable({ connectionString: inject('storage') }, `bundles${randomBytes(6).toString('hex')}`),
      ),
  ],
]
const ID = 'bund-0123456789abcdef0123456789abcdef0123456789_'
const empty: Bundle = {
  to: alan,
  n: 1,
  first: 'a',
  until: '2030-01-01T09:15:00.000Z',
  waiting: 0,
  sealed: null,
}
const told = (key: string, sentence = key): Told => ({
  key,
  headline: '#/\\? Alan',
  facts: [['Who', 'Ada']],
  sentence,
  because: '',
})

describe.each(made)('what is gathered for somebody, %s', (_, make) => {
  test('grows under its lock, each mail once, and is told by its number', async () => {
    const bundles = make()
    expect(await bundles.read(ID)).toBeUndefined()
    let read = await bundles.write(ID, empty, undefined)
    expect(await bundles.write(ID, empty, undefined)).toBeUndefined()
    for (const key of ['a/b#c?', 'b', 'b']) {
      const before = read
      read = await bundles.write(ID, { ...empty, waiting: 1 }, before, told(key))
      expect(await bundles.write(ID, empty, before, told('nobody’s'))).toBeUndefined()
    }
    expect(await bundles.read(ID)).toEqual(read)
    const sealed = sealedUp({ ...empty, waiting: 2 }, new Date('2030-01-01T09:15:00.000Z'), 15)
    read = await bundles.write(ID, sealed, read)
    await bundles.write(ID, sealed, read, told('next'))
    const keys = async (n: number) => (await bundles.told(ID, n)).map(({ key }) => key).sort()
    expect([await keys(1), await keys(2)]).toEqual([['a/b#c?', 'b'], ['next']])
    await bundles.forget(ID, 1)
    await bundles.forget(ID, 1)
    expect([await keys(1), await keys(2)]).toEqual([[], ['next']])
  })

  test('of more than one transaction is forgotten as a whole', async () => {
    const bundles = make()
    let read = await bundles.write(ID, empty, undefined)
    for (let n = 0; n < 130; n++) read = await bundles.write(ID, empty, read, told(`${n}`))
    expect(await bundles.told(ID, 1)).toHaveLength(130)
    await bundles.forget(ID, 1)
    expect(await bundles.told(ID, 1)).toEqual([])
  })
})
