import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { HostProcess } from '../../../local/host/spawn.ts'
import { management, sharedClock, startApp } from './support.ts'

const clockOf = async (host: HostProcess) =>
  (await (await fetch(`${host.url}/admin/clock`)).json()) as { now: string; offset: number }
const move = (host: HostProcess, body: unknown) =>
  fetch(`${host.url}/admin/clock`, { method: 'POST', body: JSON.stringify(body) })

test('is replaced before anything else of the built host is loaded', () => {
  const built = new URL('../../../dist/host/', import.meta.url)
  expect(readdirSync(built)).toEqual(['index.js'])
  const text = readFileSync(new URL('index.js', built), 'utf8')
  const first = text.indexOf('globalThis.Date = MovedDate')
  const libraries = text.search(/\/\/ node_modules\//)
  expect([first > 0, libraries > first]).toEqual([true, true])
})

describe('the clock', () => {
  let host: HostProcess
  beforeAll(async () => {
    host = await startApp('durable')
  })

  test('begins at the time of the machine', async () => {
    expect((await clockOf(host)).offset).toBe(0)
  })

  test('is what the app sees, without knowing', async () => {
    await host.jump('2031-05-06T07:08:09Z')
    expect((await clockOf(host)).now).toMatch(/^2031-05-06T07:08:/)
    const { createdTime, output } = await management(host).run('sleeps', { ms: 0 })
    expect(createdTime).toMatch(/^2031-05-06T07:08:/)
    expect(output).toMatch(/^2031-05-06T07:08:/)
  })

  test('moves by a calendar duration', async () => {
    const { now } = await clockOf(host)
    const moved = (await (await move(host, { advance: 'P1M' })).json()) as { now: string }
    expect(moved.now.slice(0, 8)).toBe('2031-06-')
    expect(now.slice(8, 16)).toBe(moved.now.slice(8, 16))
  })

  test.each([
    [{ to: '2020-01-01T00:00:00Z' }, /does not go back/],
    [{ advance: '-PT1H' }, /does not go back/],
    [{ advance: 'soon' }, /soon/],
    [{ to: 'tomorrow' }, /tomorrow/],
    [{}, /advance/],
  ])('refuses %j and says why', async (body, why) => {
    const answer = await move(host, body)
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as { reason: string }).reason).toMatch(why)
  })

  test('is still where it was moved to after a crash', async () => {
    const { now } = await clockOf(host)
    await host.restart()
    expect((await clockOf(host)).now >= now).toBe(true)
  })
})

describe('a walk', () => {
  test('fires what is due in order, each thing finished before the next, and then is at the target', async () => {
    const notes = join(mkdtempSync(join(tmpdir(), 'clock-')), 'notes')
    const host = await startApp('durable', { NOTES: notes })
    const durable = management(host)
    const ids = []
    for (const minutes of [50, 10, 30]) ids.push(await durable.start('sleeps', { ms: minutes * 60_000 }))
    const { now } = await clockOf(host)
    const { walked, now: reached } = await host.advance('PT1H')
    expect(walked).toBe(3)
    expect(Date.parse(reached) - Date.parse(now)).toBeGreaterThanOrEqual(3_600_000)
    const woke = await Promise.all(
      ids.map(async (id) => Date.parse(String((await durable.status(id)).output))),
    )
    expect(woke.map((at) => Math.round((at - Date.parse(now)) / 60_000))).toEqual([50, 10, 30])
    expect(readFileSync(notes, 'utf8').trim().split('\n')).toHaveLength(6)
  })

  test('takes in what was set up on the way', async () => {
    const host = await startApp('durable')
    const durable = management(host)
    const id = await durable.start('retries', { activity: 'boom', first: 600_000, attempts: 4 })
    await host.advance('P1D')
    expect((await durable.status(id)).output).toContain('gave up')
  })

  test('of eight hours over a timer of five minutes makes ninety-six steps', async () => {
    const notes = join(mkdtempSync(join(tmpdir(), 'clock-')), 'notes')
    const host = await startApp('timers', { NOTES: notes, NIGHTLY: '0 0 3 1 1 *' })
    await host.jump('2040-06-01T00:01:00Z')
    const { walked } = await host.advance('PT8H')
    expect(walked).toBe(96)
  })

  test('waits for the one before it', async () => {
    const host = await startApp('durable')
    const durable = management(host)
    const id = await durable.start('sleeps', { ms: 5_400_000 })
    const { now } = await clockOf(host)
    const [first, second] = await Promise.all([host.advance('PT1H'), host.moveTo(later(now, 7_200_000))])
    expect([first?.walked, second?.walked]).toEqual([0, 1])
    expect((await durable.status(id)).runtimeStatus).toBe('Completed')
  })
})

test('a jump goes to the target at once and then fires what is overdue', async () => {
  const host = await startApp('durable')
  const durable = management(host)
  const id = await durable.start('sleeps', { ms: 60_000 })
  await host.idle()
  const { now } = await host.jump('P2D')
  const { output } = await durable.status(id)
  expect(String(output).slice(0, 10)).toBe(now.slice(0, 10))
})

describe('a shared clock', () => {
  test('gives the host its time at the start, and hears of each move before the host makes it', async () => {
    const clock = await sharedClock(86_400_000)
    const host = await startApp('durable', { LOCAL_CLOCK_URL: clock.url })
    expect((await clockOf(host)).offset).toBe(86_400_000)
    const { offset } = await host.advance('PT1H')
    expect(offset).toBe(clock.puts.at(-1))
    expect(Math.round(offset / 3_600_000)).toBe(25)
  })

  test('that does not answer keeps the host from starting', async () => {
    await expect(startApp('durable', { LOCAL_CLOCK_URL: 'http://127.0.0.1:9/clock' })).rejects.toThrow(
      /code 1: .*LOCAL_CLOCK_URL/,
    )
  })
})

const later = (now: string, milliseconds: number) => new Date(Date.parse(now) + milliseconds).toISOString()
