import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { createEligibility } from '../../src/api/eligibilities.ts'
import { removeEligibility } from '../../src/api/eligibility-removal.ts'
import { changeRoleSettings } from '../../src/api/role-settings.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { NewEligibility } from '../../src/domain/eligibility.ts'
import { ADMINISTRATORS } from '../../src/domain/role.ts'
import { Rule } from '../../src/domain/role-settings.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  dorothy,
  engineers,
  exchange,
  exchangeRole,
  grace,
  group,
  linus,
  mallory,
  user,
} from '../fakes/people.ts'
import { approvalRule, enablement, world } from '../fakes/world.ts'

const GLOBAL = { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[0] as string }
const forOne = (principalId: string, more: object = {}) =>
  NewEligibility.parse({ principalId, roleDefinitionId: exchange.id, ...more })
const used = (w: ReturnType<typeof world>) =>
  [...w.events.values()]
    .filter(({ id }) => id.startsWith('use-'))
    .map(
      ({ initiatedBy, principal, resultReason }) =>
        `${initiatedBy.displayName}, ${principal.displayName}: ${resultReason}`,
    )

/** Mallory is the account for emergencies, and in the group of engineers. */
function emergency() {
  const w = world()
  w.ports.breakGlass = [mallory.id]
  w.tenant.groups.set(engineers, {
    id: engineers,
    displayName: 'Engineers',
    members: ['inner'],
    isAssignableToRole: true,
  })
  w.tenant.groups.set('inner', { id: 'inner', displayName: 'Inner', members: [mallory.id] })
  return w
}

describe('a break-glass account', () => {
  const refused = { status: 400, code: 'BreakGlassAccount' }

  test('is made eligible by nobody, nor is a group that it is in; each attempt is recorded and found in the trail', async () => {
    const w = emergency()
    await expect(createEligibility(w.ports, caller(alan), forOne(mallory.id))).rejects.toMatchObject(refused)
    await expect(createEligibility(w.ports, caller(alan), forOne(engineers))).rejects.toMatchObject(refused)
    expect(w.eligibilities.size).toBe(0)
    expect(used(w)).toEqual([
      'Alan Turing, Mallory Malone: eligibility asked for: refused',
      'Alan Turing, Engineers: eligibility asked for: refused',
    ])
    const { items } = await w.ports.views.listEvents(
      `person|${mallory.id}`,
      { from: null, to: null },
      { top: 9, after: null },
    )
    expect(items).toHaveLength(1)
    expect(w.logged).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'A break-glass account is concerned.' }),
    )
  })

  test('activates nothing, whatever it was eligible for before it became one', async () => {
    const w = emergency()
    await w.makeEligible(mallory.id)
    await expect(w.ask({}, mallory)).rejects.toMatchObject({ details: [{ code: 'BreakGlassRule' }] })
    expect(used(w)).toEqual(['Mallory Malone, Mallory Malone: activation asked for'])
    await expect(w.ask({ isValidationOnly: true }, mallory)).rejects.toMatchObject({
      details: [{ code: 'BreakGlassRule' }],
    })
    expect(used(w)).toHaveLength(1)
  })

  test('is nothing to hold a role over: neither is anybody made eligible for that, nor does anybody activate it', async () => {
    const w = emergency()
    const scope = `/${mallory.id}`
    await expect(createEligibility(w.ports, caller(alan), forOne(ada.id, { scope }))).rejects.toMatchObject(
      refused,
    )
    await w.makeEligible(ada.id, { ...exchangeRole, scope })
    await expect(w.ask({ scope })).rejects.toMatchObject({ details: [{ code: 'BreakGlassRule' }] })
  })

  test('is given nothing by a request that it made before it became one', async () => {
    const w = world()
    await w.makeEligible(mallory.id)
    const { id } = await w.ask({}, mallory)
    w.ports.breakGlass = [mallory.id]
    await advance(w.ports, { requestId: id, turn: 2 })
    expect(w.row(id)).toMatchObject({
      status: 'Failed',
      failure: { message: expect.stringContaining('BreakGlassRule') },
    })
  })

  test('gives nothing back and loses no eligibility here; what Interim itself gave still ends at its end', async () => {
    const w = world()
    const { id: eligibility } = await w.makeEligible(mallory.id)
    const { id } = await w.ask({}, mallory)
    await advance(w.ports, { requestId: id, turn: 2 })
    w.ports.breakGlass = [mallory.id]
    w.at('2030-01-01T09:30:00.000Z')
    await expect(deactivate(w.ports, w.workflows, caller(mallory), exchangeRole)).rejects.toMatchObject(
      refused,
    )
    await expect(removeEligibility(w.ports, caller(alan), eligibility)).rejects.toMatchObject(refused)
    w.at('2030-01-01T10:00:00.000Z')
    await advance(w.ports, { requestId: id, turn: 3 })
    expect([w.row(id).status, w.tenant.holds(mallory.id, exchangeRole)]).toEqual(['Expired', false])
  })

  test('as the only approver is nobody; beside others it may decide, and that is recorded', async () => {
    const w = emergency()
    await w.makeEligible(ada.id)
    await w.approvalBy(user(mallory.id))
    await expect(w.ask()).rejects.toMatchObject({ details: [{ code: 'ApprovalRule' }] })
    await w.approvalBy(user(mallory.id), user(grace.id))
    const { id } = await w.ask()
    expect(await w.decide({ id }, 'Approve', mallory)).toMatchObject({ status: 'Granted' })
    expect(used(w)).toEqual([`Mallory Malone, Mallory Malone: Approve of ${id}`])
  })

  test('what was recorded of it and never indexed, the sweep indexes', async () => {
    const w = emergency()
    const { indexEvents } = w.ports.views
    w.ports.views.indexEvents = () => Promise.reject(new Error('It died.'))
    await expect(createEligibility(w.ports, caller(alan), forOne(mallory.id))).rejects.toThrow('It died.')
    w.ports.views.indexEvents = indexEvents
    w.at('2030-01-01T09:02:00.000Z')
    await sweep(w.ports, w.workflows)
    const { items } = await w.ports.views.listEvents('all', { from: null, to: null }, { top: 9, after: null })
    expect(items).toMatchObject([{ activityDisplayName: 'Break-glass account concerned' }])
    expect(await w.ports.views.due(new Date('2030-01-02T00:00:00.000Z'), 9)).toEqual([])
  })
})

describe('an administrator who is eligible for a role', () => {
  const strict = async () => {
    const w = world()
    await w.changeRules([approvalRule([user(grace.id)]), enablement('Justification', 'Ticketing')])
    return w
  }
  const change = (w: ReturnType<typeof world>, who: typeof alan, ...rules: Rule[]) =>
    changeRoleSettings(w.ports, caller(who), exchangeRole, { rules })

  test.each(['directly', 'through a group'])(
    'does not loosen what it asks for (%s); another administrator does',
    async (how) => {
      const w = await strict()
      w.tenant.give(linus.id, GLOBAL, 1)
      w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [alan.id] })
      if (how === 'directly') await w.makeEligible(alan.id)
      else await w.makeEligible(engineers, exchangeRole, { principalType: 'Group' })
      await expect(change(w, alan, enablement('Justification'))).rejects.toMatchObject({
        status: 403,
        message: expect.stringContaining('Enablement_EndUser_Assignment'),
      })
      await expect(change(w, alan, approvalRule([group(approversGroup)]))).rejects.toMatchObject({
        status: 403,
      })
      expect((await change(w, linus, enablement('Justification'))).settings.version).toBe(2)
    },
  )

  test.each([
    ['that is eligible for it', false],
    ['by which one joins another that is eligible for it', true],
  ])('nor does one who may join or own a group %s', async (_how, isFurther) => {
    const w = await strict()
    w.tenant.give(linus.id, GLOBAL, 1)
    for (const id of [engineers, approversGroup])
      w.tenant.groups.set(id, { id, displayName: id, members: [], isAssignableToRole: true })
    const relation = (id: string, roleDefinitionId: string) =>
      ({ provider: 'group', roleDefinitionId, scope: `/groups/${id}` }) as const
    await w.makeEligible(engineers, exchangeRole, { principalType: 'Group' })
    const first = isFurther ? approversGroup : engineers
    if (isFurther) await w.makeEligible(first, relation(engineers, 'member'), { principalType: 'Group' })
    for (const [who, how] of [
      [alan, 'member'],
      [linus, 'owner'],
    ] as const) {
      await w.makeEligible(who.id, relation(first, how))
      await expect(change(w, who, enablement('Justification'))).rejects.toMatchObject({ status: 403 })
      const tighter = enablement('Justification', 'Ticketing', 'MultiFactorAuthentication')
      await change(w, who, tighter)
    }
  })

  test('does not make tickets pass that need no approval then, by the first check of them', async () => {
    const w = world()
    const rule = approvalRule([user(grace.id)])
    const autoApproval = [{ description: 'With a ticket', isTicketRequired: true }]
    await w.changeRules([{ ...rule, setting: { ...rule.setting, autoApproval } }])
    await w.makeEligible(alan.id)
    for (const more of [
      { ticketPattern: '.+' },
      { ticketCheck: { targetUrl: 'https://alan.example', timeoutInMilliseconds: 500 } },
    ])
      await expect(
        change(w, alan, Rule.parse({ ...enablement('Justification'), ...more })),
      ).rejects.toMatchObject({ status: 403 })
    const ticketInfo = { ticketNumber: 'X1', ticketSystem: 'none' }
    expect(await w.ask({ ticketInfo }, alan)).toMatchObject({ status: 'PendingApproval' })
  })

  test('nor one who may join more groups than can be looked at', async () => {
    const w = await strict()
    for (let n = 0; n < 201; n++)
      await w.makeEligible(alan.id, { provider: 'group', roleDefinitionId: 'member', scope: `/groups/g${n}` })
    await expect(change(w, alan, enablement('Justification'))).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('more groups than'),
    })
  })

  test('may tighten it, and loosen what is no longer theirs', async () => {
    const w = await strict()
    await w.makeEligible(alan.id, exchangeRole, { endDateTime: '2030-01-01T12:00:00.000Z' })
    const tighter = enablement('Justification', 'Ticketing', 'MultiFactorAuthentication')
    expect((await change(w, alan, tighter)).settings.version).toBe(2)
    await expect(change(w, alan, enablement())).rejects.toMatchObject({ status: 403 })
    w.at('2030-01-01T12:00:00.000Z')
    expect((await change(w, alan, enablement())).settings.version).toBe(3)
  })
})

test('as long as nobody holds such a role, whoever is eligible for it stays so', async () => {
  const w = world()
  const privileged = { ...GLOBAL, roleDefinitionId: ADMINISTRATORS[1] as string }
  const { id } = await w.makeEligible(ada.id, privileged)
  await expect(removeEligibility(w.ports, caller(alan), id)).rejects.toMatchObject({
    code: 'LastAdministrator',
  })
  w.tenant.give(dorothy.id, privileged, 1)
  await removeEligibility(w.ports, caller(alan), id)
  expect(w.eligibilities.size).toBe(0)
})
