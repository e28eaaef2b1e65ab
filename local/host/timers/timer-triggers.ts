import type { Agenda } from '../clock/agenda.ts'
import type { Work } from '../clock/work.ts'
import type { Log } from '../log.ts'
import type { HostedFunction } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { isoWithOffset, NEVER, type ScheduleStatuses } from './schedule-status.ts'
import { isMissed, readTimer, type Timer } from './timer.ts'

type Options = {
  functions: HostedFunction[]
  agenda: Agenda
  work: Work
  log: Log
  invoke: Invoke
  statuses: ScheduleStatuses
  timeout: number
}
export type TimerTriggers = {
  start(): Promise<void>
  /** As POST /admin/functions/{name} does: at once, outside the schedule. */
  runNow(fn: HostedFunction): Promise<void>
}
export function createTimerTriggers(options: Options): TimerTriggers {
  const { agenda, work, log, invoke, statuses, timeout } = options
  const timers = new Map(
    options.functions.filter((fn) => fn.type === 'timer').map((fn) => [fn.name, readTimer(fn)]),
  )

  const keep = async (timer: Timer, last: string, from: number) => {
    if (!timer.monitored) return
    const next = timer.schedule.next(from)
    timer.status = {
      last,
      next: next === undefined ? NEVER : isoWithOffset(next),
      lastUpdated: isoWithOffset(from),
    }
    await statuses.write(timer.fn.name, timer.status)
  }

  const invokeTimer = async (timer: Timer, isPastDue: boolean) => {
    const status = timer.status
    const json = JSON.stringify({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: status
        ? { Last: status.last, Next: status.next, LastUpdated: status.lastUpdated }
        : null,
      IsPastDue: isPastDue,
    })
    try {
      await invoke(timer.fn, { data: { json }, timeout })
    } catch (error) {
      log.complain(
        `error ${timer.fn.name} ${error instanceof Error ? (error.stack ?? error.message) : error}`,
      )
    }
  }

  /** Runs of one timer never overlap; the status is written after each, a failed one too. */
  const run = (timer: Timer, isPastDue: boolean) => {
    const ended = work.start(`timer ${timer.fn.name}`)
    timer.running = timer.running
      .then(async () => {
        const started = Date.now()
        await invokeTimer(timer, isPastDue)
        await keep(timer, isoWithOffset(started), started)
        schedule(timer, started)
      })
      .catch((error) => log.complain(`Timer ${timer.fn.name}: ${error}`))
      .finally(ended)
    return timer.running
  }

  const scheduled = new Map<Timer, () => void>()
  const schedule = (timer: Timer, after: number) => {
    scheduled.get(timer)?.()
    const due = timer.schedule.next(after)
    if (due === undefined) return
    scheduled.set(
      timer,
      agenda.at(due, ({ jumped }) => void run(timer, jumped && Date.now() - due >= 1000)),
    )
  }

  const startTimer = async (timer: Timer) => {
    const now = Date.now()
    if (timer.monitored) timer.status = await statuses.read(timer.fn.name)
    const missed = timer.status !== undefined && isMissed(timer, timer.status, now)
    if (timer.fn.trigger.runOnStartup === true) {
      if (timer.monitored && !timer.status) timer.status = { last: NEVER, next: NEVER, lastUpdated: NEVER }
      void run(timer, false)
    } else if (missed) {
      void run(timer, true)
    } else {
      if (timer.monitored && !timer.status) await keep(timer, NEVER, now)
      schedule(timer, now)
    }
  }

  return {
    start: async () => {
      await Promise.all([...timers.values()].map(startTimer))
    },
    async runNow(fn) {
      const timer = timers.get(fn.name)
      if (timer) await invokeTimer(timer, false)
    },
  }
}
