import { Refusal } from '../refusal.ts'
import { resolveSettings } from '../settings.ts'
import type { HostedFunction } from '../worker/functions.ts'
import { parseSchedule, type Schedule } from './ncrontab.ts'
import type { ScheduleStatus } from './schedule-status.ts'

/** A timer function with its schedule, and where it stands. */
export type Timer = {
  fn: HostedFunction
  schedule: Schedule
  monitored: boolean
  status: ScheduleStatus | undefined
  running: Promise<void>
}

const MINUTE = 60_000

export function readTimer(fn: HostedFunction): Timer {
  const where = `Function ${fn.name}`
  const text = resolveSettings(String(fn.trigger.schedule ?? ''), where)
  let schedule: Schedule
  try {
    schedule = parseSchedule(text)
  } catch (error) {
    throw new Refusal([`${where}: ${(error as Error).message}`])
  }
  return {
    fn,
    schedule,
    // The real host keeps no status of schedules that fire more often than once a minute.
    monitored: fn.trigger.useMonitor !== false && closestRuns(schedule) >= MINUTE,
    status: undefined,
    running: Promise.resolve(),
  }
}

function closestRuns(schedule: Schedule): number {
  let closest = Number.POSITIVE_INFINITY
  let at = schedule.next(Date.now())
  for (let count = 0; count < 5 && at !== undefined; count++) {
    const next = schedule.next(at)
    if (next !== undefined) closest = Math.min(closest, next - at)
    at = next
  }
  return closest
}

/** A run is missed when the one that was noted is over and the schedule still says so. */
export function isMissed(timer: Timer, status: ScheduleStatus, now: number): boolean {
  const next = Date.parse(status.next)
  return next < now && timer.schedule.next(Date.parse(status.lastUpdated)) === next
}
