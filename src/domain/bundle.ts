import type { Person } from './person.ts'
import { MINUTE, plus } from './schedule.ts'

/** Somebody in the directory, or an address that the settings name. */
export type Addressee = Pick<Person, 'id' | 'displayName' | 'mail'>

/** What one mail would have said, as it waits to be told with others. */
export type Told = {
  /** Of the mail by itself. */
  key: string
  headline: string
  facts: readonly (readonly [label: string, value: string])[]
  sentence: string
  because: string
}

/**
 * What one person is told within some minutes: the first at once, and all that follows until these are over in one mail.
 * `n` numbers what is gathered now; `sealed` is what was gathered before and may not have been handed on yet.
 */
export type Bundle = {
  to: Addressee
  n: number
  /** The mail that went at once; the same again, after a crash, goes at once again. */
  first: string | null
  until: string
  waiting: number
  sealed: number | null
}

/** How a mail joins in: at once, or with what is gathered. */
export type Joined = { bundle: Bundle; goesAtOnce: boolean }

export function joined(
  before: Bundle | undefined,
  { to, key }: { to: Addressee; key: string },
  now: Date,
  minutes: number,
): Joined {
  const until = plus(now, minutes * MINUTE).toISOString()
  if (before?.first === key) return { bundle: before, goesAtOnce: true }
  const isQuiet = !before || (before.waiting === 0 && before.until <= now.toISOString())
  if (isQuiet && !before?.sealed)
    return {
      bundle: { to, n: before?.n ?? 1, first: key, until, waiting: 0, sealed: null },
      goesAtOnce: true,
    }
  return {
    bundle: { ...before, to, until: isQuiet ? until : before.until, waiting: before.waiting + 1 } as Bundle,
    goesAtOnce: false,
  }
}

/** Nothing more goes into what was gathered; what comes within the next minutes is gathered anew. */
export const sealedUp = (bundle: Bundle, now: Date, minutes: number): Bundle => ({
  ...bundle,
  n: bundle.n + 1,
  first: null,
  until: plus(now, minutes * MINUTE).toISOString(),
  waiting: 0,
  sealed: bundle.n,
})
