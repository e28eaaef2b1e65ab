/** What was found out, and when by the clock of the cache. */
export type Known<T> = { at: number; value: T }

/** As many as are asked about within minutes; a bound, so that whoever asks about what is made up fills no memory. */
const MOST = 10_000

/**
 * Remembers what was found out for so many milliseconds, and no more than `most` of it: the earliest goes first. Where the clock was set
 * back nothing is remembered. `now` is in milliseconds.
 */
export function freshCache<T>(millis: number, now: () => number, most = MOST) {
  const kept = new Map<string, Known<T>>() // the earliest stand first
  const isFresh = ({ at }: Known<T>) => Math.abs(now() - at) < millis

  return {
    get size() {
      return kept.size
    },

    get(key: string): Known<T> | undefined {
      const known = kept.get(key)
      return known && isFresh(known) ? known : undefined
    },

    /** `at`: when it was begun to be found out, where that is not now. */
    set(key: string, value: T, at = now()): void {
      kept.delete(key)
      kept.set(key, { at, value })
      for (const [earliest, known] of kept) {
        if (kept.size <= most && isFresh(known)) return
        kept.delete(earliest)
      }
    },

    delete: (key: string): void => void kept.delete(key),
  }
}
