import { beforeEach, describe, expect, test } from 'vitest'
import { scan } from '../../src/activities/scan.ts'
import { Conversion, convertAll } from '../../src/api/conversions.ts'
import { discover } from '../../src/api/discovery.ts'
import { govern, listGoverned, release } from '../../src/api/governed.ts'
import { dealWith } from '../../src/api/incidents.ts'
import { ADMINISTRATORS, type Role } from '../../src/domain/role.ts'
import { Unavailable } from '../../src/ports.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  dorothy,
  exchangeRole,
  grace,
  helpdeskRole,
  ken,
  linus,
  mallory,
} from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'

let w: World
beforeEach(() => {
  w = world()
})

const YEAR = 365 * 86_400_000
const globalAdministrator: Role = { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[0] as string }
const application = '33333333-0000-4000-8000-000000000001'
const nobody = '99999999-0000-4000-8000-000000000009'
const convert = (action: string, holders: string[], more: object = {}, role = helpdeskRole, who = alan) =>
  convertAll(
    w.ports,
    caller(who),
    Conversion.parse({
      action,
      justification: 'Spring cleaning.',
      items: holders.map((principalId) => ({ principalId, ...role })),
      ...more,
    }),
  )
const outcomes = async (...args: Parameters<typeof convert>) =>
  (await convert(...args)).map(({ outcome, code }) => code ?? outcome)
const eligible = (id: string) =>
  [...w.eligibilities.values()].some((each) => each.principalId === id && each.endDateTime === null)
const stands = (id: string, role = helpdeskRole) => w.tenant.holds(id, role)

describe('standing is turned into eligible', () => {
  beforeEach(() => {
    for (const person of [ada, grace, linus]) w.tenant.give(person.id, helpdeskRole, YEAR)
  })

  test('and repeating it changes nothing', async () => {
    const all = [ada.id, grace.id, linus.id]
    expect(await outcomes('makeEligible', all)).toEqual(['done', 'done', 'done'])
    expect(all.map((id) => [eligible(id), stands(id)])).toEqual(all.map(() => [true, false]))
    const events = [...w.events.keys()]
    expect(await outcomes('makeEligible', all)).toEqual(['already', 'already', 'already'])
    expect([...w.events.keys()]).toEqual(events)
    expect(w.eligibilities.size).toBe(3)
  })

  test('and back, and forth again', async () => {
    await convert('makeEligible', [ada.id])
    w.at('2030-01-01T09:05:00.000Z') // nothing is taken back within its first five minutes
    expect(await outcomes('makeActive', [ada.id])).toEqual(['done'])
    expect([eligible(ada.id), stands(ada.id)]).toEqual([false, true])
    expect(await outcomes('makeActive', [ada.id])).toEqual(['already'])
    expect(await scan(w.ports, w.workflows)).toMatchObject({ gone: 0 })
    const standing = await w.ports.findings.standing(helpdeskRole, ada.id)
    expect(standing?.value.state).toBe('acknowledged') // given back by an administrator: no drift
    expect(await outcomes('makeEligible', [ada.id])).toEqual(['done'])
    expect([eligible(ada.id), stands(ada.id)]).toEqual([true, false])
  })

  test('a dry run says what would be done, and does nothing', async () => {
    for (const action of ['makeEligible', 'remove', 'acknowledge'])
      expect(await outcomes(action, [ada.id], { isValidationOnly: true })).toEqual(['wouldDo'])
    await w.makeEligible(mallory.id, helpdeskRole)
    expect(await outcomes('makeActive', [mallory.id], { isValidationOnly: true })).toEqual(['wouldDo'])
    expect([eligible(ada.id), stands(ada.id), stands(mallory.id)]).toEqual([false, true, false])
    expect([...w.events.keys()]).toEqual([])
  })

  test('what one item cannot be, keeps no other waiting', async () => {
    w.tenant.applications.set(application, { id: application, displayName: 'Deployer' })
    w.tenant.give(application, helpdeskRole, YEAR)
    w.tenant.give(nobody, helpdeskRole, YEAR)
    w.tenant.give(alan.id, helpdeskRole, YEAR)
    expect(await outcomes('makeEligible', [application, nobody, alan.id, mallory.id, ada.id])).toEqual([
      'SubjectTypeNotSupported',
      'SubjectTypeNotSupported',
      'InsufficientPermissions',
      'RoleAssignmentDoesNotExist',
      'done',
    ])
    expect(await outcomes('remove', [application, nobody])).toEqual(['done', 'done'])
    expect([stands(application), stands(nobody)]).toEqual([false, false])
  })

  test('the eligibility comes first: where the removal fails, nobody is without, and repeating it goes on', async () => {
    w.tenant.next.remove.push('down')
    expect(await outcomes('makeEligible', [ada.id])).toEqual(['ServiceUnavailable'])
    expect([eligible(ada.id), stands(ada.id)]).toEqual([true, true])
    expect(await outcomes('makeEligible', [ada.id])).toEqual(['done'])
    expect([eligible(ada.id), stands(ada.id), w.eligibilities.size]).toEqual([true, false, 1])
  })

  test('what was removed and whose answer was lost is closed by the repetition, and as theirs', async () => {
    w.tenant.next.remove.push('lost')
    expect(await outcomes('remove', [ada.id])).toEqual(['ServiceUnavailable'])
    expect(await outcomes('remove', [ada.id])).toEqual(['done'])
    const { items } = await w.ports.findings.incidents('directory', 'resolved', { top: 9, after: null })
    expect(items.map(({ resolved }) => [resolved?.by.id, resolved?.because])).toEqual([[alan.id, 'removed']])
  })

  test('what still shows after it was removed is not called done', async () => {
    w.tenant.lag.millis = 60_000
    expect(await outcomes('remove', [ada.id])).toEqual(['pending'])
    w.at('2030-01-01T09:02:00.000Z')
    expect(await outcomes('remove', [ada.id])).toEqual(['done'])
  })

  test('nobody but an administrator converts anything', async () => {
    for (const action of ['makeEligible', 'makeActive', 'remove', 'acknowledge'])
      expect(await outcomes(action, [ada.id], {}, helpdeskRole, dorothy)).toEqual(['InsufficientPermissions'])
  })

  test('an emergency account is never touched', async () => {
    w.ports.breakGlass = [ada.id]
    expect(await outcomes('remove', [ada.id])).toEqual(['BreakGlassAccount'])
    expect(stands(ada.id)).toBe(true)
  })
})

test('an activation is nobody’s standing assignment: it is neither converted nor removed', async () => {
  await w.makeEligible(ada.id)
  const { id: requestId } = await w.ask()
  const { advance } = await import('../../src/activities/advance.ts')
  await advance(w.ports, { requestId, turn: 2 })
  expect(await outcomes('remove', [ada.id], {}, exchangeRole)).toEqual(['already'])
  expect(await outcomes('makeEligible', [ada.id], {}, exchangeRole)).toEqual(['already'])
  expect(await outcomes('makeActive', [ada.id], {}, exchangeRole)).toEqual(['RoleAssignmentExists'])
  expect(await outcomes('acknowledge', [ada.id], {}, exchangeRole)).toEqual(['RoleAssignmentDoesNotExist'])
  expect(w.tenant.holds(ada.id, exchangeRole)).toBe(true)
})

test('the last Global Administrator who can sign in stays', async () => {
  w.tenant.give(ken.id, globalAdministrator, YEAR) // disabled: he would be nobody left
  w.tenant.give(ada.id, { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[1] as string }, YEAR)
  expect(await outcomes('remove', [alan.id], {}, globalAdministrator, ada)).toEqual(['LastAdministrator'])
  w.tenant.give(grace.id, globalAdministrator, YEAR)
  expect(await outcomes('remove', [alan.id], {}, globalAdministrator, ada)).toEqual(['done'])
})

describe('an incident', () => {
  const open = async () => {
    w.tenant.give(mallory.id, helpdeskRole)
    await scan(w.ports, w.workflows)
    const found = await w.ports.findings.standing(helpdeskRole, mallory.id)
    return found?.value.id as string
  }
  const why = { justification: 'Known since the merger.' }

  test('is accepted with a reason, and is no drift from then on', async () => {
    const id = await open()
    const accepted = await dealWith(w.ports, caller(alan), id, 'acknowledge', why)
    expect(accepted).toMatchObject({ state: 'acknowledged', acknowledged: { by: { id: alan.id }, ...why } })
    expect(w.steps(id).map((step) => step.split('-')[0])).toEqual(['detected', 'acknowledged'])
    expect(await scan(w.ports, w.workflows)).toMatchObject({ found: 0, gone: 0 })
    expect((await dealWith(w.ports, caller(alan), id, 'acknowledge', why)).state).toBe('acknowledged')
  })

  test('is removed, which is recorded as whose deed it was', async () => {
    const id = await open()
    const removed = await dealWith(w.ports, caller(alan), id, 'remove', why)
    expect(removed).toMatchObject({
      state: 'resolved',
      resolved: { because: 'removed', by: { id: alan.id } },
    })
    expect(stands(mallory.id)).toBe(false)
    await expect(dealWith(w.ports, caller(alan), id, 'remove', why)).rejects.toMatchObject({ status: 409 })
  })

  test('is made eligible', async () => {
    const id = await open()
    const made = await dealWith(w.ports, caller(alan), id, 'makeEligible', why)
    expect(made).toMatchObject({ state: 'resolved', resolved: { because: 'madeEligible' } })
    expect([eligible(mallory.id), stands(mallory.id)]).toEqual([true, false])
  })

  test('is nothing that its holder accepts', async () => {
    w.tenant.give(mallory.id, globalAdministrator)
    const id = await open()
    await expect(dealWith(w.ports, caller(mallory), id, 'acknowledge', why)).rejects.toMatchObject({
      status: 403,
    })
  })
})

describe('discovery', () => {
  test('shows what is held, by whom, and what is odd about it', async () => {
    w.tenant.applications.set(application, { id: application, displayName: 'Deployer' })
    for (const id of [application, nobody, ken.id, approversGroup]) w.tenant.give(id, helpdeskRole, YEAR)
    await w.makeEligible(ken.id, helpdeskRole)
    await scan(w.ports, w.workflows)
    const { items } = await discover(w.ports, { provider: 'directory', scope: '/' }, null)
    const shown = items
      .filter(({ roleDefinitionId }) => roleDefinitionId === helpdeskRole.roleDefinitionId)
      .map((each) => [each.principal.displayName, each.flags.join(), each.isEligible, each.incident?.state])
    expect(shown).toEqual([
      ['Deployer', 'servicePrincipal', false, 'active'],
      [null, 'unknownPrincipal', false, 'active'],
      ['Ken Thompson', 'disabled', true, 'active'],
      ['Role Approvers', 'group', false, 'active'],
    ])
    expect(items.every((each) => each.assignmentType === 'standing' && each.isPrivileged)).toBe(true)
  })

  test('tells an activation from what stands', async () => {
    await w.makeEligible(ada.id)
    const { id: requestId } = await w.ask()
    const { advance } = await import('../../src/activities/advance.ts')
    await advance(w.ports, { requestId, turn: 2 })
    const { items } = await discover(w.ports, { provider: 'directory', scope: '/' }, null)
    expect(items.find(({ principal }) => principal.id === ada.id)).toMatchObject({
      assignmentType: 'activated',
      isEligible: true,
      isPrivileged: false,
      lastActivation: '2030-01-01T09:00:00.000Z',
    })
  })
})

test('a scope that is not there is said to be none; one that does not answer may answer later', async () => {
  const away = async () => Promise.reject(new Unavailable('no list'))
  const group = { ...w.tenant.providers.group, held: away }
  const ports = { ...w.ports, providers: { directory: w.ports.providers.directory, group } }
  const nobody = { provider: 'group' as const, scope: '/groups/22222222-0000-4000-8000-00000000dead' }
  await expect(discover(ports, nobody, null)).rejects.toMatchObject({ status: 404 })
  const there = { ...nobody, scope: `/groups/${approversGroup}` }
  await expect(discover(ports, there, null)).rejects.toThrow(Unavailable)
  const unconfigured = {
    provider: 'azure' as const,
    scope: '/subscriptions/00000000-0000-4000-8000-000000000001',
  }
  await expect(discover(ports, unconfigured, null)).rejects.toMatchObject({ status: 404 })
})

describe('a scope is brought under management', () => {
  const unit = '/administrativeUnits/44444444-0000-4000-8000-000000000001'
  const body = { provider: 'directory' as const, scope: unit, justification: null }

  test('once, compared from then on, and let go again', async () => {
    const made = await govern(w.ports, caller(alan), body)
    expect(await govern(w.ports, caller(alan), body)).toEqual(made)
    expect((await listGoverned(w.ports)).items.map(({ scope }) => scope)).toEqual(['/', unit])
    w.tenant.give(mallory.id, { ...helpdeskRole, scope: unit })
    expect(await scan(w.ports, w.workflows)).toMatchObject({ scopes: 2, found: 3 })
    await release(w.ports, caller(alan), body)
    expect((await listGoverned(w.ports)).items.map(({ scope }) => scope)).toEqual(['/'])
    expect(await w.ports.findings.standingAt(body)).toEqual([])
    await expect(release(w.ports, caller(alan), body)).rejects.toMatchObject({ status: 404 })
    expect(w.steps(made.id as string)).toEqual(['onboarded', 'offboarded'])
  })

  test('by one of two who let it go at once: what is recorded is what was done', async () => {
    const { id } = await govern(w.ports, caller(alan), body)
    w.tenant.give(mallory.id, globalAdministrator)
    const both = await Promise.allSettled([alan, mallory].map((who) => release(w.ports, caller(who), body)))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const told = [...w.views.indexed.values()].filter(({ correlationId }) => correlationId === id)
    const [offboarded] = told.filter(({ activityDisplayName }) => /offboard/i.test(activityDisplayName))
    expect(offboarded).toEqual(w.events.get(offboarded?.id as string))
  })

  test('and is not let go by whoever an incident there is about', async () => {
    const owned = { provider: 'group' as const, scope: `/groups/${approversGroup}` }
    w.tenant.groups.set(approversGroup, {
      id: approversGroup,
      displayName: 'Role Approvers',
      members: [],
      owners: [mallory.id],
    })
    await govern(w.ports, caller(alan), { ...owned, justification: null })
    w.tenant.give(mallory.id, { ...owned, roleDefinitionId: 'member' })
    await scan(w.ports, w.workflows)
    await expect(release(w.ports, caller(mallory), owned)).rejects.toMatchObject({ status: 403 })
    expect(await w.ports.findings.standingAt(owned)).toMatchObject([{ state: 'active' }])
    await release(w.ports, caller(alan), owned)
    expect(await w.ports.findings.standingAt(owned)).toEqual([])
  })

  test('by making somebody eligible there', async () => {
    const { createEligibility } = await import('../../src/api/eligibilities.ts')
    const { NewEligibility } = await import('../../src/domain/eligibility.ts')
    const eligibility = { principalId: ada.id, ...helpdeskRole, scope: unit }
    await createEligibility(w.ports, caller(alan), NewEligibility.parse(eligibility))
    expect((await listGoverned(w.ports)).items.map(({ scope }) => scope)).toEqual(['/', unit])
  })

  test('not by just anybody, and the directory itself is never let go', async () => {
    await expect(govern(w.ports, caller(dorothy), body)).rejects.toMatchObject({ status: 403 })
    const directory = { provider: 'directory' as const, scope: '/' }
    await expect(release(w.ports, caller(alan), directory)).rejects.toMatchObject({ status: 400 })
  })
})
