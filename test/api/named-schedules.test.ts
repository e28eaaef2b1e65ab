import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { requestActivation } from '../../src/api/activations.ts'
import { requestAssignmentExtension } from '../../src/api/assignment-extensions.ts'
import { removeAssignment, updateAssignment } from '../../src/api/assignments.ts'
import { administer } from '../../src/api/eligibilities.ts'
import { requestExtension } from '../../src/api/extensions.ts'
import { SelfActivate } from '../../src/domain/ask.ts'
import { AdminRemove, AdminUpdate } from '../../src/domain/assignment.ts'
import { EligibilityAction } from '../../src/domain/eligibility.ts'
import { SelfExtend, SelfExtendAssignment } from '../../src/domain/extension.ts'
import { ada, alan, caller, exchangeRole, grace, helpdeskRole, mallory } from '../fakes/people.ts'
import { lasting, type World, world } from '../fakes/world.ts'

/** As Graph names what is meant: by whose it is, of which role; provider and scope where they are not the directory's. */
const { roleDefinitionId } = exchangeRole
const adas = { principalId: ada.id, roleDefinitionId }
const DAY = 86_400_000
const NOW = Date.parse('2030-01-01T09:00:00.000Z')
const at = (days: number) => new Date(NOW + days * DAY).toISOString()
const until = (days: number) => ({ expiration: { type: 'afterDateTime' as const, endDateTime: at(days) } })
const none = { name: 'Refused', status: 400, code: 'RoleAssignmentDoesNotExist' }
const forbidden = { name: 'Refused', status: 403 }

describe('an eligibility, named by its principal and role', () => {
  const act = (w: World, action: string, more: object = {}, who = alan) =>
    administer(w.ports, caller(who), EligibilityAction.parse({ action, ...adas, ...more }))

  const MOVES = ['adminUpdate', 'adminExtend']
  const current = (w: World) =>
    w.makeEligible(ada.id, exchangeRole, { startDateTime: at(-1), endDateTime: at(10) })
  const toCome = (w: World) =>
    w.makeEligible(ada.id, exchangeRole, { startDateTime: at(30), endDateTime: at(60) })
  const justEnded = (w: World) =>
    w.makeEligible(ada.id, exchangeRole, { startDateTime: at(-8), endDateTime: at(-2) })
  const endedBefore = (w: World) =>
    w.makeEligible(ada.id, exchangeRole, { startDateTime: at(-20), endDateTime: at(-9) })
  const several = { name: 'Refused', status: 400, code: 'InvalidRoleAssignmentRequest' }

  test.each(MOVES)('%s moves the one that is current, whatever has ended before', async (action) => {
    const w = world()
    await endedBefore(w)
    const { id } = await current(w)
    expect(await act(w, action, { scheduleInfo: until(20) })).toMatchObject({ id, endDateTime: at(20) })
  })

  test.each(MOVES)('%s moves one to come where there is no other', async (action) => {
    const w = world()
    const { id } = await toCome(w)
    expect(await act(w, action, { scheduleInfo: until(90) })).toMatchObject({ id, endDateTime: at(90) })
  })

  test('adminRenew takes up the one that has ended', async () => {
    const w = world()
    const { id } = await justEnded(w)
    expect(await act(w, 'adminRenew', { scheduleInfo: until(20) })).toMatchObject({ id })
  })

  test.each<[string, ((w: World) => Promise<{ id: string }>)[], string[]]>([
    ['one that is current and one to come', [current, toCome], [...MOVES, 'adminRemove']],
    ['one that has just ended and one to come', [justEnded, toCome], [...MOVES, 'adminRemove']],
    ['two that have ended', [endedBefore, justEnded], ['adminRenew']],
  ])('of %s none is meant, and the answer has their ids', async (_what, made, actions) => {
    const w = world()
    const ids: string[] = []
    for (const make of made) ids.push((await make(w)).id)
    w.at(at(0.01))
    for (const action of actions) {
      const more = action === 'adminRemove' ? {} : { scheduleInfo: until(90) }
      const refusal = await act(w, action, more).catch((error) => error)
      expect(refusal).toMatchObject({ ...several, details: [{ target: 'targetScheduleId' }] })
      for (const id of ids) expect(refusal.message).toContain(id)
    }
    const { eligibilities } = await w.ports.store.readLive(ada.id)
    expect(eligibilities.map(({ id }) => id).sort()).toEqual([...ids].sort())
  })

  test('adminRemove that is sent again takes nothing more away', async () => {
    const w = world()
    await endedBefore(w)
    const { id } = await current(w)
    w.at(at(1))
    expect(await act(w, 'adminRemove')).toMatchObject({ id })
    await expect(act(w, 'adminRemove')).rejects.toMatchObject(none)
  })

  test('what has ended is neither moved nor removed by name', async () => {
    const w = world()
    await w.makeEligible(ada.id, exchangeRole, { startDateTime: at(-20), endDateTime: at(-9) })
    await expect(act(w, 'adminUpdate', { scheduleInfo: until(20) })).rejects.toMatchObject(none)
    await expect(act(w, 'adminRemove')).rejects.toMatchObject(none)
  })

  test.each<[string, object]>([
    ['principalId', { principalId: grace.id }],
    ['roleDefinitionId', { roleDefinitionId: helpdeskRole.roleDefinitionId }],
    ['provider', { provider: 'azure' }],
    ['scope', { scope: '/administrativeUnits/99999999-0000-4000-8000-000000000001' }],
  ])('an id with the %s of another is refused, and nothing is changed', async (target, more) => {
    const w = world()
    const { id } = await current(w)
    const body = { action: 'adminUpdate', targetScheduleId: id, ...more, scheduleInfo: until(20) }
    const asked = administer(w.ports, caller(alan), EligibilityAction.parse(body))
    await expect(asked).rejects.toMatchObject({ ...several, details: [{ target }] })
    expect((await w.ports.store.findEligibility(id))?.value.endDateTime).toBe(at(10))
  })

  test('an id with what agrees, all of it or a part, is that', async () => {
    const w = world()
    const { id } = await current(w)
    const agreeing = [adas, { principalId: ada.id }, { roleDefinitionId }, exchangeRole, { scope: '/' }, {}]
    for (const [n, more] of agreeing.entries()) {
      const body = { action: 'adminUpdate', targetScheduleId: id, ...more, scheduleInfo: until(20 + n) }
      expect(await administer(w.ports, caller(alan), EligibilityAction.parse(body))).toMatchObject({ id })
    }
  })

  test.each([
    ['adminRemove', {}],
    ['adminUpdate', { scheduleInfo: until(20) }],
  ])('%s of a break-glass account is refused as that, also where it has nothing', async (action, more) => {
    const w = world()
    w.ports.breakGlass = [ada.id]
    await expect(act(w, action, more)).rejects.toMatchObject({ code: 'BreakGlassAccount' })
  })

  test('whoever does not administer the role is told the same, whether there is one or not', async () => {
    const w = world()
    const missing = act(w, 'adminRemove', {}, mallory)
    await expect(missing).rejects.toMatchObject(forbidden)
    const { id } = await w.makeEligible(ada.id, exchangeRole, { endDateTime: at(10) })
    await expect(act(w, 'adminRemove', {}, mallory)).rejects.toMatchObject(forbidden)
    await expect(
      act(w, 'adminRemove', { targetScheduleId: id, principalId: grace.id }, mallory),
    ).rejects.toMatchObject(forbidden)
  })

  test('its principal asks for more of their own, and finds nobody else’s', async () => {
    const w = world()
    const { id } = await w.makeEligible(ada.id, exchangeRole, { endDateTime: at(10) })
    const body = SelfExtend.parse({
      action: 'selfExtend',
      roleDefinitionId,
      scheduleInfo: until(20),
      justification: 'still on call',
    })
    expect(await requestExtension(w.ports, caller(ada), body)).toMatchObject({ eligibilityId: id })
    await expect(requestExtension(w.ports, caller(grace), body)).rejects.toMatchObject(none)
    const asAda = { ...body, principalId: ada.id }
    await expect(requestExtension(w.ports, caller(grace), asAda)).rejects.toMatchObject(forbidden)
  })
})

describe('an active assignment, named by its principal and role', () => {
  const remove = (w: World, more: object = {}, who = alan) =>
    removeAssignment(
      w.ports,
      w.workflows,
      caller(who),
      AdminRemove.parse({ action: 'adminRemove', ...adas, ...more }),
    )
  const update = (w: World, action: string, days: number) =>
    updateAssignment(
      w.ports,
      w.workflows,
      caller(alan),
      AdminUpdate.parse({ action, ...adas, scheduleInfo: until(days), justification: 'CHG-8' }),
    )
  const step = (w: World, { id }: { id: string }) =>
    advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 })
  const activate = async (w: World) => {
    await w.makeEligible(ada.id, exchangeRole, {})
    const body = SelfActivate.parse({
      action: 'selfActivate',
      roleDefinitionId,
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
      justification: 'mail is not delivered',
    })
    return requestActivation(w.ports, w.workflows, caller(ada), body)
  }

  test('its end is moved; when it has expired it is given anew', async () => {
    const w = world()
    const assigned = await w.assign(ada.id, lasting('P30D'))
    await step(w, assigned)
    expect(await update(w, 'adminExtend', 40)).toMatchObject({ id: assigned.id, endsAt: at(40) })
    w.at(at(41))
    await step(w, assigned)
    await expect(update(w, 'adminExtend', 60)).rejects.toMatchObject(none)
    expect(await update(w, 'adminRenew', 60)).toMatchObject({ action: 'adminRenew', endsAt: at(60) })
  })

  test('it is taken away, and what was activated beside it stays, also when that is sent again', async () => {
    const w = world()
    const assigned = await w.assign(ada.id, lasting('P30D'))
    await step(w, assigned)
    const activated = await activate(w)
    await step(w, activated)
    w.at(new Date(NOW + 10 * 60_000).toISOString())
    expect(await remove(w)).toMatchObject({ id: assigned.id })
    await expect(remove(w)).rejects.toMatchObject(none)
    await step(w, assigned)
    await expect(remove(w)).rejects.toMatchObject(none)
    expect(w.row(activated.id).status).toBe('Provisioned')
    expect(await remove(w, { targetScheduleId: activated.id })).toMatchObject({ id: activated.id })
  })

  test('what was taken away since is not renewed by name, nor what expired before it', async () => {
    const w = world()
    const first = await w.assign(ada.id, lasting('PT1H'))
    await step(w, first)
    w.at(at(1))
    await step(w, first)
    await step(w, await w.assign(ada.id, lasting('P30D')))
    await expect(update(w, 'adminRenew', 60)).rejects.toMatchObject({ code: 'RoleAssignmentExists' })
    w.at(at(2))
    await step(w, await remove(w))
    await expect(update(w, 'adminRenew', 60)).rejects.toMatchObject(none)
  })

  test('whoever does not administer the role is told the same, whether there is one or not', async () => {
    const w = world()
    await expect(remove(w, {}, mallory)).rejects.toMatchObject(forbidden)
    await step(w, await w.assign(ada.id, lasting('P30D')))
    await expect(remove(w, {}, mallory)).rejects.toMatchObject(forbidden)
  })

  test('its holder asks for more of their own', async () => {
    const w = world()
    const assigned = await w.assign(ada.id, lasting('P30D'))
    await step(w, assigned)
    w.at(at(20))
    const body = SelfExtendAssignment.parse({
      action: 'selfExtend',
      ...adas,
      scheduleInfo: until(60),
      justification: 'still on call',
    })
    expect(await requestAssignmentExtension(w.ports, caller(ada), body)).toMatchObject({
      targetId: assigned.id,
    })
    await expect(requestAssignmentExtension(w.ports, caller(grace), body)).rejects.toMatchObject(forbidden)
    const own = { ...body, principalId: grace.id }
    await expect(requestAssignmentExtension(w.ports, caller(grace), own)).rejects.toMatchObject(none)
  })
})

describe('half a name is refused, and what is missing is said', () => {
  const schedule = { scheduleInfo: until(20) }
  test.each<[string, object, string]>([
    ['nothing', {}, 'targetScheduleId'],
    ['a principal', { principalId: ada.id }, 'targetScheduleId'],
    ['a role', { roleDefinitionId }, 'principalId'],
    ['a principal and a scope', { principalId: ada.id, scope: '/' }, 'targetScheduleId'],
    [
      'a group’s role in the directory',
      { principalId: ada.id, roleDefinitionId: 'member' },
      'roleDefinitionId',
    ],
  ])('%s', (_what, named, field) => {
    const { error } = EligibilityAction.safeParse({ action: 'adminUpdate', ...named, ...schedule })
    expect(error?.issues.map(({ path }) => path.join('.'))).toContain(field)
    const removal = EligibilityAction.safeParse({ action: 'adminRemove', ...named })
    expect(removal.error?.issues.map(({ path }) => path.join('.'))).toContain(field)
  })
})
