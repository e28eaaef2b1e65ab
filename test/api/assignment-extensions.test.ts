import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { decide } from '../../src/api/approvals.ts'
import { requestAssignmentExtension } from '../../src/api/assignment-extensions.ts'
import { removeAssignment, updateAssignment } from '../../src/api/assignments.ts'
import { awaitingMe } from '../../src/api/awaiting-me.ts'
import { requestExtension } from '../../src/api/extensions.ts'
import { cancelRequest } from '../../src/api/withdrawals.ts'
import type { Review } from '../../src/domain/approval.ts'
import { AdminUpdate } from '../../src/domain/assignment.ts'
import { SelfExtend, SelfExtendAssignment } from '../../src/domain/extension.ts'
import type { Request } from '../../src/domain/request.ts'
import { ada, alan, caller, exchangeRole, grace, mallory } from '../fakes/people.ts'
import { lasting, type World, world } from '../fakes/world.ts'

const DAY = 86_400_000
const NOW = Date.parse('2030-01-01T09:00:00.000Z')
const at = (days: number) => new Date(NOW + days * DAY).toISOString()
const until = (days: number) => ({ expiration: { type: 'afterDateTime' as const, endDateTime: at(days) } })
const steps = async (w: World, { id }: { id: string }) =>
  advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 })

/** Ada holds Exchange Administrator for thirty days, and we look on when so many of them have gone by. */
async function assignedFor30Days(days: number) {
  const w = world()
  const assigned = await w.assign(ada.id, lasting('P30D'))
  await steps(w, assigned)
  w.at(at(days))
  if (days >= 30) await steps(w, assigned)
  const ask = (more: object = {}, who = ada) =>
    requestAssignmentExtension(
      w.ports,
      caller(who),
      SelfExtendAssignment.parse({
        action: days >= 30 ? 'selfRenew' : 'selfExtend',
        targetScheduleId: assigned.id,
        scheduleInfo: until(60),
        justification: 'still on call',
        ...more,
      }),
    )
  const answer = (
    request: Pick<Request, 'id'>,
    reviewResult: Review['reviewResult'],
    by = alan,
    more: Partial<Review> = {},
  ) =>
    decide(
      w.ports,
      w.workflows,
      by,
      request.id,
      { reviewResult, justification: 'looked at it', ...more },
      'api',
    )
  return { w, assigned, ask, answer }
}

const details = (error: unknown) => (error as { details: { code: string }[] }).details.map(({ code }) => code)

describe('the holder of an active assignment', () => {
  test('asks for more time in its last fortnight; an administrator approves, and it lasts longer', async () => {
    const { w, assigned, ask, answer } = await assignedFor30Days(20)
    const asked = await ask()
    expect(asked).toMatchObject({
      status: 'PendingAdminDecision',
      about: 'assignment',
      targetId: assigned.id,
    })
    expect((await awaitingMe(w.ports, alan.id, { top: 9, after: null })).items).toMatchObject([
      { id: asked.id },
    ])
    expect(await answer(asked, 'Approve')).toMatchObject({ status: 'ScheduleCreated', endsAt: at(60) })
    expect(w.row(assigned.id)).toMatchObject({ status: 'Provisioned', endsAt: at(60), changes: 1 })
    expect(w.steps(asked.id)).toEqual(['requested', 'decided'])
    expect(w.events.get(`${assigned.id}.selfExtend-1`)).toMatchObject({
      activityDisplayName: 'Update member in PIM completed (extend)',
      initiatedBy: { id: alan.id },
    })
    w.at(at(30))
    await steps(w, assigned)
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(true)
    w.at(at(60))
    await steps(w, assigned)
    expect([w.tenant.holds(ada.id, exchangeRole), w.guards.size]).toEqual([false, 0])
  })

  test('asks for it again in the thirty days after its end; approved, it is given anew', async () => {
    const { w, assigned, ask, answer } = await assignedFor30Days(31)
    expect(w.row(assigned.id).status).toBe('Expired')
    const asked = await ask()
    await answer(asked, 'Approve')
    const given = [...w.rows.values()].find(({ value }) => value.action === 'adminRenew')?.value as Request
    expect(given).toMatchObject({ status: 'Granted', endsAt: at(60), createdBy: { id: alan.id } })
    await steps(w, given)
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(true)
    expect(w.started.at(-1)).toMatchObject({ requestId: given.id })
  })

  test.each<[string, number, object, string]>([
    ['a fortnight and a day before its end', 15, {}, 'ExpirationRule'],
    ['thirty days after its end', 61, { scheduleInfo: until(90) }, 'ExpirationRule'],
    ['to an end before the one that it has', 20, { scheduleInfo: until(25) }, 'ExpirationRule'],
    ['for longer than the role allows', 20, { scheduleInfo: until(3000) }, 'ExpirationRule'],
    ['without a reason', 20, { justification: ' ' }, 'JustificationRule'],
  ])('asks in vain %s', async (_, days, more, code) => {
    const { w, ask } = await assignedFor30Days(days)
    if (code === 'ExpirationRule' && days === 20)
      await w.changeRules([
        {
          '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
          id: 'Expiration_Admin_Assignment',
          isExpirationRequired: true,
          maximumDuration: 'P180D',
        },
      ])
    const error = await ask(more).catch((thrown: unknown) => thrown)
    expect(details(error)).toContain(code)
  })

  test('is told of nobody else’s, and may not ask to have an activation extended like this', async () => {
    const { w, ask } = await assignedFor30Days(20)
    await expect(ask({}, mallory)).rejects.toMatchObject({ code: 'RoleAssignmentDoesNotExist' })
    await w.makeEligible(grace.id)
    const { id: targetScheduleId } = await w.ask({}, grace)
    await expect(ask({ targetScheduleId }, grace)).rejects.toMatchObject({
      code: 'RoleAssignmentDoesNotExist',
    })
  })

  test('asks once at a time, and may withdraw it; a dry run leaves nothing', async () => {
    const { w, ask } = await assignedFor30Days(20)
    await ask({ isValidationOnly: true })
    const asked = await ask()
    await expect(ask()).rejects.toMatchObject({ code: 'PendingRoleAssignmentRequest' })
    await cancelRequest(w.ports, w.workflows, caller(ada), asked.id)
    expect(w.steps(asked.id)).toEqual(['requested', 'canceled'])
    await ask()
  })

  test('does not decide it, nor does whoever administers nothing', async () => {
    const { ask, answer } = await assignedFor30Days(20)
    const asked = await ask()
    for (const who of [ada, grace])
      await expect(answer(asked, 'Approve', who)).rejects.toMatchObject({ status: 403 })
    expect(await answer(asked, 'Deny')).toMatchObject({ status: 'Denied' })
  })

  test.each(['eligible', 'active'] as const)(
    'is not told that it lasts longer when it was taken away a moment before its end: as %s',
    async (assignmentType) => {
      const { w, assigned, ask, answer } = await assignedFor30Days(29.9)
      const asked = await ask()
      w.at(new Date(Date.parse(at(30)) - 800).toISOString())
      await steps(w, assigned)
      expect(w.row(assigned.id).status).toBe('Expired')
      w.at(new Date(Date.parse(at(30)) - 600).toISOString())
      await expect(answer(asked, 'Approve', alan, { assignmentType })).rejects.toMatchObject({
        status: 400,
        code: 'RoleAssignmentDoesNotExist',
      })
      expect(w.row(assigned.id)).toMatchObject({ status: 'Expired', endsAt: at(30) })
    },
  )

  test('is not answered in time: it ends at its end, and the question with it', async () => {
    const { w, assigned, ask } = await assignedFor30Days(20)
    const asked = await ask()
    for (const day of [26, 30.01]) {
      w.at(at(day))
      await sweep(w.ports, w.workflows)
    }
    expect([w.row(asked.id).status, w.row(assigned.id).status]).toEqual(['TimedOut', 'Expired'])
  })
})

describe('while an extension of an assignment is asked for', () => {
  test('no administrator moves its window: they decide; and to take it away withdraws the question', async () => {
    const { w, assigned, ask } = await assignedFor30Days(20)
    const asked = await ask()
    const move = AdminUpdate.parse({
      action: 'adminExtend',
      targetScheduleId: assigned.id,
      justification: 'why not',
      scheduleInfo: until(90),
    })
    await expect(updateAssignment(w.ports, w.workflows, caller(alan), move)).rejects.toMatchObject({
      code: 'PendingRoleAssignmentRequest',
    })
    await removeAssignment(w.ports, w.workflows, caller(alan), {
      action: 'adminRemove',
      targetScheduleId: assigned.id,
    })
    expect([w.row(asked.id).status, w.row(assigned.id).status]).toEqual(['Canceled', 'PendingRevocation'])
  })
})

describe('whoever approves may give it as the other type', () => {
  test('of an active assignment as an eligibility, which is written with the answer', async () => {
    const { w, assigned, ask, answer } = await assignedFor30Days(20)
    const asked = await ask()
    await answer(asked, 'Approve', alan, { assignmentType: 'eligible' })
    const [eligibility] = [...w.eligibilities.values()]
    expect(eligibility).toMatchObject({
      principalId: ada.id,
      endDateTime: at(60),
      createdBy: { id: alan.id },
    })
    expect([w.row(asked.id).status, w.row(assigned.id).endsAt]).toEqual(['ScheduleCreated', at(30)])
    expect(w.events.get(`${asked.id}.decided`)?.additionalDetails).toContainEqual({
      key: 'givenAs',
      value: eligibility?.id,
    })
  })

  test('of an eligibility as an active assignment, with dates of their own; the eligibility keeps its end', async () => {
    const w = world()
    const { id } = await w.makeEligible(ada.id, exchangeRole, { endDateTime: at(7) })
    const asked = await requestExtension(
      w.ports,
      caller(ada),
      SelfExtend.parse({
        action: 'selfExtend',
        targetScheduleId: id,
        scheduleInfo: until(100),
        justification: 'still on call',
      }),
    )
    const review = {
      reviewResult: 'Approve' as const,
      justification: 'looked at it',
      assignmentType: 'active' as const,
      scheduleInfo: until(3),
    }
    const again = () => decide(w.ports, w.workflows, alan, asked.id, review, 'api')
    await again()
    const given = [...w.rows.values()].find(({ value }) => value.action === 'adminAssign')?.value as Request
    expect(given).toMatchObject({ status: 'Granted', endsAt: at(3), justification: 'looked at it' })
    expect(w.row(asked.id)).toMatchObject({ status: 'ScheduleCreated', endsAt: at(3) })
    expect(w.eligibilities.get(id)?.endDateTime).toBe(at(7))
    expect(w.events.get(`${asked.id}.decided`)?.additionalDetails).toContainEqual({
      key: 'givenAs',
      value: given.id,
    })
    await again() // the same answer twice gives it once
    expect([...w.rows.values()].filter(({ value }) => value.action === 'adminAssign')).toHaveLength(1)
    await steps(w, given)
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(true)
  })

  test('but not what the role’s rules for that type forbid', async () => {
    const { w, ask, answer } = await assignedFor30Days(20)
    await w.changeRules([
      {
        '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
        id: 'Expiration_Admin_Eligibility',
        isExpirationRequired: true,
        maximumDuration: 'P15D',
      },
    ])
    const asked = await ask()
    const error = await answer(asked, 'Approve', alan, { assignmentType: 'eligible' }).catch((e) => e)
    expect(details(error)).toEqual(['ExpirationRule'])
    expect([w.row(asked.id).status, w.eligibilities.size]).toEqual(['PendingAdminDecision', 0])
  })
})
