import { describe, expect, test } from 'vitest'
import { freshCache } from '../../src/adapters/fresh-cache.ts'

function made(most?: number) {
  let millis = 0
  const at = (instant: number) => {
    millis = instant
  }
  return { at, cache: freshCache<string | undefined>(1000, () => millis, most) }
}

describe('what is remembered for a while', () => {
  test('is there until its time is over, also where nothing was found', () => {
    const { at, cache } = made()
    cache.set('a', 'found')
    cache.set('b', undefined)
    at(999)
    expect([cache.get('a'), cache.get('b')]).toEqual([
      { at: 0, value: 'found' },
      { at: 0, value: undefined },
    ])
    at(1000)
    expect([cache.get('a'), cache.get('b')]).toEqual([undefined, undefined])
  })

  test('is not there where the clock was set back, nor when it was deleted', () => {
    const { at, cache } = made()
    cache.set('a', 'found')
    at(-1000)
    expect(cache.get('a')).toBeUndefined()
    cache.set('a', 'again')
    cache.delete('a')
    expect(cache.get('a')).toBeUndefined()
  })

  test('is as old as the look that found it', () => {
    const { at, cache } = made()
    at(900)
    cache.set('a', 'found', 0)
    at(1000)
    expect(cache.get('a')).toBeUndefined()
  })

  test('takes no more room, whatever is asked about: the latest stay', () => {
    const { cache } = made(100)
    for (let n = 0; n < 1000; n++) cache.set(`made up ${n}`, 'nothing')
    expect([cache.size, cache.get('made up 899'), cache.get('made up 900')?.value]).toEqual([
      100,
      undefined,
      'nothing',
    ])
  })

  test('is gone from memory once its time is over and something else comes', () => {
    const { at, cache } = made()
    for (let n = 0; n < 10; n++) cache.set(`${n}`, 'old')
    at(1000)
    cache.set('new', 'found')
    expect(cache.size).toBe(1)
  })
})
