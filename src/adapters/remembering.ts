import { isOpen, type Request } from '../domain/request.ts'
import type { Live, Store, Stored } from '../ports.ts'

/** A grant follows what it was opened or approved by within milliseconds; whoever comes later reads. */
const FRESH_MILLIS = 5_000

/**
 * A store that remembers for five seconds what this process has read of a principal, with the request in it that it has written since, and
 * forgets it as soon as this process changes anything else of that principal: what `recallLive` answers. `now` is in milliseconds.
 */
export function remembering(store: Store, now: () => number): Store {
  const kept = new Map<string, Live & { at: number }>() // the earliest stand first
  let eligibilityChanges = 0

  const isFresh = (at: number) => Math.abs(now() - at) < FRESH_MILLIS
  const forgetOld = () => {
    for (const [principalId, { at }] of kept) {
      if (isFresh(at)) return
      kept.delete(principalId)
    }
  }

  /** `before`: the row as it was read, undefined for a new one. Where another is remembered, somebody came between. */
  function noteWritten(
    principalId: string,
    before: Stored<Request> | undefined,
    written: Stored<Request> | undefined,
  ): void {
    const live = kept.get(principalId)
    const was = live?.requests.find(({ value }) => value.id === written?.value.id)
    if (live && written && isOpen(written.value) && was?.etag === before?.etag)
      kept.set(principalId, { ...live, requests: [...live.requests.filter((each) => each !== was), written] })
    else kept.delete(principalId)
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
      forgetOld()
      kept.delete(principalId)
      if (changes === eligibilityChanges) kept.set(principalId, { ...live, at })
      return live
    },

    async recallLive(principalId) {
      const live = kept.get(principalId)
      kept.delete(principalId)
      return live && isFresh(live.at) ? { ...live, at: new Date(live.at) } : undefined
    },

    async openRequest(step, answers) {
      const opened = await store.openRequest(step, answers)
      noteWritten(step.request.principal.id, undefined, answers ? undefined : opened)
      return opened
    },

    async writeRequest(read, step, answers) {
      const written = await store.writeRequest(read, step, answers)
      noteWritten(read.value.principal.id, read, answers ? undefined : written)
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
