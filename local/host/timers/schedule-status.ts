/** What is kept of a timer between runs of the host. */
export type ScheduleStatus = { last: string; next: string; lastUpdated: string }
export type ScheduleStatuses = {
  read(name: string): Promise<ScheduleStatus | undefined>
  write(name: string, status: ScheduleStatus): Promise<void>
}

export const NEVER = '0001-01-01T00:00:00+00:00'

/** .NET's form of an instant: an offset in place of Z. */
export const isoWithOffset = (instant: number): string =>
  new Date(instant).toISOString().replace('Z', '+00:00')
