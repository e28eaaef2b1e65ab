import { expect, test } from 'vitest'
import { awaitingMe } from '../../src/api/awaiting-me.ts'
import { delegate } from '../../src/api/delegations.ts'
import type { Person } from '../../src/domain/person.ts'
import type { Directory } from '../../src/ports.ts'
import { asking } from '../fakes/asking.ts'
import { ada, approversGroup, caller, grace, group, mallory } from '../fakes/people.ts'

/** So many requests wait for Grace and a group; Mallory stands in for her and for so many others of the group. */
async function page(requests: number, away: number) {
  const w = await asking([[[group(approversGroup)]]])
  const person = (n: number): Person => ({
    ...ada,
    id: `cccccccc-0000-4000-8000-${`${n}`.padStart(12, '0')}`,
  })
  const others = Array.from({ length: away }, (_, n) => person(n))
  const members = [grace.id, ...others.map(({ id }) => id)]
  w.tenant.groups.set(approversGroup, { id: approversGroup, displayName: 'Approvers', members })
  for (const each of others) w.tenant.people.set(each.id, each)
  for (const each of [grace, ...others])
    await delegate(w.ports, caller(each), { delegateId: mallory.id, endDateTime: '2030-02-01T00:00:00Z' })
  for (let n = 0; n < requests; n++) {
    const requester = person(1000 + n)
    w.tenant.people.set(requester.id, requester)
    await w.makeEligible(requester.id)
    await w.ask({}, requester)
  }
  let calls = 0
  const { directory } = w.ports
  w.ports.directory = new Proxy(directory, {
    get: (target, name) => {
      const method = target[name as keyof Directory] as (...args: unknown[]) => unknown
      return (...args: unknown[]) => {
        calls++
        return method(...args)
      }
    },
    ownKeys: (target) => Reflect.ownKeys(target),
  })
  const { items } = await awaitingMe(w.ports, mallory.id, { top: 50, after: null })
  return { items: items.length, calls }
}

test('a page of many requests of one role asks the directory no more than a page of one', async () => {
  const [one, many] = [await page(1, 5), await page(20, 5)]
  expect([one.items, many.items]).toEqual([1, 20])
  expect(many.calls).toBe(one.calls)
})
