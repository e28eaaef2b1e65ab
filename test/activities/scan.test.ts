import { beforeEach, describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { scan } from '../../src/activities/scan.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { drift } from '../../src/domain/drift.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { Ports, RoleProvider } from '../../src/ports.ts'
import { Unavailable } from '../../src/ports.ts'
import { ada, alan, exchangeRole, grace, helpdeskRole, mallory } from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'
import { dyingAt } from '../support/dying.ts'

let w: World
beforeEach(() => {
  w = world()
})

const at = (clock: string) => w.at(`2030-01-01T${clock}:00.000Z`)
const look = (ports: Ports = w.ports) => scan(ports, w.workflows)
const active = async (of = w): Promise<Incident[]> =>
  (await of.ports.findings.incidents('directory', 'active', { top: 50, after: null })).items
const resolved = async (): Promise<Incident[]> =>
  (await w.ports.findings.incidents('directory', 'resolved', { top: 50, after: null })).items
const who = (incidents: Incident[]) => incidents.map(({ principal }) => principal.displayName).sort()

async function delivered(of: World): Promise<void> {
  for (let notice = of.post.incidents.shift(); notice; notice = of.post.incidents.shift())
    await deliver(of.ports, notice)
  for (let notice = of.post.notices.shift(); notice; notice = of.post.notices.shift())
    await deliver(of.ports, notice)
}

/** Ada’s hour, given at nine by us. */
async function activated() {
  await w.makeEligible(ada.id)
  const request = await w.ask()
  await advance(w.ports, { requestId: request.id, turn: 2 })
  expect(w.row(request.id).status).toBe('Provisioned')
  at('09:05')
  await sweep(w.ports, w.workflows) // lists it among what is held
  return request
}

describe('the first look at a scope', () => {
  test('finds what stands, tells of all in one mail, and no more at the next', async () => {
    expect(await look()).toMatchObject({ complete: true, held: 2, found: 2 })
    expect(who(await active())).toEqual(['Alan Turing', 'Dorothy Vaughan'])
    await delivered(w)
    expect(w.post.mails.map(({ subject, to }) => [to.displayName, subject])).toEqual([
      ['Alan Turing', expect.stringMatching(/^PIM: 2 assignments in .* were not made through PIM$/)],
    ])
    expect(await look()).toMatchObject({ found: 0, gone: 0 })
    await delivered(w)
    expect(w.post.mails).toHaveLength(1)
  })
})

describe('after that', () => {
  beforeEach(async () => {
    await look()
    await delivered(w)
    w.post.mails.length = 0
  })

  test('what is granted outside is one incident, however often it is seen, recorded and mailed once', async () => {
    w.tenant.give(mallory.id, helpdeskRole)
    expect(await look()).toMatchObject({ found: 1 })
    expect(await look()).toMatchObject({ found: 0 })
    await delivered(w)
    expect(w.post.mails.map(({ subject }) => subject)).toEqual([
      'PIM: Mallory Malone was assigned the Helpdesk Administrator role outside of PIM',
    ])
    const [incident] = (await active()).filter(({ principal }) => principal.id === mallory.id)
    expect(w.steps(incident?.id ?? '')).toEqual(['detected'])
    expect([...w.views.indexed.keys()]).toContain(`${incident?.id}.detected`)
  })

  test('what is gone is recorded and closed, and comes again as another incident', async () => {
    const id = w.tenant.give(mallory.id, helpdeskRole)
    await look()
    at('09:15')
    await w.tenant.providers.directory.remove(id)
    expect(await look()).toMatchObject({ gone: 1 })
    const [closed] = await resolved()
    expect(closed).toMatchObject({ principal: { id: mallory.id }, resolved: { because: 'gone' } })
    expect(w.steps(closed?.id ?? '')).toEqual(['detected', 'resolved'])
    w.tenant.give(mallory.id, helpdeskRole)
    expect(await look()).toMatchObject({ found: 1 })
  })

  test('what lists do not show, but the tenant still has, is not gone', async () => {
    w.tenant.give(mallory.id, helpdeskRole)
    await look()
    at('09:15')
    const directory = w.ports.providers.directory
    const blind: RoleProvider = { ...directory, held: async () => ({ items: [], next: null }) }
    expect(await look({ ...w.ports, providers: { directory: blind } })).toMatchObject({ gone: 0 })
  })

  test('what lists show long after we took it away, and the tenant no longer has, is no incident', async () => {
    const request = await activated()
    const directory = w.ports.providers.directory
    const before = await directory.held('/', null)
    at('10:00')
    await advance(w.ports, { requestId: request.id, turn: 3 })
    at('13:00')
    const stale: RoleProvider = { ...directory, held: async () => before }
    expect(await look({ ...w.ports, providers: { directory: stale } })).toMatchObject({ found: 0 })
    w.tenant.ids.same = true
    const row = w.tenant.rows.find(({ id }) => id === w.row(request.id).grant?.assignmentId)
    if (row) row.removedAt = null // really there, as an assignment in the directory has the same id whenever it is made
    expect(await look()).toMatchObject({ found: 1 })
  })

  test('what we gave is no incident, neither while it lasts nor while lists lag behind its end', async () => {
    const request = await activated()
    expect(await look()).toMatchObject({ found: 0, closed: 0 })
    at('10:00')
    await advance(w.ports, { requestId: request.id, turn: 3 })
    const row = w.tenant.rows.find(({ principalId }) => principalId === ada.id)
    if (row) row.removedAt = null // still shown
    at('10:05')
    expect(await look()).toMatchObject({ found: 0 })
    at('10:15')
    expect(await look()).toMatchObject({ found: 1 })
  })

  test('what was removed outside is ended, truthfully, once it was looked for by its id', async () => {
    const request = await activated()
    for (const row of w.tenant.rows)
      if (row.principalId === ada.id) row.removedAt = Date.parse('2030-01-01T09:06:00Z')
    at('09:08')
    expect(await look()).toMatchObject({ closed: 0 }) // lists may lag
    at('09:20')
    expect(await look()).toMatchObject({ closed: 1 })
    expect(w.row(request.id).status).toBe('PendingRevocation')
    await advance(w.ports, { requestId: request.id, turn: 3 })
    expect(w.row(request.id)).toMatchObject({ status: 'Revoked', ending: { because: 'removedOutside' } })
    await delivered(w)
    expect(w.post.mails.at(-1)?.text).toContain('Somebody has removed it outside')
    expect(await look()).toMatchObject({ closed: 0 })
    at('09:30')
    await sweep(w.ports, w.workflows)
    expect([...w.views.awaiting.values()]).toEqual([])
  })

  test('what lists have hidden for longer than they may is not left to anybody', async () => {
    const request = await activated()
    const row = w.tenant.rows.find(({ principalId }) => principalId === ada.id)
    const { held, find } = w.ports.providers.directory
    Object.assign(w.ports.providers.directory, {
      held: async () => ({ items: [], next: null }),
      find: async () => [],
    })
    at('09:20')
    expect(await look()).toMatchObject({ closed: 1 })
    Object.assign(w.ports.providers.directory, { held, find })
    await advance(w.ports, { requestId: request.id, turn: 3 })
    expect(w.row(request.id).status).toBe('Revoked')
    expect(row?.removedAt).not.toBeNull()
  })

  test('what was there before, and was removed, is nothing that we take', async () => {
    w.tenant.give(ada.id, exchangeRole, 3_600_000)
    const request = await activated()
    for (const row of w.tenant.rows)
      if (row.principalId === ada.id) row.removedAt = Date.parse('2030-01-01T09:06:00Z')
    at('09:20')
    w.tenant.calls.length = 0
    expect(await look()).toMatchObject({ closed: 1 })
    expect(w.row(request.id).status).toBe('Revoked')
    expect(w.tenant.calls).not.toContain('remove')
  })

  test('where the settings say so it is given again, and ends at the same end', async () => {
    const request = await activated()
    for (const row of w.tenant.rows)
      if (row.principalId === ada.id) row.removedAt = Date.parse('2030-01-01T09:06:00Z')
    at('09:20')
    const restoring = { ...w.ports, drift: { ...w.ports.drift, restoreRemoved: true } }
    expect(await look(restoring)).toMatchObject({ restored: 1, closed: 0 })
    await advance(w.ports, { requestId: request.id, turn: 3 })
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(true)
    expect(w.row(request.id)).toMatchObject({ status: 'Provisioned', endsAt: '2030-01-01T10:00:00.000Z' })
    expect(w.steps(request.id)).toEqual(['requested', 'provisioned', 'restored-1', 'provisioned-1'])
    at('10:00')
    await advance(w.ports, { requestId: request.id, turn: 4 })
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
  })

  test('not where somebody else has given it since: that is neither taken over nor taken away', async () => {
    const request = await activated()
    for (const row of w.tenant.rows)
      if (row.principalId === ada.id) row.removedAt = Date.parse('2030-01-01T09:06:00Z')
    at('09:08')
    w.tenant.give(ada.id, exchangeRole)
    at('09:20')
    const restoring = { ...w.ports, drift: { ...w.ports.drift, restoreRemoved: true } }
    expect(await look(restoring)).toMatchObject({ restored: 0, closed: 1 })
    for (const [clock, turn] of [
      ['09:21', 3],
      ['10:00', 4],
    ] as const) {
      at(clock)
      await advance(w.ports, { requestId: request.id, turn })
    }
    expect(w.row(request.id).status).toBe('Revoked')
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(true)
    expect(who(await active())).toContain('Ada Lovelace')
  })

  test('nobody who lost the right meanwhile is given it again', async () => {
    const request = await activated()
    for (const row of w.tenant.rows)
      if (row.principalId === ada.id) row.removedAt = Date.parse('2030-01-01T09:06:00Z')
    const [eligibility] = [...w.eligibilities.values()]
    if (eligibility) w.eligibilities.delete(eligibility.id)
    at('09:20')
    await look({ ...w.ports, drift: { ...w.ports.drift, restoreRemoved: true } })
    at('09:30')
    for (let turn = 3; turn < 8; turn++) await advance(w.ports, { requestId: request.id, turn })
    expect(w.row(request.id).status).toBe('Failed')
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
  })

  test('an emergency account is only watched', async () => {
    w.tenant.give(grace.id, helpdeskRole)
    const ports = { ...w.ports, breakGlass: [grace.id] }
    expect(await look(ports)).toMatchObject({ found: 0 })
  })

  test('a tenant that does not answer leaves everything as it is', async () => {
    await activated()
    const directory = w.ports.providers.directory
    const away: RoleProvider = { ...directory, held: async () => Promise.reject(new Unavailable('429')) }
    expect(await look({ ...w.ports, providers: { directory: away } })).toMatchObject({
      complete: false,
      failed: 1,
      gone: 0,
      closed: 0,
    })
  })
})

/** What is held comes in pages of one, and each takes a minute. */
function slowly(of: World, seen: (string | null)[] = []): Ports {
  const directory = of.ports.providers.directory
  const held: RoleProvider['held'] = async (scope, after) => {
    seen.push(after)
    const { items } = await directory.held(scope, null)
    const n = Number(after ?? 0)
    of.clock.now = new Date(of.clock.now.getTime() + 61_000)
    return { items: items.slice(n, n + 1), next: n + 1 < items.length ? `${n + 1}` : null }
  }
  return { ...of.ports, providers: { directory: { ...directory, held } } }
}

test('a look that takes longer than it may goes on where it stopped, and forgets nothing that it saw', async () => {
  for (let n = 0; n < 5; n++) w.tenant.give(`99999999-0000-4000-8000-00000000000${n}`, helpdeskRole)
  const seen: (string | null)[] = []
  const ports = slowly(w, seen)
  const first = await look(ports)
  expect(first).toMatchObject({ complete: false, held: 2, found: 2 })
  let last = first
  for (let tick = 0; tick < 9 && !last.complete; tick++) last = await look(ports)
  expect(last.complete).toBe(true)
  expect(seen).toEqual([null, '1', '2', '3', '4', '5', '6'])
  expect(await active()).toHaveLength(7)
  expect(await w.ports.findings.readPlace('look')).toBeUndefined()
})

test('wherever a look dies, the next and the sweep come to the same', async () => {
  /** Grants outside, one gone, one of ours taken away; a process that dies looking; then one that does not. */
  async function live(cut: number, when: 'before' | 'after') {
    w = world()
    await look()
    const request = await activated()
    w.tenant.give(mallory.id, helpdeskRole)
    await look()
    await delivered(w)
    at('09:20')
    w.tenant.give(grace.id, helpdeskRole)
    for (const row of w.tenant.rows)
      if (row.principalId === ada.id || row.principalId === mallory.id) row.removedAt = w.clock.now.getTime()
    const mortal = dyingAt(w.ports, w.workflows, cut, when)
    await scan(mortal.ports, mortal.workflows).catch((error) => {
      if (!mortal.died()) throw error
    })
    const calls = mortal.calls()
    for (const clock of ['09:25', '09:30', '09:45', '10:00']) {
      at(clock)
      await look()
      await sweep(w.ports, w.workflows)
      await delivered(w)
    }
    return { calls, request }
  }
  const { calls } = await live(Number.POSITIVE_INFINITY, 'before')
  expect(calls).toBeGreaterThan(20)
  for (const when of ['before', 'after'] as const)
    for (let cut = 1; cut <= calls; cut++) {
      const { request } = await live(cut, when)
      const told = w.post.mails.filter(({ subject }) => subject.includes('Grace Hopper was assigned'))
      const state = {
        active: who(await active()),
        gone: (await resolved()).map(({ principal }) => principal.id),
        status: w.row(request.id).status,
        told: new Set(told.map(({ key }) => key)).size,
        left: [...w.views.due.values()].length + [...w.views.awaiting.values()].length,
        indexed: [...w.events.keys()].every((id) => w.views.indexed.has(id)),
      }
      expect(state, `died ${when} call ${cut} of ${calls}`).toEqual({
        active: ['Alan Turing', 'Dorothy Vaughan', 'Grace Hopper'],
        gone: [mallory.id],
        status: 'Revoked',
        told: 1,
        left: 0,
        indexed: true,
      })
    }
})

test('a group that was deleted keeps no other waiting, and what was found there is closed', async () => {
  const scopes = ['1', '2'].map((n) => `/groups/22222222-0000-4000-8000-00000000000${n}`)
  const [first = '', second = ''] = scopes
  const deleted = new Set<string>()
  const group: RoleProvider = {
    ...w.ports.providers.directory,
    held: async (scope) => {
      if (deleted.has(scope)) throw new Unavailable('404')
      return w.ports.providers.directory.held(scope, null)
    },
    describe: async ({ scope }) =>
      deleted.has(scope) ? undefined : w.ports.providers.directory.describe(helpdeskRole),
  }
  const ports: Ports = {
    ...w.ports,
    providers: { ...w.ports.providers, group },
    drift: { ...w.ports.drift, places: scopes.map((scope) => ({ provider: 'group', scope })) },
  }
  const member = (scope: string) => ({ provider: 'group' as const, roleDefinitionId: 'member', scope })
  w.tenant.give(ada.id, member(first))
  expect(await look(ports)).toMatchObject({ scopes: 2, found: 1 })
  deleted.add(first)
  w.tenant.give(grace.id, member(second))
  expect(await look(ports)).toMatchObject({ scopes: 1, found: 1, failed: 1 })
  const stands = await ports.findings.incidents('group', 'active', { top: 9, after: null })
  expect(who(stands.items)).toEqual(['Grace Hopper'])
})

test('two looks at once open each incident once', async () => {
  await Promise.all([look(), look(), look()])
  expect(await active()).toHaveLength(2)
  expect([...w.events.keys()].filter((id) => id.endsWith('.detected'))).toHaveLength(2)
})

test('what is accepted and what is ours is all that a comparison expects', async () => {
  await look()
  const standing = await w.ports.findings.standingAt({ provider: 'directory', scope: '/' })
  const { items } = await w.ports.providers.directory.held('/', null)
  const result = drift(items, { ours: [], standing, isBreakGlass: (id) => id === alan.id, now: w.clock.now })
  expect(result.outside).toHaveLength(1) // Dorothy’s is an incident still
})
