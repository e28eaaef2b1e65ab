import { PACES, type Pace } from '../domain/pace.ts'
import { type RoleProvider, Unavailable } from '../ports.ts'

/** Who has been given a time and never came: forgotten after so long. */
const FORGOTTEN_AFTER = 20 * 60_000
const MOST_BOOKED = 20_000

export type Pacer = ReturnType<typeof pacer>

/**
 * Lets writes through as fast as a service takes them, within this process. Whoever is too early is told how long to wait, and
 * who is to be removed is given a time of their own: so a thousand who end at once come one after the other, and each waits once.
 */
export function pacer({ atOnce, aSecond, forRemovals }: Pace, now: () => number) {
  const each = 1000 / aSecond
  /** When a full bucket would be full again. */
  let fullAt = Number.NEGATIVE_INFINITY
  let closedUntil = Number.NEGATIVE_INFINITY
  const booked = new Map<string, number>()
  let latest = now()

  /** A clock that was set back would make everybody wait for what is long past. */
  function startOverIfSetBack(): void {
    if (now() < latest - 1000) {
      fullAt = closedUntil = Number.NEGATIVE_INFINITY
      booked.clear()
    }
    latest = now()
  }

  /** When there is one to be had, beyond those that are kept. */
  const freeAt = (kept: number) => Math.max(closedUntil, Math.max(fullAt, now()) - (atOnce - 1 - kept) * each)

  const taken = () => {
    fullAt = Math.max(fullAt, now()) + each
  }

  function book(id: string): number {
    const time = Math.max(now(), freeAt(0))
    taken()
    if (booked.size >= MOST_BOOKED) booked.clear()
    booked.delete(id) // the earliest stand first
    booked.set(id, time)
    return time
  }

  const forget = () => {
    for (const [id, time] of booked) {
      if (time > now() - FORGOTTEN_AFTER) return
      booked.delete(id)
    }
  }

  return {
    /** Throws `Unavailable` with this one's own time when that has yet to come. */
    removal(id: string): void {
      startOverIfSetBack()
      forget()
      const known = booked.get(id)
      const time = known !== undefined && known >= closedUntil ? known : book(id)
      if (time > now()) throw wait(time - now())
      booked.delete(id)
    },
    /** Throws `Unavailable` while removals need all that there is. */
    grant(): void {
      startOverIfSetBack()
      const time = freeAt(forRemovals)
      if (time > now()) throw wait(time - now())
      taken()
    },
    /** Throws `Unavailable` while somebody waits: they go first. */
    look(): void {
      startOverIfSetBack()
      const time = freeAt(0)
      if (time > now()) throw wait(time - now())
    },
    /** The service itself asked us to wait; afterwards it takes no more at once than it can. */
    slowDown(seconds: number): void {
      closedUntil = Math.max(closedUntil, now() + seconds * 1000)
      fullAt = Math.max(fullAt, closedUntil + (atOnce - 1) * each)
    },
  }
}

const wait = (millis: number) =>
  new Unavailable('As many are being written as the service takes.', Math.ceil(millis) / 1000)

type Paces = { removals: (where: string) => Pacer; grants: (where: string) => Pacer }

/** For directory and groups together: whatever is written there counts. */
export function graphPace(now: () => number): Paces {
  const one = pacer(PACES.directory, now)
  return { removals: () => one, grants: () => one }
}

/** For Azure: what is put and what is deleted is counted apart, and each subscription by itself. */
export function azurePace(now: () => number): Paces {
  const each = () => bySubscription(() => pacer(PACES.azure, now))
  return { removals: each(), grants: each() }
}

/**
 * A provider that keeps to what its service takes: removals first, then grants, and comparing only while nobody waits. `removals`
 * and `grants` say whose limit counts at a scope, or for an assignment's id.
 */
export function paced(provider: RoleProvider, { removals, grants }: Paces): RoleProvider {
  return {
    ...provider,
    async add(principal, role, name, condition) {
      const pace = grants(role.scope)
      pace.grant()
      return heeding(pace, () => provider.add(principal, role, name, condition))
    },
    async remove(id) {
      const pace = removals(id)
      pace.removal(id)
      await heeding(pace, () => provider.remove(id)).catch((error) => {
        if (!(error instanceof Unavailable) || error.retryAfterSeconds === null) throw error
        pace.removal(id) // throws with a time of its own, after what was asked for
        throw error
      })
    },
    async held(scope, after) {
      removals(scope).look()
      return provider.held(scope, after)
    },
  }
}

async function heeding<T>(pace: Pacer, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof Unavailable && error.retryAfterSeconds !== null)
      pace.slowDown(error.retryAfterSeconds)
    throw error
  }
}

/** One for each subscription: each has a limit of its own. What lies in none has one together. */
export function bySubscription(make: () => Pacer): (where: string) => Pacer {
  const all = new Map<string, Pacer>()
  return (where) => {
    const key = /^\/subscriptions\/([^/]+)/i.exec(where)?.[1]?.toLowerCase() ?? ''
    const known = all.get(key) ?? make()
    all.set(key, known)
    return known
  }
}
