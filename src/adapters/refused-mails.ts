const MINUTE = 60_000
const LONGEST = 60 * MINUTE
/** So many are remembered; who forgets one asks again, which is no harm. */
const MOST = 10_000

/** Mails that were refused are tried less and less often, at last hourly: the service counts what it refuses too. */
export function refusedMails(now: () => number) {
  const seen = new Map<string, { times: number; until: number }>()
  return {
    /** Until when this one is not tried again; undefined: it may be. */
    heldUntil(id: string): string | undefined {
      const until = seen.get(id)?.until ?? 0
      const isHeld = until > now() && until - now() <= LONGEST // a clock set back must not hold it for longer
      return isHeld ? new Date(until).toISOString() : undefined
    },
    note(id: string): void {
      const times = (seen.get(id)?.times ?? 0) + 1
      if (seen.size >= MOST) seen.clear()
      seen.set(id, { times, until: now() + Math.min(2 ** times * MINUTE, LONGEST) })
    },
  }
}
