import { beforeEach, describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { listAudit } from '../../src/api/audit.ts'
import { refuseUnlessMaySee } from '../../src/api/authority.ts'
import { listIncidents } from '../../src/api/incidents.ts'
import { waitingAnswers, waitingRequests } from '../../src/api/waiting.ts'
import { makeId } from '../../src/domain/ids.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { Person } from '../../src/domain/person.ts'
import type { Role } from '../../src/domain/role.ts'
import {
  ada,
  alan,
  caller,
  dorothy,
  engineers,
  exchangeRole,
  grace,
  linus,
  mallory,
  user,
} from '../fakes/people.ts'
import { approvalRule, lasting, type World, world } from '../fakes/world.ts'

const members: Role = { provider: 'group', roleDefinitionId: 'member', scope: `/groups/${engineers}` }
const others: Role = { ...members, scope: '/groups/22222222-0000-4000-8000-000000000099' }

/** Grace owns the engineers, and nothing else. */
let w: World
beforeEach(() => {
  w = world()
  w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [], owners: [grace.id] })
})
const forbidden = { status: 403, code: 'InsufficientPermissions' }

describe('what is listed of a role', () => {
  test.each<[string, Person, Role | null, boolean]>([
    ['an owner of the group sees', grace, members, true],
    ['an owner of another group does not see', grace, others, false],
    ['an owner of a group does not see', grace, exchangeRole, false],
    ['an owner of a group does not see, of nothing in particular,', grace, null, false],
    ['an administrator sees', alan, members, true],
    ['whoever may look on sees', dorothy, null, true],
    ['somebody else does not see', mallory, members, false],
  ])('%s', async (_, who, role, may) => {
    const asked = refuseUnlessMaySee(w.ports, caller(who), role)
    if (may) await asked
    else await expect(asked).rejects.toMatchObject(forbidden)
  })

  test('of the trail an owner sees what concerns the group, and no other', async () => {
    const page = { top: 9, after: null }
    const assigned = await w.assign(ada.id, { ...members, ...lasting('PT8H') }, grace)
    await advance(w.ports, { requestId: assigned.id, turn: 2 })
    await w.ports.views.indexEvents([...w.events.values()])
    const { items } = await listAudit(w.ports, caller(grace), { role: members }, page)
    expect(items.map(({ correlationId }) => correlationId)).toContain(assigned.id)
    await expect(listAudit(w.ports, caller(grace), { role: others }, page)).rejects.toMatchObject(forbidden)
    await expect(listAudit(w.ports, caller(grace), { role: null }, page)).rejects.toMatchObject(forbidden)
  })
})

describe('incidents of one scope', () => {
  const incident = (n: number, role: Role, state: 'active' | 'acknowledged' = 'active'): Incident => ({
    ...role,
    id: makeId('inc', ada.id, new Date(Date.parse('2030-01-01T09:00:00.000Z') + n), `${n}`.padStart(12, '0')),
    state: 'active',
    principal: { id: `${n}`, displayName: `${n}` },
    principalType: 'User',
    assignmentId: `${n}`,
    roleName: 'Member',
    scopeName: 'Engineers',
    detectedDateTime: '2030-01-01T09:00:00.000Z',
    atFirstLook: false,
    acknowledged: null,
    removal: null,
    resolved: null,
    ...(state === 'acknowledged' && { state }),
  })

  test('are listed page by page for whoever administers it, and no others', async () => {
    for (const n of [1, 2, 3])
      await w.ports.findings.openIncident({ incident: incident(n, members), events: [] })
    await w.ports.findings.openIncident({ incident: incident(4, members, 'acknowledged'), events: [] })
    await w.ports.findings.openIncident({ incident: incident(5, others), events: [] })
    const seen: string[] = []
    for (let after: string | null = null, more = true; more; ) {
      const page = await listIncidents(
        w.ports,
        caller(grace),
        { ...members, state: 'active' },
        { top: 2, after },
      )
      seen.push(...page.items.map(({ principal }) => principal.id))
      after = page.next
      more = after !== null
    }
    expect(seen).toEqual(['3', '2', '1']) // the newest first
    const ask = (more: object, who = grace) =>
      listIncidents(
        w.ports,
        caller(who),
        { provider: 'group', state: 'active', ...more } as Parameters<typeof listIncidents>[2],
        { top: 9, after: null },
      )
    await expect(ask({ scope: others.scope })).rejects.toMatchObject(forbidden)
    await expect(ask({})).rejects.toMatchObject(forbidden)
    await expect(ask({ scope: members.scope, state: 'resolved' })).rejects.toMatchObject({ status: 400 })
    expect((await ask({}, dorothy)).items).toHaveLength(4)
  })
})

describe('the list of what waits for a decision', () => {
  const all = async (who: Person, role: Role | null = null, top = 9) => {
    const items: string[] = []
    for (let after: string | null = null, more = true; more; ) {
      const page = await waitingRequests(w.ports, caller(who), role, { top, after })
      items.push(...page.items.map(({ id }) => id))
      after = page.next
      more = after !== null
    }
    return items
  }

  test('shows everybody’s, the oldest first, and for whom each waits', async () => {
    await w.approvalBy(user(grace.id), user(linus.id))
    const ids: string[] = []
    for (const person of [ada, mallory, dorothy]) {
      await w.makeEligible(person.id)
      ids.push((await w.ask({}, person)).id)
      w.at(`2030-01-01T09:0${ids.length}:00.000Z`)
    }
    expect(await all(alan)).toEqual(ids)
    expect(await all(alan, null, 1)).toEqual(ids) // however small the pages
    expect(await all(dorothy, exchangeRole)).toEqual(ids)
    await expect(all(grace)).rejects.toMatchObject(forbidden)
    const { items } = await waitingRequests(w.ports, caller(alan), null, { top: 1, after: null })
    expect(await waitingAnswers(w.ports, items)).toMatchObject([
      {
        id: ids[0],
        waitsFor: [
          { type: 'User', id: grace.id, displayName: grace.displayName },
          { type: 'User', id: linus.id, displayName: linus.displayName },
        ],
      },
    ])
    await w.decide({ id: ids[1] as string }, 'Deny')
    expect(await all(alan)).toEqual([ids[0], ids[2]])
  })

  test('shows an owner what waits of their group only', async () => {
    const rule = approvalRule([user(linus.id)])
    await w.ports.settings.write(
      { role: members, version: 1, rules: [rule], lastModifiedDateTime: null, lastModifiedBy: null },
      undefined,
      [],
    )
    await w.makeEligible(ada.id, members)
    await w.makeEligible(ada.id)
    await w.approvalBy(user(linus.id))
    const ours = await w.ask({ ...members })
    await w.ask()
    expect(await all(grace, members)).toEqual([ours.id])
    await expect(all(grace, exchangeRole)).rejects.toMatchObject(forbidden)
    expect(await all(alan)).toHaveLength(2)
  })
})
