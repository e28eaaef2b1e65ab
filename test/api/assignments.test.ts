import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { assignmentsOfPrincipal, assignmentsOfRole } from '../../src/api/assignment-lists.ts'
import { removeAssignment, updateAssignment } from '../../src/api/assignments.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { AdminUpdate } from '../../src/domain/assignment.ts'
import type { Rule } from '../../src/domain/role-settings.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  exchangeRole,
  grace,
  linus,
  mallory,
  user,
} from '../fakes/people.ts'
import { approvalRule, lasting, world } from '../fakes/world.ts'

const at = (clock: string) => `2030-01-01T${clock}:00.000Z`
const DEPLOYER = '33333333-0000-4000-8000-000000000002'
const NOBODY = '00000000-0000-4000-8000-00000000dead'
const base = '#microsoft.graph.unifiedRoleManagementPolicy'
const expires = (isExpirationRequired: boolean, maximumDuration: string): Rule => ({
  '@odata.type': `${base}ExpirationRule`,
  id: 'Expiration_Admin_Assignment',
  isExpirationRequired,
  maximumDuration,
})
const wants = (...enabledRules: ('MultiFactorAuthentication' | 'Justification' | 'Ticketing')[]): Rule => ({
  '@odata.type': `${base}EnablementRule`,
  id: 'Enablement_Admin_Assignment',
  enabledRules,
})
const forGood = { scheduleInfo: { expiration: { type: 'noExpiration' } } }

function contoso() {
  const w = world()
  w.tenant.applications.set(DEPLOYER, { id: DEPLOYER, displayName: 'Contoso Deployer' })
  Object.assign(w.tenant.groups.get(approversGroup) as object, { isAssignableToRole: true })
  const update = (id: string, more: object, who = alan) =>
    updateAssignment(
      w.ports,
      w.workflows,
      caller(who),
      AdminUpdate.parse({ action: 'adminUpdate', targetScheduleId: id, justification: 'CHG-8', ...more }),
    )
  return {
    ...w,
    update,
    step: ({ id }: { id: string }) => advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 }),
    takeAway: (id: string, who = alan) =>
      removeAssignment(w.ports, w.workflows, caller(who), { action: 'adminRemove', targetScheduleId: id }),
    names: (id: string) =>
      [...w.events.values()]
        .filter(({ correlationId }) => correlationId === id)
        .map((e) => `${e.initiatedBy.displayName}: ${e.activityDisplayName}`),
  }
}

describe('assigning', () => {
  test.each([
    ['a person', ada.id, 'User'],
    ['a group', approversGroup, 'Group'],
    ['an application', DEPLOYER, 'ServicePrincipal'],
  ])('%s is given it at once, and loses it at its end', async (_name, principalId, principalType) => {
    const w = contoso()
    const request = await w.assign(principalId, lasting('PT2H'))
    expect(request).toMatchObject({ principalType, createdBy: { id: alan.id }, endsAt: at('11:00') })
    await w.step(request)
    expect(w.tenant.holds(principalId, exchangeRole)).toBe(true)
    w.at(at('11:00'))
    await w.step(request)
    expect(w.tenant.holds(principalId, exchangeRole)).toBe(false)
    expect(w.names(request.id)).toEqual([
      'Alan Turing: Add member to role in PIM requested (timebound)',
      'Interim: Add member to role in PIM completed (timebound)',
      'Interim: Remove member from role in PIM completed (timebound)',
    ])
  })

  test('for good: nothing is waited for, the sweep never looks, and it can be removed', async () => {
    const w = contoso()
    const request = await w.assign(ada.id)
    expect(await w.step(request)).toMatchObject({ until: null, status: 'Provisioned' })
    for (const clock of ['09:05', '09:10', '09:15']) {
      w.at(at(clock))
      await sweep(w.ports, w.workflows)
    }
    expect([...w.views.due.values()]).toEqual([])
    await w.takeAway(request.id)
    await sweep(w.ports, w.workflows)
    w.at(at('09:20'))
    await sweep(w.ports, w.workflows)
    expect([w.row(request.id).status, w.tenant.holds(ada.id, exchangeRole)]).toEqual(['Revoked', false])
    expect(w.names(request.id).slice(1)).toEqual([
      'Interim: Add member to role in PIM completed (permanent)',
      'Alan Turing: Remove member from role in PIM requested (permanent)',
      'Alan Turing: Remove member from role in PIM completed (permanent)',
    ])
  })

  test('that starts later is not given before, and is judged again then', async () => {
    const w = contoso()
    const request = await w.assign(ada.id, lasting('PT1H', at('10:00')))
    expect(await w.step(request)).toMatchObject({ until: at('10:00'), status: 'Granted' })
    await w.changeRules([expires(true, 'PT30M')])
    w.at(at('10:00'))
    await w.step(request)
    expect(w.row(request.id)).toMatchObject({ status: 'Failed' })
    expect(w.row(request.id).failure?.message).toContain('ExpirationRule')
  })

  test('a dry run stores nothing', async () => {
    const w = contoso()
    expect(await w.assign(ada.id, { isValidationOnly: true })).toMatchObject({ status: 'Granted' })
    expect(w.rows.size).toBe(0)
  })

  test.each<[string, object, string, Rule[]]>([
    ['for good where that is not allowed', forGood, 'ExpirationRule', [expires(true, 'P180D')]],
    ['for longer than is allowed', lasting('PT25H'), 'ExpirationRule', [expires(true, 'P1D')]],
    ['without a reason', { justification: ' ' }, 'JustificationRule', []],
    ['without a ticket', {}, 'TicketingRule', [wants('Ticketing')]],
    ['without a second factor', {}, 'MfaRule', [wants('MultiFactorAuthentication')]],
  ])('%s is refused', async (_name, more, rule, rules) => {
    const w = contoso()
    await w.changeRules(rules)
    await expect(w.assign(ada.id, more)).rejects.toMatchObject({
      code: 'RoleAssignmentRequestPolicyValidationFailed',
      message: expect.stringContaining(rule),
    })
    expect(w.rows.size).toBe(0)
  })

  test('a group that may not hold directory roles is refused', async () => {
    const w = contoso()
    Object.assign(w.tenant.groups.get(approversGroup) as object, { isAssignableToRole: false })
    await expect(w.assign(approversGroup)).rejects.toMatchObject({ code: 'GroupNotAssignableToRole' })
  })

  test.each<[string, string, object, string]>([
    ['nobody who is there', NOBODY, {}, 'SubjectNotFound'],
    ['a role that is not there', ada.id, { roleDefinitionId: NOBODY }, 'RoleNotFound'],
    ['four minutes', ada.id, lasting('PT4M'), 'InvalidRoleAssignmentRequestSchedule'],
    [
      'an end that has passed',
      ada.id,
      { scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime: at('08:00') } } },
      'InvalidRoleAssignmentRequestSchedule',
    ],
  ])('%s is refused', async (_name, principalId, more, code) => {
    await expect(contoso().assign(principalId, more)).rejects.toMatchObject({ status: 400, code })
  })

  test('one principal twice to one role is refused, also of two at once', async () => {
    const w = contoso()
    const both = await Promise.allSettled([w.assign(ada.id), w.assign(ada.id)])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(w.assign(ada.id)).rejects.toMatchObject({ code: 'RoleAssignmentExists' })
    await expect(w.assign(ada.id, { isValidationOnly: true })).rejects.toMatchObject({ status: 400 })
  })

  test.each([
    ['somebody with no rights', mallory, ada.id],
    ['an administrator to themselves', alan, alan.id],
    ['an administrator to a group they are in', alan, approversGroup],
  ])('by %s is refused', async (_name, who, principalId) => {
    const w = contoso()
    w.tenant.groups.get(approversGroup)?.members.push(alan.id)
    await expect(w.assign(principalId, {}, who)).rejects.toMatchObject({ status: 403 })
  })
})

describe('what is assigned', () => {
  async function assigned(more: object = lasting('PT2H')) {
    const w = contoso()
    const request = await w.assign(ada.id, more)
    await w.step(request)
    return { ...w, id: request.id, request }
  }

  test('ends when it is moved to end', async () => {
    const w = await assigned()
    w.at(at('09:30'))
    await w.update(w.id, lasting('PT30M'))
    expect(w.row(w.id)).toMatchObject({ startsAt: at('09:00'), endsAt: at('10:00') })
    expect(w.names(w.id).at(-1)).toBe('Alan Turing: Update member in PIM completed (timebound)')
    w.at(at('10:00'))
    await w.step(w.request)
    expect(w.row(w.id).status).toBe('Expired')
  })

  test('is made permanent, and permanent is given an end', async () => {
    const w = await assigned()
    await w.update(w.id, forGood)
    expect(await w.step(w.request)).toMatchObject({ until: null })
    w.at(at('12:00'))
    await sweep(w.ports, w.workflows)
    expect(w.row(w.id)).toMatchObject({ status: 'Provisioned', endsAt: null })
    await w.update(w.id, lasting('PT10M'))
    expect(await w.step(w.request)).toMatchObject({ until: at('12:10') })
    w.at(at('12:10'))
    await w.step(w.request)
    expect(w.row(w.id).status).toBe('Expired')
  })

  test('is extended to a later end only', async () => {
    const w = await assigned()
    await w.update(w.id, { action: 'adminExtend', ...lasting('PT3H') })
    expect(w.row(w.id).endsAt).toBe(at('12:00'))
    expect(w.names(w.id).at(-1)).toBe('Alan Turing: Update member in PIM completed (extend)')
    await expect(w.update(w.id, { action: 'adminExtend', ...lasting('PT1H') })).rejects.toMatchObject({
      code: 'InvalidRoleAssignmentRequestSchedule',
    })
  })

  test('is renewed when it has expired, for thirty days', async () => {
    const w = await assigned()
    await expect(w.update(w.id, { action: 'adminRenew', ...lasting('PT1H') })).rejects.toMatchObject({
      code: 'RoleAssignmentExists',
    })
    w.at(at('11:00'))
    await w.step(w.request)
    const again = await w.update(w.id, { action: 'adminRenew', ...lasting('PT1H') })
    expect(again).toMatchObject({ action: 'adminRenew', endsAt: at('12:00') })
    expect(w.names(again.id)).toEqual(['Alan Turing: Add member to role in PIM requested (renew)'])
    await w.takeAway(again.id)
    expect(w.row(again.id).status).toBe('Canceled')
    w.at('2030-01-31T11:01:00.000Z')
    await expect(w.update(w.id, { action: 'adminRenew', ...lasting('PT1H') })).rejects.toMatchObject({
      code: 'RoleAssignmentDoesNotExist',
    })
  })

  test('is not removed in its first five minutes, nor by who may not', async () => {
    const w = await assigned()
    w.at(at('09:04'))
    await expect(w.takeAway(w.id)).rejects.toMatchObject({ code: 'ActiveDurationTooShort' })
    w.at(at('09:05'))
    await expect(w.takeAway(w.id, mallory)).rejects.toMatchObject({ status: 403 })
    await expect(w.takeAway(w.id, ada)).rejects.toMatchObject({ status: 403 })
    expect(await w.takeAway(w.id)).toMatchObject({ status: 'PendingRevocation' })
    await expect(w.takeAway(w.id)).rejects.toMatchObject({ code: 'RoleAssignmentDoesNotExist' })
  })

  test('and what is activated: an administrator takes both away, and who did is recorded', async () => {
    const w = contoso()
    await w.makeEligible(ada.id)
    const activation = await w.ask()
    await w.step(activation)
    w.at(at('09:04'))
    await expect(w.takeAway(activation.id)).rejects.toMatchObject({ code: 'ActiveDurationTooShort' })
    w.at(at('09:06'))
    await expect(w.takeAway(activation.id, mallory)).rejects.toMatchObject({ status: 403 })
    await w.takeAway(activation.id)
    await w.step(activation)
    expect([w.row(activation.id).status, w.tenant.holds(ada.id, exchangeRole)]).toEqual(['Revoked', false])
    expect(w.names(activation.id).slice(-2)).toEqual([
      'Alan Turing: Remove member from role requested (PIM deactivate)',
      'Alan Turing: Remove member from role completed (PIM deactivate)',
    ])
  })

  test('is not given back as an activation', async () => {
    const w = await assigned()
    w.at(at('09:30'))
    await expect(deactivate(w.ports, w.workflows, caller(ada), exchangeRole)).rejects.toMatchObject({
      code: 'RoleAssignmentDoesNotExist',
    })
  })

  test('is listed by role and by principal, beside what is activated, until it is over', async () => {
    const w = await assigned()
    await w.makeEligible(ada.id)
    const activated = await w.ask()
    await w.step(activated)
    const page = { top: 10, after: null }
    const ids = (found: { id: string }[]) => found.map(({ id }) => id)
    for (const [type, expected] of [
      [null, [w.id, activated.id]],
      ['assigned', [w.id]],
      ['activated', [activated.id]],
    ] as const) {
      expect(ids(await assignmentsOfPrincipal(w.ports, ada.id, type))).toEqual(expected)
      expect(ids((await assignmentsOfRole(w.ports, exchangeRole, type, page)).items)).toEqual(expected)
    }
    w.at(at('12:00'))
    await w.step(activated)
    await w.step(w.request)
    expect((await assignmentsOfRole(w.ports, exchangeRole, null, page)).items).toEqual([])
    await sweep(w.ports, w.workflows)
    expect([...w.views.awaiting.values()]).toEqual([])
  })
})

describe('extending an activation', () => {
  async function active(rules: Rule[] = []) {
    const w = contoso()
    await w.makeEligible(ada.id)
    const first = await w.ask()
    await w.step(first)
    await w.changeRules(rules)
    w.at(at('09:30'))
    const extend = (duration = 'PT1H', more: object = {}) =>
      w.ask({
        action: 'selfExtend',
        scheduleInfo: { expiration: { type: 'afterDuration', duration } },
        ...more,
      })
    return { ...w, first, extend, holds: () => w.tenant.holds(ada.id, exchangeRole) }
  }
  const askedFirst = (): Rule => {
    const rule = approvalRule([user(grace.id)])
    if (!('setting' in rule)) throw new Error('no approval rule')
    return {
      ...rule,
      setting: { ...rule.setting, isApprovalRequired: false, isApprovalRequiredForExtension: true },
    }
  }

  test('goes on without a gap, without a new assignment and with one mail', async () => {
    const w = await active()
    const longer = await w.extend()
    await w.step(longer)
    expect(w.row(longer.id)).toMatchObject({ status: 'Provisioned', guard: 'next', endsAt: at('10:30') })
    w.post.notices.length = 0
    w.at(at('10:00'))
    await w.step(w.first)
    expect([w.row(w.first.id).status, w.holds(), w.post.notices]).toEqual(['Expired', true, []])
    expect(w.tenant.calls.filter((call) => call !== 'find')).toEqual(['add'])
    const evenLonger = await w.extend() // the one that has ended leaves its place
    await w.step(evenLonger)
    w.at(at('10:30'))
    await w.step(longer)
    w.at(at('11:00'))
    expect(w.holds()).toBe(true)
    await w.step(evenLonger)
    expect([w.holds(), w.guards.size]).toEqual([false, 0])
  })

  test('waits for an approval where the role asks for one for extensions only', async () => {
    const w = await active([askedFirst()])
    const longer = await w.extend()
    expect(longer).toMatchObject({ status: 'PendingApproval' })
    w.at(at('09:45'))
    await w.decide(longer, 'Approve')
    await w.step(longer)
    expect(w.row(longer.id)).toMatchObject({ status: 'Provisioned', endsAt: at('10:45') })
    w.at(at('10:00'))
    await w.step(w.first)
    expect(w.holds()).toBe(true)
  })

  test.each([
    ['as the other ends', '10:00', 'PendingApproval'],
    ['a moment later', '10:04', 'PendingApproval'],
    ['after a break', '10:05', 'Granted'],
  ])('so does one asked for in advance that begins %s: at %s', async (_when, start, status) => {
    const w = await active([askedFirst()])
    const [dryRun, next] = [
      await w.ask({ ...lasting('PT1H', at(start)), isValidationOnly: true }),
      await w.ask(lasting('PT1H', at(start))),
    ]
    expect([dryRun.status, next.status]).toEqual([status, status])
  })

  test('which those decide who are approvers by now, as of an extension; what ends first keeps its end', async () => {
    const w = await active([askedFirst()])
    const next = await w.ask(lasting('PT1H', at('10:00')))
    const rule = approvalRule([user(linus.id)])
    const setting = { ...rule.setting, isApprovalRequired: false, isApprovalRequiredForExtension: true }
    await w.changeRules([{ ...rule, setting }])
    await expect(w.decide(next, 'Approve', grace)).rejects.toMatchObject({ status: 403 })
    await w.changeRules([askedFirst()])
    w.at(at('10:00'))
    await w.step(w.first)
    expect(w.holds()).toBe(false)
    await w.decide(next, 'Approve', grace)
    await w.step(next)
    expect(w.row(next.id)).toMatchObject({ status: 'Provisioned', endsAt: at('11:00') })
  })

  test('and what was given in advance, when the settings have come to ask it of extensions, is not given', async () => {
    const w = await active()
    const next = await w.ask(lasting('PT1H', at('10:00')))
    expect(next).toMatchObject({ status: 'Granted' })
    await w.changeRules([askedFirst()])
    w.at(at('10:00'))
    await w.step(w.first)
    await w.step(next)
    expect([w.row(next.id).status, w.holds()]).toEqual(['Failed', false])
  })

  test.each<[string, [string?, object?], string, Rule[]]>([
    ['for more than the maximum from now', ['PT9H'], 'RoleAssignmentRequestPolicyValidationFailed', []],
    ['without a reason', ['PT1H', { justification: '' }], 'RoleAssignmentRequestPolicyValidationFailed', []],
    ['to an earlier end than it has', ['PT20M'], 'InvalidRoleAssignmentRequestSchedule', []],
  ])('%s is refused', async (_name, ask, code, rules) => {
    const w = await active(rules)
    await expect(w.extend(...ask)).rejects.toMatchObject({ code })
  })

  test('twice at once is refused', async () => {
    const w = await active([askedFirst()])
    await w.extend()
    await expect(w.extend()).rejects.toMatchObject({ code: 'RoleAssignmentRequestExists' })
  })

  test('of what is not active is refused', async () => {
    const w = contoso()
    await w.makeEligible(ada.id)
    await expect(
      w.ask({
        action: 'selfExtend',
        scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
      }),
    ).rejects.toMatchObject({ code: 'RoleAssignmentDoesNotExist' })
  })

  test.each([
    ['waits for its approval', [askedFirst()], 'Canceled'],
    ['is given already', [], 'Revoked'],
  ])('ends with the activation that is given back, when it %s', async (_name, rules, status) => {
    const w = await active(rules)
    const longer = await w.extend()
    if (rules.length === 0) await w.step(longer)
    w.at(at('09:40'))
    await deactivate(w.ports, w.workflows, caller(ada), exchangeRole)
    for (const each of [longer, w.first, longer, w.first]) await w.step(each)
    expect([w.row(longer.id).status, w.row(w.first.id).status, w.holds()]).toEqual([status, 'Revoked', false])
  })
})

describe('taken away before it is seen to be given', () => {
  test.each(['down', 'lost'] as const)(
    'it is, though the tenant was %s when it was to be given',
    async (trouble) => {
      const w = contoso()
      w.tenant.next.add.push(trouble)
      const request = await w.assign(ada.id, forGood)
      await expect(w.step(request)).rejects.toThrow()
      expect(w.row(request.id).status).toBe('PendingProvisioning')
      expect(await w.takeAway(request.id)).toMatchObject({ status: 'PendingRevocation' })
      for (const clock of ['09:01', '09:03', '09:06']) {
        w.at(at(clock))
        await w.step(request)
      }
      expect(w.row(request.id).status).toBe('Revoked')
      expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
    },
  )

  test('the reason is kept, also of what had not begun', async () => {
    const w = contoso()
    const { id } = await w.assign(ada.id, {
      scheduleInfo: { startDateTime: at('12:00'), expiration: { type: 'noExpiration' } },
    })
    const why = { action: 'adminRemove' as const, targetScheduleId: id, justification: 'Wrong person.' }
    await removeAssignment(w.ports, w.workflows, caller(alan), why)
    expect([...w.events.values()].at(-1)).toMatchObject({ resultReason: 'Wrong person.' })
  })
})
