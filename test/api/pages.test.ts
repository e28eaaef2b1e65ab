import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { awaitingMe } from '../../src/api/awaiting-me.ts'
import { listRequests } from '../../src/api/requests.ts'
import { makeId } from '../../src/domain/ids.ts'
import { listedAtRest, UNLISTED } from '../../src/domain/open-work.ts'
import type { Request } from '../../src/domain/request.ts'
import type { Approver } from '../../src/domain/role-settings.ts'
import type { Page, PageOptions } from '../../src/ports.ts'
import { pending, waitingFor } from '../domain/requests.ts'
import { ada, approversGroup, engineers, grace, group, linus, mallory, user } from '../fakes/people.ts'
import { NINE, world } from '../fakes/world.ts'

const ids = (requests: readonly { id: string }[]) => requests.map(({ id }) => id)

/** Every page, up to the one after which nothing follows. */
async function turn<T>(top: number, read: (page: PageOptions) => Promise<Page<T>>): Promise<T[][]> {
  const pages: T[][] = []
  for (let after: string | null = null, more = true; more; more = after !== null) {
    if (pages.length > 200) throw new Error('The pages do not end.')
    const page: Page<T> = await read({ top, after })
    pages.push(page.items)
    after = page.next
  }
  return pages
}

/** Made so many seconds after nine, for a scope of its own, so that one person may have many. */
function requestAt(seconds: number, more: Partial<Request>, who = ada): Request {
  const at = new Date(Date.parse(NINE) + seconds * 1000)
  return {
    ...pending,
    id: makeId('req', who.id, at, seconds.toString(36).padStart(12, '0')),
    principal: { id: who.id, displayName: who.displayName },
    scope: `/administrativeUnits/${seconds}`,
    createdDateTime: at.toISOString(),
    ...more,
  }
}

describe('what awaits me', () => {
  const ASKED: Approver[] = [user(grace.id), group(approversGroup), group(engineers)]

  async function crowd() {
    const w = world()
    w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [grace.id] })
    await w.ports.views.noteGroups([approversGroup, engineers])
    await w.approvalBy(...ASKED)
    const wait = async (request: Request) => {
      await w.ports.store.openRequest({ request, events: [] })
      await w.ports.views.list(request.id, listedAtRest(request, w.clock.now), UNLISTED)
      return request.id
    }
    const approval = (...approvers: Approver[]) => ({
      approval: waitingFor(approvers),
    })
    return {
      ...w,
      wait,
      approval,
      pages: (top: number) => turn(top, (page) => awaitingMe(w.ports, grace.id, page)),
    }
  }

  test('comes the oldest first, asked directly or through whichever groups, each once, never more than asked for', async () => {
    const w = await crowd()
    const asked = Array.from({ length: 40 }, (_, n) => ASKED.filter((_, each) => ((n % 7) + 1) & (1 << each)))
    const all: string[] = []
    for (const [n, approvers] of asked.entries()) {
      const who = [ada, linus, mallory][n % 3]
      all.push(await w.wait(requestAt(n, w.approval(...approvers), who)))
    }
    for (const top of [1, 7, 40, 200]) {
      const pages = await w.pages(top)
      expect(pages.flat().map(({ id }) => id)).toEqual(all)
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(top)
    }
  })

  test('leaves out what is not mine to decide and what is over, and goes on behind it', async () => {
    const w = await crowd()
    const all: string[] = []
    for (let n = 0; n < 30; n++)
      all.push(await w.wait(requestAt(n, w.approval(...ASKED), n % 3 ? ada : grace)))
    for (const id of all.slice(0, 10)) {
      const row = w.rows.get(id) as { value: Request }
      row.value = { ...row.value, status: 'Denied' } // decided by somebody else, and still on the lists
    }
    const pages = await w.pages(5)
    expect(pages.slice(0, 2)).toEqual([[], []])
    expect(ids(pages.flat())).toEqual(all.filter((_, n) => n >= 10 && n % 3))
  })

  test('costs what the page shows: no list is read further, and settings are read once a role', async () => {
    const w = await crowd()
    for (let n = 0; n < 90; n++) await w.wait(requestAt(n, w.approval(...ASKED)))
    const { views, store, settings, providers } = w.ports
    const asked: Record<string, number> = { rows: 0, requests: 0, settings: 0, definitions: 0 }
    let reading = 0
    let atOnce = 0
    const count =
      <A extends unknown[], R>(what: string, from: (...args: A) => Promise<R>) =>
      async (...args: A) => {
        asked[what] = (asked[what] ?? 0) + 1
        atOnce = Math.max(atOnce, ++reading)
        try {
          return await from(...args)
        } finally {
          reading--
        }
      }
    const awaiting = views.awaiting
    views.awaiting = async (key, page) => {
      const read = await awaiting(key, page)
      asked.rows = (asked.rows ?? 0) + read.items.length
      return read
    }
    store.findRequest = count('requests', store.findRequest)
    settings.read = count('settings', settings.read)
    providers.directory.describe = count('definitions', providers.directory.describe)
    expect((await awaitingMe(w.ports, grace.id, { top: 50, after: null })).items).toHaveLength(50)
    expect(asked).toEqual({ rows: 50 * ASKED.length, requests: 50, settings: 1, definitions: 1 })
    expect(atOnce).toBeLessThanOrEqual(17) // sixteen requests, and the settings of their role
  })
})

describe('my requests', () => {
  test('are the open ones first, then those that are over, and no page has more than was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 25 }),
        fc.integer({ min: 1, max: 9 }),
        async (open, top) => {
          const { ports } = world()
          const all = open.map((isOpen, n) =>
            requestAt(n, { status: isOpen ? 'PendingApproval' : 'Canceled' }),
          )
          for (const request of all) await ports.store.openRequest({ request, events: [] })
          const newestFirst = all.toReversed()
          const pages = await turn(top, (page) => listRequests(ports, ada.id, page))
          expect(ids(pages.flat())).toEqual(
            ids([
              ...newestFirst.filter(({ status }) => status === 'PendingApproval'),
              ...newestFirst.filter(({ status }) => status === 'Canceled'),
            ]),
          )
          expect(pages.slice(0, -1).every((page) => page.length === top)).toBe(true)
          expect(pages.at(-1)?.length).toBeLessThanOrEqual(top)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('what ends while the pages are turned is passed over by none of them', async () => {
    const w = world()
    await w.makeEligible(ada.id)
    const all = Array.from({ length: 6 }, (_, n) => requestAt(n, {}))
    for (const request of all) await w.ports.store.openRequest({ request, events: [] })
    const first = await listRequests(w.ports, ada.id, { top: 2, after: null })
    for (const { id } of [all[5], all[2]] as Request[]) {
      const read = await w.ports.store.findRequest(id)
      if (read)
        await w.ports.store.writeRequest(read, { request: { ...read.value, status: 'Canceled' }, events: [] })
    }
    const later = await listRequests(w.ports, ada.id, { top: 200, after: first.next })
    expect(ids(first.items)).toEqual(ids([all[5], all[4]] as Request[]))
    expect(ids(later.items)).toEqual(ids([all[3], all[1], all[0], all[5], all[2]] as Request[]))
  })
})
