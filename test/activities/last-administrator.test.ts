import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import type { Person } from '../../src/domain/person.ts'
import { isOpen, isPastDue } from '../../src/domain/request.ts'
import { ADMINISTRATORS, type Role } from '../../src/domain/role.ts'
import type { RoleProvider } from '../../src/ports.ts'
import { memberships } from '../fakes/memberships.ts'
import { ada, alan, caller, engineers, exchange, exchangeRole, grace, ken, linus } from '../fakes/people.ts'
import { world } from '../fakes/world.ts'

const [GLOBAL, PRIVILEGED] = ADMINISTRATORS as [string, string]
const global: Role = { ...exchangeRole, roleDefinitionId: GLOBAL }
const privileged: Role = { ...exchangeRole, roleDefinitionId: PRIVILEGED }
const membership: Role = { provider: 'group', roleDefinitionId: 'member', scope: `/groups/${engineers}` }
const at = (clock: string) => `2030-01-01T${clock}:00.000Z`
const idOf = (person: Person, role: Role) => `${role.provider}-${role.roleDefinitionId}-${person.id}`

/** Nobody administers anything but by activation; a group holds Global Administrator, with nobody in it. */
async function administered(...activations: [Person, Role][]) {
  const w = world()
  for (const row of w.tenant.rows) row.removedAt = 1
  for (const id of [GLOBAL, PRIVILEGED]) w.tenant.definitions.set(id, { ...exchange, id, displayName: id })
  w.tenant.groups.set(engineers, { id: engineers, displayName: 'Tier Zero', members: [] })
  w.tenant.give(engineers, global, 1)
  w.ports.providers.group = memberships(w.tenant)
  const ids: Record<string, string> = {}
  for (const [person, role] of activations) {
    await w.makeEligible(person.id, role)
    const { id } = await w.ask(role, person)
    await advance(w.ports, { requestId: id, turn: 2 })
    ids[idOf(person, role)] = id
  }
  const id = (person: Person, role: Role = global) => ids[idOf(person, role)] as string
  return {
    ...w,
    id,
    status: (person: Person, role: Role = global) => w.row(id(person, role)).status,
    ends: (person: Person, role: Role = global) =>
      advance(w.ports, { requestId: id(person, role), turn: w.row(id(person, role)).turn + 1 }),
    holders: async (roleDefinitionId = GLOBAL) =>
      (await w.ports.directory.holdersOf([roleDefinitionId])).filter(({ accountEnabled }) => accountEnabled),
    mailed: async () => {
      for (const notice of w.post.notices.splice(0)) await deliver(w.ports, notice)
      return w.post.mails.splice(0).map(({ to, subject }) => `${to.displayName}: ${subject}`)
    },
  }
}

describe.each([
  ['Global Administrator', global],
  ['Privileged Role Administrator', privileged],
])('the activation of the last %s', (_, role) => {
  test('does not end at its end; it stays open, is past due, and ends when somebody else holds the role', async () => {
    const w = await administered([ada, role])
    await w.mailed()
    w.at(at('10:00'))
    await w.ends(ada, role)
    expect(w.row(w.id(ada, role))).toMatchObject({ status: 'PendingRevocation', ending: { keptSince: 1 } })
    expect(w.tenant.calls).not.toContain('remove')
    expect((await w.mailed())[0]).toMatch(/^Ada Lovelace: PIM: .* stays: nobody else holds it$/)

    w.at(at('10:05'))
    await w.ends(ada, role)
    expect(w.row(w.id(ada, role)).ending).toMatchObject({ attempts: 2, keptSince: 1, retryAt: at('10:10') })
    expect(isPastDue(w.row(w.id(ada, role)), w.clock.now)).toBe(true)
    expect(await w.mailed()).toEqual([])
    const kept = w.steps(w.id(ada, role)).filter((step) => step.startsWith('kept-'))
    expect(kept).toHaveLength(1)
    expect(w.events.get(`${w.id(ada, role)}.${kept[0]}`)).toMatchObject({
      result: 'failure',
      resultReason: expect.stringContaining('last active'),
    })

    w.tenant.give(alan.id, role, 1)
    w.at(at('10:10'))
    await w.ends(ada, role)
    expect([w.status(ada, role), w.tenant.holds(ada.id, role)]).toEqual(['Expired', false])
  })

  test('is not given back early: refused before anything is written', async () => {
    const w = await administered([ada, role])
    w.at(at('09:30'))
    const before = structuredClone(w.row(w.id(ada, role)))
    await expect(deactivate(w.ports, w.workflows, caller(ada), role)).rejects.toMatchObject({
      status: 400,
      code: 'LastAdministrator',
    })
    expect(w.row(w.id(ada, role))).toEqual(before)
    w.tenant.give(alan.id, role, 1)
    await deactivate(w.ports, w.workflows, caller(ada), role)
    await w.ends(ada, role)
    expect([w.status(ada, role), w.tenant.holds(ada.id, role)]).toEqual(['Revoked', false])
  })

  test('is not ended for a disabled account or an application that holds the role too', async () => {
    const w = await administered([ada, role])
    w.tenant.give(ken.id, role, 1)
    w.tenant.give('33333333-0000-4000-8000-000000000001', role, 1)
    w.at(at('10:00'))
    await w.ends(ada, role)
    expect([w.status(ada, role), w.tenant.holds(ada.id, role)]).toEqual(['PendingRevocation', true])
  })
})

test('what was kept as the last and then does not go for another reason is told of again', async () => {
  const w = await administered([ada, global])
  w.at(at('10:00'))
  await w.ends(ada)
  w.tenant.give(alan.id, global, 1)
  w.tenant.always.remove = 'down'
  for (let attempt = 0; attempt < 4; attempt++) {
    w.at(w.row(w.id(ada)).ending?.retryAt as string)
    await w.ends(ada)
  }
  expect(w.row(w.id(ada)).ending).toMatchObject({ attempts: 4 })
  expect(w.row(w.id(ada)).ending).not.toHaveProperty('keptSince')
  expect(w.steps(w.id(ada))).toContain('removal-failed')
})

test('the last member of a group that holds the role stays in it until somebody else holds the role', async () => {
  const w = await administered([ada, membership])
  w.at(at('09:30'))
  await expect(deactivate(w.ports, w.workflows, caller(ada), membership)).rejects.toMatchObject({
    code: 'LastAdministrator',
  })
  w.at(at('10:00'))
  await w.ends(ada, membership)
  expect([w.status(ada, membership), await w.holders()]).toMatchObject([
    'PendingRevocation',
    [{ id: ada.id }],
  ])
  w.tenant.give(alan.id, global, 1)
  w.at(at('10:05'))
  await w.ends(ada, membership)
  expect([w.status(ada, membership), await w.holders()]).toMatchObject(['Expired', [{ id: alan.id }]])
})

test('ordinary roles pay nothing for it', async () => {
  const w = await administered([ada, global])
  w.tenant.give(alan.id, global, 1)
  await w.makeEligible(ada.id)
  const { id } = await w.ask()
  await advance(w.ports, { requestId: id, turn: 2 })
  const asked = () => Promise.reject(new Error('Nobody has to be asked.'))
  Object.assign(w.ports.departures, { read: asked, write: asked })
  w.ports.directory.assignmentsOf = asked
  w.at(at('10:00'))
  await advance(w.ports, { requestId: id, turn: 3 })
  expect(w.row(id).status).toBe('Expired')
})

describe('of the last who end at the same instant, one stays', () => {
  const WHO = [ada, grace, linus]
  const ways: [Person, Role][] = [
    ...WHO.map((person): [Person, Role] => [person, global]),
    [ada, privileged],
    [grace, privileged],
    [grace, membership],
  ]

  test('whatever the interleaving, whatever calls are lost, and however late the tenant shows it', async () => {
    const outcome = fc.constantFrom('fine' as const, 'fine' as const, 'down' as const, 'lost' as const)
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.subarray(ways, { minLength: 2 }),
        fc.array(outcome, { maxLength: 6 }),
        fc.boolean(),
        async (s, activations, outcomes, stale) => {
          const w = await administered(...activations)
          const before = { [GLOBAL]: await w.holders(), [PRIVILEGED]: await w.holders(PRIVILEGED) }
          w.tenant.next.remove.push(...outcomes)
          const { directory, departures, providers } = w.ports
          const late = await directory.assignmentsOf(ADMINISTRATORS)
          const { assignmentsOf } = directory
          // At the worst the list shows what was there when all of this began.
          directory.assignmentsOf = s.scheduleFunction(async (ids) =>
            stale ? late.filter((each) => ids.includes(each.roleDefinitionId)) : assignmentsOf(ids),
          )
          departures.read = s.scheduleFunction(departures.read)
          departures.write = s.scheduleFunction(departures.write)
          providers.directory.remove = s.scheduleFunction(providers.directory.remove)
          const group = providers.group as RoleProvider
          group.remove = s.scheduleFunction(group.remove)

          for (const clock of ['10:00', '10:06', '10:12']) {
            w.at(at(clock))
            const ends = Promise.all(
              activations.flatMap(([person, role]) => [w.ends(person, role), w.ends(person, role)]),
            )
            await s.waitFor(ends)
            for (const id of [GLOBAL, PRIVILEGED])
              if (before[id]?.length) expect(await w.holders(id), clock).not.toEqual([])
          }
          const rows = activations.map(([person, role]) => w.row(w.id(person, role)))
          for (const row of rows.filter((each) => !isOpen(each))) expect(row.status).toBe('Expired')
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)
})

test('a process that dies after it has said who goes keeps nobody for longer than a quarter of an hour', async () => {
  const w = await administered([ada, global], [grace, global])
  const { remove } = w.ports.providers.directory
  w.at(at('10:00'))
  w.ports.providers.directory.remove = () => Promise.reject(new Error('It died.'))
  await w.ends(ada) // said, and never done
  w.ports.providers.directory.remove = remove
  await w.ends(grace)
  expect(w.status(grace)).toBe('PendingRevocation')
  w.at(at('10:16'))
  await w.ends(grace)
  expect([w.status(grace), w.tenant.holds(ada.id, global)]).toEqual(['Expired', true])
})
