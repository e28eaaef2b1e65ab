/** Longer than this nobody is believed: what has to be taken away is tried again. */
const MOST_SECONDS = 3600

/**
 * How many seconds we are asked to wait, where an answer says so: a number, or an instant by the clock of whoever answered. Null
 * for anything else.
 */
export function retryAfterOf(headers: Headers | undefined): number | null {
  const said = headers?.get('retry-after')?.trim()
  if (!said) return null
  const seconds = /^\d+(\.\d+)?$/.test(said)
    ? Number(said)
    : (Date.parse(said) - Date.parse(headers?.get('date') ?? '')) / 1000
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), MOST_SECONDS) : null
}
