import { principalOf } from '../domain/ids.ts'
import { isOpen, type Request } from '../domain/request.ts'
import type { Live, Store, Stored } from '../ports.ts'
import { freshCache } from './fresh-cache.ts'

/** A grant follows its decision within milliseconds; whoever comes later reads. */
const FRESH_MILLIS = 5_000

/** What was read of a principal; `written`: which request of it this process has written since. */
type Kept = Live & { written?: string }

/**
 * A store that remembers for five seconds what this process has read of a principal, with the request in it that it has written since, and
 * forgets it as soon as it is read again or this process changes anything else of that principal: what `recallLive` answers. `now` is in
 * milliseconds.
 *
 * Not for a request that was opened since: whoever looked at the same time has not seen it, and what they have opened is not in what was read
 * (docs/decisions/0005-overlaps.md: first write one's own row, then look at the others).
 */
export function remembering(store: Store, now: () => number): Store {
  const kept = freshCache<Kept>(FRESH_MILLIS, now)
  let eligibilityChanges = 0

  function noteWritten(before: Stored<Request>, written: Stored<Request> | undefined): void {
    const principalId = before.value.principal.id
    const { at, value: live } = kept.get(principalId) ?? {}
    kept.delete(principalId)
    const was = live?.requests.find(({ value, etag }) => value.id === before.value.id && etag === before.etag)
    if (!live || !was || !written || !isOpen(written.value)) return
    const requests = live.requests.map((each) => (each === was ? written : each))
    kept.set(principalId, { ...live, requests, written: written.value.id }, at)
  }

  /** A read that is under way may have seen what was before. */
  async function changingEligibilities<T>(principalId: string, change: Promise<T>): Promise<T> {
    try {
      return await change
    } finally {
      eligibilityChanges++
      kept.delete(principalId)
    }
  }

  return {
    ...store,

    async readLive(principalId) {
      const [at, changes] = [now(), eligibilityChanges]
      const live = await store.readLive(principalId)
      if (changes === eligibilityChanges) kept.set(principalId, live, at)
      else kept.delete(principalId)
      return live
    },

    async recallLive(requestId) {
      const principalId = principalOf(requestId) ?? ''
      const known = kept.get(principalId)
      if (known?.value.written !== requestId) return undefined
      kept.delete(principalId)
      const { eligibilities, requests } = known.value
      return { eligibilities, requests, at: new Date(known.at) }
    },

    async openRequest(step, answers) {
      kept.delete(step.request.principal.id)
      return store.openRequest(step, answers)
    },

    async writeRequest(read, step, answers) {
      const written = await store.writeRequest(read, step, answers)
      noteWritten(read, answers ? undefined : written)
      return written
    },

    addEligibility: (eligibility, events, judge, answers) =>
      changingEligibilities(
        eligibility.principalId,
        store.addEligibility(eligibility, events, judge, answers),
      ),

    changeEligibility: (read, change, judge) =>
      changingEligibilities(read.value.principalId, store.changeEligibility(read, change, judge)),
  }
}
