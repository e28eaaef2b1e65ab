import { describe, expect, test } from 'vitest'
import { remembering } from '../../src/adapters/remembering.ts'
import type { Request } from '../../src/domain/request.ts'
import type { Store, Stored } from '../../src/ports.ts'
import { ada, helpdeskRole, mallory } from '../fakes/people.ts'
import { fakeStore } from '../fakes/store.ts'
import { eligibilityOf, over, requestOf } from './tables/both.ts'

/** `beneath`: what another process does. */
function made() {
  let millis = 0
  const at = (instant: number) => {
    millis = instant
  }
  const beneath = fakeStore().store
  return { at, beneath, store: remembering(beneath, () => millis) }
}

const opened = async (store: Store, request = requestOf()) => {
  await store.openRequest({ request, events: [] })
  return (await store.findRequest(request.id)) as Stored<Request>
}

const next = (read: Stored<Request>, more: Partial<Request> = { justification: 'approved' }) => ({
  request: { ...read.value, ...more },
  events: [],
})

const approved = async (store: Store) => {
  const read = await opened(store)
  await store.readLive(ada.id)
  return (await store.writeRequest(read, next(read))) as Stored<Request>
}

describe('what is remembered of a principal', () => {
  test('is what was read, with the request as this process has written it since', async () => {
    const { store } = made()
    const written = await approved(store)
    const recalled = await store.recallLive(written.value.id)
    expect(recalled).toEqual({ ...(await store.readLive(ada.id)), at: new Date(0) })
    expect(recalled?.requests).toEqual([written])
  })

  test('is answered once: whoever asks again, since what they wrote did not go, reads', async () => {
    const { store } = made()
    const { value } = await approved(store)
    expect(await store.recallLive(value.id)).toBeDefined()
    expect(await store.recallLive(value.id)).toBeUndefined()
  })

  test('is nothing for a request that was only read, or opened since', async () => {
    const { store } = made()
    const { value } = await opened(store)
    await store.readLive(ada.id)
    expect(await store.recallLive(value.id)).toBeUndefined()
    const { value: later } = await opened(store, requestOf(helpdeskRole))
    expect(await store.recallLive(later.id)).toBeUndefined()
  })

  test('is nothing where somebody has read since, so that nobody can keep it fresh by reading', async () => {
    const { store } = made()
    const { value } = await approved(store)
    await store.readLive(ada.id)
    expect(await store.recallLive(value.id)).toBeUndefined()
  })

  test.each([
    ['five seconds later', (w: ReturnType<typeof made>) => w.at(5_000)],
    ['where the clock was set back', (w: ReturnType<typeof made>) => w.at(-5_000)],
    [
      'when an eligibility was added',
      ({ store }: ReturnType<typeof made>) => store.addEligibility(eligibilityOf(), [], () => undefined),
    ],
    [
      'when an eligibility was refused',
      ({ store }: ReturnType<typeof made>) =>
        store
          .addEligibility(eligibilityOf(), [], () => {
            throw new Error('no')
          })
          .catch(() => undefined),
    ],
    [
      'when the request was written by another, and not by us',
      async ({ store, beneath }: ReturnType<typeof made>) => {
        const [read] = (await beneath.readLive(ada.id)).requests as [Stored<Request>]
        await beneath.writeRequest(read, next(read, { justification: 'theirs' }))
        await store.writeRequest(read, next(read, { justification: 'ours' }))
      },
    ],
    [
      'when it was written by another and then by us',
      async ({ store, beneath }: ReturnType<typeof made>) => {
        const [read] = (await beneath.readLive(ada.id)).requests as [Stored<Request>]
        const theirs = await beneath.writeRequest(read, next(read, { justification: 'theirs' }))
        await store.writeRequest(theirs as Stored<Request>, next(read, { justification: 'ours' }))
      },
    ],
    [
      'when the request is over',
      async ({ store, beneath }: ReturnType<typeof made>) => {
        const [read] = (await beneath.readLive(ada.id)).requests as [Stored<Request>]
        await store.writeRequest(read, { request: over(read.value), events: [] })
      },
    ],
    [
      'when another could not be opened',
      ({ store }: ReturnType<typeof made>) => store.openRequest({ request: requestOf(), events: [] }),
    ],
  ])('is nothing %s', async (_name, meanwhile) => {
    const w = made()
    const { value } = await approved(w.store)
    await meanwhile(w)
    expect(await w.store.recallLive(value.id)).toBeUndefined()
  })

  test('is nothing when an eligibility was changed or taken away', async () => {
    for (const isGone of [true, false]) {
      const { store } = made()
      const eligibility = eligibilityOf()
      await store.addEligibility(eligibility, [], () => undefined)
      const { value } = await approved(store)
      const read = await store.findEligibility(eligibility.id)
      if (read) await store.changeEligibility(read, { eligibility, events: [], isGone })
      expect(await store.recallLive(value.id)).toBeUndefined()
    }
  })

  test('is nothing where a read was under way while an eligibility changed', async () => {
    const w = made()
    let answer: () => void = () => undefined
    const slow: Store = {
      ...w.beneath,
      readLive: async (principalId) => {
        const live = await w.beneath.readLive(principalId)
        await new Promise<void>((resolve) => {
          answer = resolve
        })
        return live
      },
    }
    const store = remembering(slow, () => 0)
    const read = await opened(store)
    const reading = store.readLive(ada.id)
    await store.addEligibility(eligibilityOf(), [], () => undefined)
    answer()
    await reading
    await store.writeRequest(read, next(read))
    expect(await store.recallLive(read.value.id)).toBeUndefined()
  })

  test('is of that principal alone, and others come with it', async () => {
    const { store } = made()
    const [one, other] = [await opened(store), await opened(store, requestOf(helpdeskRole))]
    await opened(store, requestOf({}, mallory.id))
    await store.readLive(ada.id)
    await store.readLive(mallory.id)
    const written = await store.writeRequest(one, next(one))
    const { requests = [] } = (await store.recallLive(one.value.id)) ?? {}
    expect(requests).toHaveLength(2)
    expect(requests).toEqual(expect.arrayContaining([written, other]))
  })
})
