import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseSchedule } from '../../../local/host/timers/ncrontab.ts'
import { sharedClock, startApp } from './support.ts'

type Run = {
  fn: string
  at: string
  isPastDue: boolean
  schedule: { adjustForDST: boolean }
  scheduleStatus: { last: string; next: string; lastUpdated: string } | null
}

/** A host with the timers app, and what its timers noted. */
async function startTimers(env: Record<string, string> = {}) {
  const notes = join(mkdtempSync(join(tmpdir(), 'timers-')), 'notes')
  const host = await startApp('timers', { NOTES: notes, NIGHTLY: '0 0 2 * * *', ...env })
  const runs = (name?: string): Run[] => {
    let text = ''
    try {
      text = readFileSync(notes, 'utf8')
    } catch {
      // No timer has run yet.
    }
    const all = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Run)
    return name ? all.filter(({ fn }) => fn === name) : all
  }
  return { host, runs }
}
/** The schedule of a test begins here, so that nothing depends on the hour it runs at. */
const MIDNIGHT = '2030-01-01T00:00:00Z'

describe('a timer trigger', () => {
  test('runs at the instants of its schedule, in order with all others', async () => {
    const { host, runs } = await startTimers()
    await host.jump('2050-01-01T00:02:00Z')
    const seen = runs().length
    await host.moveTo('2050-01-01T02:10:00Z')
    const night = runs().slice(seen)
    expect(night.filter(({ fn }) => fn === 'nightly').map(({ at }) => at.slice(0, 19))).toEqual([
      '2050-01-01T02:00:00',
    ])
    expect(night.filter(({ fn }) => fn === 'fiveMinutes')).toHaveLength(26)
    expect(night.filter(({ fn }) => fn === 'unwatched')).toHaveLength(2)
    expect(night.map(({ at }) => at)).toEqual([...night.map(({ at }) => at)].sort())
  })

  test('is told its status in the form of the real host, and none without a monitor', async () => {
    const { host, runs } = await startTimers()
    await host.jump('2050-01-01T00:02:00Z')
    await host.moveTo('2050-01-01T00:30:00Z')
    const [before, last] = runs('fiveMinutes').slice(-2) as [Run, Run]
    expect(last.schedule).toEqual({ adjustForDST: true })
    expect(last.isPastDue).toBe(false)
    expect(last.scheduleStatus?.next).toBe('2050-01-01T00:30:00.000+00:00')
    expect(last.scheduleStatus?.last.slice(0, 16)).toBe(before.at.slice(0, 16))
    expect(runs('unwatched').at(-1)?.scheduleStatus).toBeNull()
  })

  test('runs once, past due, when the host slept over several of its instants', async () => {
    const { host, runs } = await startTimers()
    await host.jump('P1D')
    expect(runs('fiveMinutes').map(({ isPastDue }) => isPastDue)).toEqual([true])
    expect(runs('nightly').map(({ isPastDue }) => isPastDue)).toEqual([true])
    await host.advance('PT5M')
    expect(runs('fiveMinutes').at(-1)?.isPastDue).toBe(false)
  })

  test('runs once, past due, when the host was down over its instants', async () => {
    const clock = await sharedClock()
    const { host, runs } = await startTimers({ LOCAL_CLOCK_URL: clock.url })
    await host.advance('PT10M')
    const before = runs('fiveMinutes').length
    await host.kill()
    await fetch(clock.url, {
      method: 'PUT',
      body: JSON.stringify({ offset: (clock.puts.at(-1) as number) + 3_600_000 }),
    })
    await host.restart()
    await host.idle()
    const missed = runs('fiveMinutes').slice(before)
    expect(missed).toMatchObject([{ isPastDue: true }])
    expect(Date.parse(String(missed[0]?.scheduleStatus?.next))).toBeLessThan(
      Date.parse(String(missed[0]?.at)),
    )
  })

  test('runs when the host starts if it asks for that, and is not past due then', async () => {
    const { host, runs } = await startTimers({ RUN_ON_STARTUP: '1' })
    await host.idle()
    expect(runs('early')).toMatchObject([
      { isPastDue: false, scheduleStatus: { last: '0001-01-01T00:00:00+00:00' } },
    ])
    await host.restart()
    await host.idle()
    expect(runs('early')).toHaveLength(2)
    expect(runs('early')[1]?.scheduleStatus?.last.slice(0, 16)).toBe(runs('early')[0]?.at.slice(0, 16))
  })

  test('that throws goes on with its schedule', async () => {
    const { host, runs } = await startTimers({ FAILING: '1' })
    await host.advance('PT3H')
    expect(runs('failing')).toHaveLength(3)
    expect(host.output()).toContain('timer boom')
  })

  test('can be run at once by hand, and only with a JSON body', async () => {
    const { host, runs } = await startTimers()
    const run = (name: string, init: RequestInit) =>
      fetch(`${host.url}/admin/functions/${name}`, { method: 'POST', ...init })
    const json = { headers: { 'content-type': 'application/json' }, body: '{}' }
    expect((await run('nightly', {})).status).toBe(415)
    expect((await run('nobody', json)).status).toBe(404)
    expect((await run('NIGHTLY', json)).status).toBe(202)
    await host.idle()
    expect(runs('nightly')).toMatchObject([{ isPastDue: false }])
  })
})

describe('NCRONTAB', () => {
  const next = (expression: string, after: string) => {
    const instant = parseSchedule(expression).next(Date.parse(after))
    return instant === undefined ? undefined : new Date(instant).toISOString().slice(0, 19)
  }

  test.each([
    ['0 */5 * * * *', MIDNIGHT, '2030-01-01T00:05:00'],
    ['*/5 * * * *', MIDNIGHT, '2030-01-01T00:05:00'],
    ['*/5 * * * * *', '2030-01-01T00:00:04.999Z', '2030-01-01T00:00:05'],
    ['0 30 9 * * MON-FRI', '2030-01-05T00:00:00Z', '2030-01-07T09:30:00'],
    ['0 0 0 13 * Fri', MIDNIGHT, '2030-09-13T00:00:00'],
    ['0 0 0 1 Jan *', MIDNIGHT, '2031-01-01T00:00:00'],
    ['0 0 22-2 * * *', MIDNIGHT, '2030-01-01T02:00:00'],
    ['0 10/20 * * * *', MIDNIGHT, '2030-01-01T00:10:00'],
    ['0 0 0 29 2 *', MIDNIGHT, '2032-02-29T00:00:00'],
    ['0 0 0 31 2 *', MIDNIGHT, undefined],
    ['0 0 0 * * 0', MIDNIGHT, '2030-01-06T00:00:00'],
  ])('%s after %s is %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected)
  })

  test.each(['0 0 * * * 7', '60 * * * * *', '* * * *', '0 0 0 L * *', '*/0 * * * * *', '00:05:00'])(
    'has no %s',
    (expression) => {
      expect(() => parseSchedule(expression)).toThrow(/schedule/)
    },
  )
})
