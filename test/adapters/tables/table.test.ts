import { randomBytes } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { freePort } from '../../../local/free-port.ts'
import { openTable, type Write } from '../../../src/adapters/tables/table.ts'
import { Unavailable } from '../../../src/ports.ts'

const newTable = () =>
  openTable({ connectionString: inject('storage') }, `limits${randomBytes(6).toString('hex')}`)
const put = (rowKey: string, doc = '{}', partitionKey = 'p'): Write => ({
  put: { partitionKey, rowKey, doc },
  onlyIf: 'whatever',
})

describe('what the real service refuses is refused before it is sent', () => {
  test('a hundred rows at once are taken, one more is not', async () => {
    const rows = (n: number) => Array.from({ length: n }, (_, index) => put(`r${index}`))
    const table = newTable()
    expect(await table.transact(rows(100))).toHaveLength(100)
    await expect(table.transact(rows(101))).rejects.toThrow(RangeError)
  })

  test('64,000 characters in a row are taken and come back as they were, wherever they are cut; one more is not', async () => {
    const table = newTable()
    const doc = `${'x'.repeat(31_999)}😀${'y'.repeat(31_999)}`
    expect(await table.transact([put('r', doc)])).toHaveLength(1)
    expect((await table.get('p', 'r'))?.doc).toBe(doc)
    await table.transact([put('r', 'short again')])
    expect((await table.get('p', 'r'))?.doc).toBe('short again')
    await expect(table.transact([put('r', `${doc}z`)])).rejects.toThrow('125 KiB')
  })

  test('a key of 1 KiB is taken, one character more is not', async () => {
    const table = newTable()
    const longest = 'k'.repeat(512)
    expect(await table.transact([put(longest)])).toHaveLength(1)
    await expect(table.transact([put(`${longest}k`)])).rejects.toThrow('1 KiB')
    await expect(table.transact([put('r', '{}', `${longest}k`)])).rejects.toThrow('1 KiB')
  })

  test.each(['/', '\\', '#', '?', '\u0000', '\t', '\n', '\u001f', '\u007f', '\u009f'])(
    'a key with %j in it is not taken',
    async (character) => {
      const table = newTable()
      await expect(table.transact([put(`a${character}b`)])).rejects.toThrow(RangeError)
      await expect(table.transact([put('r', '{}', `a${character}b`)])).rejects.toThrow(RangeError)
      await expect(
        table.transact([{ delete: { partitionKey: 'p', rowKey: `a${character}b` } }]),
      ).rejects.toThrow(RangeError)
    },
  )

  test.each(["'", '"', '%', '&', '+', ' x', '|', '~', 'é', '\u{1F600}'])(
    'a key with %j in it is',
    async (character) => {
      const table = newTable()
      await table.transact([put(`a${character}b`)])
      expect((await table.get('p', `a${character}b`))?.rowKey).toBe(`a${character}b`)
      expect(await table.query('p', `a${character}`, `a${character}~~`, 10)).toHaveLength(1)
    },
  )
})

describe('a transaction', () => {
  test('that cannot be made altogether is not made at all', async () => {
    const table = newTable()
    await table.transact([put('there')])
    for (const hopeless of [
      { put: { partitionKey: 'p', rowKey: 'there', doc: '{}' }, onlyIf: 'absent' },
      {
        put: { partitionKey: 'p', rowKey: 'there', doc: '{}' },
        onlyIf: { etag: 'W/"datetime\'2000-01-01T00%3A00%3A00Z\'"' },
      },
      { put: { partitionKey: 'p', rowKey: 'not there', doc: '{}' }, onlyIf: { etag: '*' } },
      { delete: { partitionKey: 'p', rowKey: 'not there' } },
    ] as Write[])
      expect(await table.transact([put('new'), hopeless])).toBeUndefined()
    expect(await table.get('p', 'new')).toBeUndefined()
  })

  test('answers with the new locks, in order', async () => {
    const table = newTable()
    const [, etag = ''] = (await table.transact([put('a'), put('b')])) ?? []
    expect((await table.get('p', 'b'))?.etag).toBe(etag)
    expect(
      await table.transact([{ put: { partitionKey: 'p', rowKey: 'b', doc: '1' }, onlyIf: { etag } }]),
    ).toHaveLength(1)
  })
})

test('rows come in the order of their keys, no more than asked for', async () => {
  const table = newTable()
  await table.transact(['c', 'a', 'd', 'b'].map((key) => put(key)))
  const keys = async (from: string, to: string, top: number) =>
    (await table.query('p', from, to, top)).map(({ rowKey }) => rowKey)
  expect(await keys('a', 'd', 10)).toEqual(['a', 'b', 'c'])
  expect(await keys('a', 'z', 3)).toEqual(['a', 'b', 'c'])
  expect(await keys('a', 'z', 10)).toEqual(['a', 'b', 'c', 'd'])
})

test('a table that does not exist yet is empty, and is made by the first who comes, or by many at once', async () => {
  const table = newTable()
  expect(await Promise.all(Array.from({ length: 5 }, () => table.query('p', 'a', 'z', 10)))).toEqual([
    [],
    [],
    [],
    [],
    [],
  ])
  const other = newTable()
  const made = await Promise.all([1, 2, 3, 4].map((n) => other.transact([put(`r${n}`)])))
  expect(made.every((etags) => etags?.length === 1)).toBe(true)
})

test('a storage that does not answer is unavailable, not a bug', async () => {
  const nowhere = inject('storage').replace(
    /(TableEndpoint=http:\/\/127\.0\.0\.1:)\d+/,
    `$1${await freePort()}`,
  )
  const table = openTable({ connectionString: nowhere }, 'nowhere')
  await expect(table.get('p', 'r')).rejects.toThrow(Unavailable)
}, 60_000)
