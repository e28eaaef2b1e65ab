import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { eventually, management, sharedClock, startApp } from './support.ts'

/** A host whose activities note when they begin and end, in a file that outlives it. */
async function startNoting(env: Record<string, string> = {}) {
  const file = join(mkdtempSync(join(tmpdir(), 'crash-')), 'notes')
  const host = await startApp('durable', { NOTES: file, ...env })
  const notes = () => {
    try {
      return readFileSync(file, 'utf8').trim().split('\n')
    } catch {
      return []
    }
  }
  return { host, notes, durable: management(host) }
}
const STEPS = [
  { name: 'one', ms: 0 },
  { name: 'two', ms: 700 },
  { name: 'three', ms: 0 },
]

describe.concurrent('after kill -9', () => {
  test('a finished activity does not run again; the one that was running does, minutes later', async () => {
    const { host, notes, durable } = await startNoting()
    const id = await durable.start('steps', STEPS)
    await eventually(notes, (lines) => lines.includes('begin two'))
    await host.restart()
    await host.advance('PT4M50S')
    expect(notes()).toEqual(['begin one', 'end one', 'begin two'])
    expect((await durable.status(id)).runtimeStatus).toBe('Running')
    await host.advance('PT15S')
    expect(notes().slice(3)).toEqual(['begin two', 'end two', 'begin three', 'end three'])
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'all' })
  })

  test('the wait before it runs again can be set', async () => {
    const { host, notes, durable } = await startNoting({ LOCAL_HOST_RERUN_SECONDS: '0' })
    const id = await durable.start('steps', STEPS)
    await eventually(notes, (lines) => lines.includes('begin two'))
    await host.restart()
    await host.idle()
    expect((await durable.status(id)).output).toBe('all')
    expect(notes().filter((line) => line === 'begin one')).toHaveLength(1)
  })

  test('a start that was answered is not forgotten, however soon the host dies', async () => {
    const { host, durable } = await startNoting({ LOCAL_HOST_RERUN_SECONDS: '0' })
    const ids = await Promise.all(Array.from({ length: 20 }, () => durable.start('three')))
    await host.restart()
    await host.idle()
    const outputs = await Promise.all(ids.map(async (id) => (await durable.status(id)).output))
    expect(outputs).toEqual(Array(20).fill(10))
  })

  test('a wait goes on, an event that was answered has arrived, and a termination that was answered holds', async () => {
    const { host, durable } = await startNoting()
    const id = await durable.start('twoWaits', {})
    const ended = await durable.start('waits')
    await host.advance('PT1S')
    await durable.raise(id, 'go', 'before')
    await durable.call('POST', `/instances/${ended}/terminate?reason=x`)
    await host.restart()
    expect(await durable.status(ended)).toMatchObject({ runtimeStatus: 'Terminated', output: 'x' })
    await durable.raise(id, 'go', 'after')
    await host.idle()
    expect((await durable.status(id)).output).toEqual(['before', 'after'])
  })

  test('an event raised while an activity runs is not lost with the process', async () => {
    const { host, notes, durable } = await startNoting({ LOCAL_HOST_RERUN_SECONDS: '0' })
    const id = await durable.start('twoWaits', { ms: 500 })
    await eventually(notes, (lines) => lines.includes('begin before'))
    await durable.raise(id, 'go', 'A')
    await durable.raise(id, 'go', 'B')
    await host.restart()
    await host.idle()
    expect((await durable.status(id)).output).toEqual(['A', 'B'])
  })

  test('a timer that became due meanwhile fires at once, one that is not due yet waits for its time', async () => {
    const clock = await sharedClock()
    const { host, durable } = await startNoting({ LOCAL_CLOCK_URL: clock.url })
    const due = await durable.start('sleeps', { ms: 3_600_000 })
    const later = await durable.start('sleeps', { ms: 4 * 3_600_000 })
    await host.idle()
    await host.kill()
    await fetch(clock.url, { method: 'PUT', body: JSON.stringify({ offset: 7_200_000 }) })
    await host.restart()
    await host.idle()
    expect((await durable.status(due)).runtimeStatus).toBe('Completed')
    await host.advance('PT1H59M')
    expect((await durable.status(later)).runtimeStatus).toBe('Running')
    await host.advance('PT2M')
    expect((await durable.status(later)).runtimeStatus).toBe('Completed')
  })

  test('again and again, work still comes to its end and no finished step is repeated', async () => {
    const { host, notes, durable } = await startNoting({ LOCAL_HOST_RERUN_SECONDS: '0' })
    const steps = Array.from({ length: 12 }, (_, n) => ({ name: `s${n}`, ms: 25 }))
    const id = await durable.start('steps', steps)
    for (const delay of [10, 45, 80, 30]) {
      await new Promise((wake) => setTimeout(wake, delay))
      await host.restart()
    }
    await host.idle()
    expect((await durable.status(id)).output).toBe('all')
    const ends = notes().filter((line) => line.startsWith('end'))
    // A step whose end was noted by the app, but not yet by the host, may be there twice; never out of order.
    expect(ends.map((line) => Number(line.slice(5)))).toEqual(
      ends.map((line) => Number(line.slice(5))).sort((a, b) => a - b),
    )
    expect(new Set(ends).size).toBe(12)
    expect(ends.length).toBeLessThanOrEqual(12 + 4)
  })
})

test('two hosts with different hubs on one storage do not see each other', async () => {
  const one = await startNoting()
  const other = await startNoting()
  const id = await one.durable.start('waits')
  expect((await other.durable.call('GET', `/instances/${id}`)).status).toBe(404)
  expect(inject('storage')).toContain('127.0.0.1')
})
