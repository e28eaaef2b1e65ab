import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { requestActivation } from '../../src/api/activations.ts'
import { decide } from '../../src/api/approvals.ts'
import { awaitingMe } from '../../src/api/awaiting-me.ts'
import { myRoles } from '../../src/api/my-roles.ts'
import { getRequest, listRequests } from '../../src/api/requests.ts'
import { cancelRequest, deactivate } from '../../src/api/withdrawals.ts'
import { heldKey, waitingKey } from '../../src/domain/open-work.ts'
import { Unavailable } from '../../src/ports.ts'
import { asking } from '../fakes/asking.ts'
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
  helpdesk,
  helpdeskRole,
  linus,
  mallory,
  user,
} from '../fakes/people.ts'
import { approvalRule, body, enablement, lasting, world } from '../fakes/world.ts'

async function eligible() {
  const w = world()
  await w.makeEligible(ada.id)
  return w
}
const at = (clock: string) => `2030-01-01T${clock}:00.000Z`
const refused = (status: number, code: string) => ({ name: 'Refused', status, code })

describe('asking', () => {
  test('opens a request, lists it, tells of it and starts its workflow', async () => {
    const w = await eligible()
    await w.approvalBy(user(grace.id))
    const request = await w.ask()
    expect(w.row(request.id)).toEqual(request)
    expect(w.started).toMatchObject([{ requestId: request.id, turn: 1 }])
    expect(w.post.notices.map(({ events }) => events.length)).toEqual([2])
    expect(w.views.due.size).toBe(1)
  })

  test('what is given at once is told when it has been given', async () => {
    const w = await eligible()
    const request = await w.ask()
    expect(w.row(request.id)).toEqual(request)
    expect(request).toMatchObject({ status: 'Granted', startsAt: at('09:00'), endsAt: at('10:00'), turn: 1 })
    expect(w.started).toEqual([{ requestId: request.id, turn: 1, until: at('09:00') }])
    expect([w.post.notices, w.views.indexed.size]).toEqual([[], 0])
    expect(w.views.due.size).toBe(1)
  })

  test('where the role asks for an approval: the time is counted from that', async () => {
    const w = await eligible()
    await w.approvalBy(user(grace.id))
    const request = await w.ask()
    expect(request).toMatchObject({ status: 'PendingApproval', startsAt: null, endsAt: null })
    expect([...w.views.awaiting.values()]).toEqual([
      { key: `user-${grace.id}`, id: request.id },
      { key: heldKey(exchangeRole), id: request.id },
      { key: waitingKey(null), id: request.id },
      { key: waitingKey(exchangeRole), id: request.id },
      { key: 'pending-directory', id: request.id },
    ])
  })

  test.each([
    [
      'by its end',
      { scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime: at('11:00') } } },
      at('09:00'),
      at('11:00'),
    ],
    ['by its start', lasting('PT1H', at('12:00')), at('12:00'), at('13:00')],
  ])(
    'with an approval, and fixed %s: the time is counted from there',
    async (_name, ask, startsAt, endsAt) => {
      const w = await eligible()
      await w.approvalBy(user(grace.id))
      const request = await w.ask(ask)
      expect(request).toMatchObject({ startsAt, endsAt })
      w.at(at('10:30'))
      expect(await w.decide(request, 'Approve')).toMatchObject({ endsAt })
    },
  )

  test('a dry run answers as the real one would, and leaves nothing', async () => {
    const w = await eligible()
    expect(await w.ask({ isValidationOnly: true })).toMatchObject({ status: 'Granted' })
    expect([w.rows.size, w.events.size, w.views.due.size, w.started, w.post.notices]).toEqual([
      0,
      0,
      0,
      [],
      [],
    ])
    await expect(w.ask({ isValidationOnly: true, ...lasting('P2D') })).rejects.toMatchObject(
      refused(400, 'RoleAssignmentRequestPolicyValidationFailed'),
    )
  })

  test('is refused with every rule that failed, in Microsoft’s words, and leaves nothing', async () => {
    const w = world()
    const attempt = w.ask({ justification: ' ', ...lasting('P2D') })
    await expect(attempt).rejects.toMatchObject({
      ...refused(400, 'RoleAssignmentRequestPolicyValidationFailed'),
      message: 'The following policy rules failed: ["EligibilityRule","ExpirationRule","JustificationRule"]',
      details: [
        { code: 'EligibilityRule' },
        { code: 'ExpirationRule' },
        { code: 'JustificationRule', target: 'justification' },
      ],
    })
    expect([w.rows.size, w.views.due.size, w.started]).toEqual([0, 0, []])
  })

  test('for somebody else is refused', async () => {
    const w = await eligible()
    await expect(w.ask({ principalId: grace.id })).rejects.toMatchObject(
      refused(400, 'InvalidRoleAssignmentRequest'),
    )
  })

  test('is allowed through a group that one is an active member of, nested or not', async () => {
    const w = world()
    w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [approversGroup] })
    await w.makeEligible(engineers, exchangeRole, { principalType: 'Group' })
    await expect(w.ask()).rejects.toMatchObject({ status: 400 })
    expect(await w.ask({}, grace)).toMatchObject({ status: 'Granted' })
  })

  test('where nobody but oneself could approve is refused, never approved', async () => {
    for (const approvers of [
      [user(ada.id)],
      [group(engineers)],
      [user('00000000-0000-4000-8000-00000000dead')],
    ]) {
      const w = await eligible()
      w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [ada.id] })
      await w.approvalBy(...approvers)
      await expect(w.ask()).rejects.toMatchObject({ details: [{ code: 'ApprovalRule' }] })
    }
  })

  test.each([
    ['a client that can answer is challenged', true, 401],
    ['another is told', false, 400],
  ])('without a second factor: %s', async (_name, canAnswerClaims, status) => {
    const w = await eligible()
    await w.changeRules([enablement('MultiFactorAuthentication')])
    await expect(
      requestActivation(w.ports, w.workflows, caller(ada, { canAnswerClaims }), body()),
    ).rejects.toMatchObject({
      status,
      code: 'RoleAssignmentRequestPolicyValidationFailed',
      claims: status === 401 ? '{"access_token":{"amr":{"values":["mfa"]}}}' : null,
    })
    const strong = caller(ada, { proof: { mfa: true, contexts: [] } })
    expect(await requestActivation(w.ports, w.workflows, strong, body())).toMatchObject({ status: 'Granted' })
  })

  test('twice for one role is refused, in the words for each case', async () => {
    const w = await eligible()
    const first = await w.ask(lasting('PT1H', at('12:00')))
    await expect(w.ask()).rejects.toMatchObject(refused(400, 'RoleAssignmentRequestExists'))
    w.at(at('12:00'))
    await advance(w.ports, { requestId: first.id, turn: 2 })
    await expect(w.ask()).rejects.toMatchObject(refused(400, 'RoleAssignmentExists'))
    await w.makeEligible(ada.id, helpdeskRole)
    expect(await w.ask({ roleDefinitionId: helpdesk.id })).toMatchObject({ status: 'Granted' })
  })

  test('twice at one instant: one is opened, and the other’s lists are taken back', async () => {
    const w = await eligible()
    const attempts = await Promise.allSettled([w.ask(), w.ask(), w.ask()])
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect([w.rows.size, w.started.length, w.views.due.size]).toEqual([1, 1, 1])
  })

  test.each(['outbox', 'workflows'] as const)('with the %s away: it is made, and answered', async (room) => {
    const w = await eligible()
    await w.approvalBy(user(grace.id))
    const away = () => Promise.reject(new Unavailable('away'))
    if (room === 'outbox') w.ports.outbox.send = away
    else w.workflows.start = away
    expect(await w.ask()).toMatchObject({ status: 'PendingApproval' })
    expect(w.logged).toMatchObject([{ level: 'warn' }])
  })
})

describe('deciding', () => {
  async function pending() {
    const w = await eligible()
    await w.approvalBy(group(approversGroup))
    return { ...w, request: await w.ask() }
  }

  test('is written with its event, told, and announced to the turn in the row', async () => {
    const w = await pending()
    w.at(at('09:30'))
    const decided = await w.decide(w.request, 'Approve')
    expect(decided).toMatchObject({ status: 'Granted', startsAt: at('09:30'), endsAt: at('10:30') })
    expect(w.announced).toEqual([{ requestId: w.request.id, turn: 1 }])
    expect(await awaitingMe(w.ports, grace.id, { top: 10, after: null })).toEqual({ items: [], next: null })
    expect(w.steps(w.request.id)).toContain('decided')
  })

  test('gives nothing beyond the end that was shown, whatever duration was asked for with a start that is past', async () => {
    const w = await asking([[[user(grace.id)]]])
    const request = await w.ask(lasting('PT8H', at('01:10')))
    await w.mailed()
    const mail = w.post.mails.find(({ to }) => to.id === grace.id)?.text
    expect(mail).toMatch(/Until: .*09:10 UTC\n(?:.*\n)*How long: 10 min/)
    w.at(at('09:02'))
    const window = { startsAt: at('09:02'), endsAt: at('09:10') }
    expect(await w.decide(request, 'Approve')).toMatchObject({ status: 'Granted', ...window })
    await w.step(request)
    expect(w.row(request.id)).toMatchObject({ status: 'Provisioned', ...window })
  })

  test('silence gives nothing beyond it either', async () => {
    const stage = { timeOutAction: 'Approve', approvalStageTimeOutInMinutes: 5 }
    const w = await asking([[[user(grace.id)], stage]])
    w.tenant.definitions.set(exchangeRole.roleDefinitionId, { ...exchange, isPrivileged: false })
    const request = await w.ask(lasting('PT4H', at('06:00')))
    w.at(at('09:05'))
    await w.step(request)
    expect(w.row(request.id)).toMatchObject({ status: 'Provisioned', endsAt: at('10:00') })
  })

  test('what was let in with a start that is past is given: at the start it is as short as it was', async () => {
    const w = world()
    await w.makeEligible(ada.id, exchangeRole, { endDateTime: at('10:00') })
    const request = await w.ask(lasting('PT4H', at('06:00')))
    await advance(w.ports, { requestId: request.id, turn: 1 })
    expect(w.row(request.id)).toMatchObject({ status: 'Provisioned', failure: null, endsAt: at('10:00') })
  })

  test('a start that was ahead and is past by the approval: it begins then, and ends where it would have', async () => {
    const w = await asking([[[user(grace.id)]]])
    const request = await w.ask(lasting('PT2H', at('10:00')))
    w.at(at('10:30'))
    const window = { startsAt: at('10:30'), endsAt: at('12:00') }
    expect(await w.decide(request, 'Approve')).toMatchObject(window)
    await w.step(request)
    expect(w.row(request.id)).toMatchObject({ status: 'Provisioned', ...window })
  })

  test.each<[string, (w: Awaited<ReturnType<typeof pending>>) => Promise<unknown>, number, string]>([
    ['the requester', (w) => w.decide(w.request, 'Approve', ada), 403, 'InsufficientPermissions'],
    ['a stranger', (w) => w.decide(w.request, 'Approve', mallory), 403, 'InsufficientPermissions'],
    [
      'an administrator who is no approver',
      (w) => w.decide(w.request, 'Approve', alan),
      403,
      'InsufficientPermissions',
    ],
    ['an approver of nothing', (w) => w.decide({ id: 'req-x' }, 'Approve'), 404, 'ResourceNotFound'],
    [
      'an approver who left the group',
      async (w) => {
        w.tenant.groups.get(approversGroup)?.members.splice(0)
        await w.decide(w.request, 'Approve')
      },
      403,
      'InsufficientPermissions',
    ],
    [
      'an approver whose account is disabled',
      async (w) => {
        w.tenant.people.set(grace.id, { ...grace, accountEnabled: false })
        await w.decide(w.request, 'Approve')
      },
      403,
      'InsufficientPermissions',
    ],
    [
      'an approver taken off the list since',
      async (w) => {
        await w.changeRules([approvalRule([user(linus.id)])])
        await w.decide(w.request, 'Approve')
      },
      403,
      'InsufficientPermissions',
    ],
    [
      'an approver put on the list since',
      async (w) => {
        await w.changeRules([approvalRule([group(approversGroup), user(mallory.id)])])
        await w.decide(w.request, 'Approve', mallory)
      },
      403,
      'InsufficientPermissions',
    ],
    [
      'an approver without a reason',
      (w) =>
        decide(
          w.ports,
          w.workflows,
          grace,
          w.request.id,
          { reviewResult: 'Approve', justification: ' ' },
          'api',
        ),
      400,
      'RoleAssignmentRequestPolicyValidationFailed',
    ],
    [
      'an approver, too late',
      async (w) => {
        w.at(at('13:00'))
        await w.decide(w.request, 'Approve')
      },
      409,
      'RoleAssignmentRequestNotPending',
    ],
    [
      'an approver, when the requester is not eligible any more',
      async (w) => {
        w.eligibilities.clear()
        await w.decide(w.request, 'Approve')
      },
      400,
      'RoleAssignmentRequestPolicyValidationFailed',
    ],
    [
      'an approver, when the requester is disabled',
      async (w) => {
        w.tenant.people.set(ada.id, { ...ada, accountEnabled: false })
        await w.decide(w.request, 'Approve')
      },
      400,
      'RoleAssignmentRequestPolicyValidationFailed',
    ],
    [
      'an approver of a canceled one',
      async (w) => {
        await cancelRequest(w.ports, w.workflows, caller(ada), w.request.id)
        w.announced.splice(0)
        await w.decide(w.request, 'Approve')
      },
      409,
      'RoleAssignmentRequestNotPending',
    ],
  ])('is refused to %s, and changes nothing', async (_who, attempt, status, code) => {
    const w = await pending()
    await expect(attempt(w)).rejects.toMatchObject(refused(status, code))
    expect(w.row(w.request.id).approval?.decision).toBeNull()
    expect(w.announced).toEqual([])
  })

  test('to deny is allowed though the requester could not be approved any more', async () => {
    const w = await pending()
    w.eligibilities.clear()
    expect(await w.decide(w.request, 'Deny')).toMatchObject({ status: 'Denied' })
  })

  test('the same by the same person again is answered, and moves nothing', async () => {
    const w = await pending()
    const first = await w.decide(w.request, 'Approve')
    w.at(at('09:30'))
    expect(await w.decide(w.request, 'Approve')).toEqual(first)
  })

  test.each([
    ['approved, by another', 'Approve', 'Approve', linus],
    ['denied, by another', 'Approve', 'Deny', linus],
    ['denied, by the same', 'Approve', 'Deny', grace],
    ['approved, after it was denied', 'Deny', 'Approve', grace],
  ] as const)('once decided is decided: not %s', async (_name, first, second, who) => {
    const w = await pending()
    const decided = await w.decide(w.request, first)
    await expect(w.decide(w.request, second, who)).rejects.toMatchObject(
      refused(409, `RoleAssignmentRequest${first === 'Approve' ? 'AlreadyApproved' : 'NotPending'}`),
    )
    expect(w.row(w.request.id)).toEqual(decided)
  })

  test('two at one instant: one decides, the other hears who', async () => {
    const w = await pending()
    const attempts = await Promise.allSettled([
      w.decide(w.request, 'Approve', grace),
      w.decide(w.request, 'Deny', linus),
    ])
    expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(attempts.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { status: 409 } })
    expect(w.steps(w.request.id).filter((step) => step === 'decided')).toHaveLength(1)
  })

  test('what awaits me is what I may decide, and nothing of my own', async () => {
    const w = await pending()
    await w.ports.views.noteGroups([approversGroup])
    w.tenant.groups.get(approversGroup)?.members.push(ada.id)
    const waits = async (who: string) => {
      const { items } = await awaitingMe(w.ports, who, { top: 10, after: null })
      return items.map(({ id }) => id)
    }
    expect(await waits(grace.id)).toEqual([w.request.id])
    expect([await waits(ada.id), await waits(mallory.id)]).toEqual([[], []])
    await w.decide(w.request, 'Deny')
    expect(await waits(grace.id)).toEqual([])
  })
})

describe('withdrawing', () => {
  test.each([
    ['the requester', ada],
    ['an administrator', alan],
  ])('by %s', async (_who, who) => {
    const w = await eligible()
    const { id } = await w.ask(lasting('PT1H', at('12:00')))
    expect(await cancelRequest(w.ports, w.workflows, caller(who), id)).toMatchObject({ status: 'Canceled' })
    expect([w.guards.size, w.announced.length]).toEqual([0, 1])
    await expect(cancelRequest(w.ports, w.workflows, caller(who), id)).rejects.toMatchObject(
      refused(409, 'RoleAssignmentRequestNotPending'),
    )
  })

  test.each([
    ['a stranger', mallory],
    ['one who may only look on', dorothy],
    ['an approver', grace],
  ])('is not for %s', async (_who, who) => {
    const w = await eligible()
    const { id } = await w.ask(lasting('PT1H', at('12:00')))
    await expect(cancelRequest(w.ports, w.workflows, caller(who), id)).rejects.toMatchObject(
      refused(403, 'InsufficientPermissions'),
    )
    expect(w.row(id).status).toBe('Granted')
  })

  test('what is given is given back instead, after five minutes', async () => {
    const w = await eligible()
    const { id } = await w.ask()
    await advance(w.ports, { requestId: id, turn: 2 })
    const giveBack = () => deactivate(w.ports, w.workflows, caller(ada), exchangeRole)
    await expect(cancelRequest(w.ports, w.workflows, caller(ada), id)).rejects.toMatchObject({ status: 409 })
    w.at('2030-01-01T09:04:59.999Z')
    await expect(giveBack()).rejects.toMatchObject(refused(400, 'ActiveDurationTooShort'))
    w.at(at('09:05'))
    expect(await giveBack()).toMatchObject({ status: 'PendingRevocation', endsAt: at('10:00') })
    expect(w.announced).toEqual([{ requestId: id, turn: 2 }])
    await expect(giveBack()).rejects.toMatchObject(refused(400, 'RoleAssignmentDoesNotExist'))
  })

  test('nothing is given back that one does not hold', async () => {
    const w = await eligible()
    await w.ask(lasting('PT1H', at('12:00')))
    await expect(deactivate(w.ports, w.workflows, caller(ada), exchangeRole)).rejects.toMatchObject(
      refused(400, 'RoleAssignmentDoesNotExist'),
    )
  })
})

describe('looking', () => {
  test.each([
    ['its requester', ada, true],
    ['its approver', grace, true],
    ['an administrator', alan, true],
    ['one who may look on', dorothy, true],
    ['a stranger', mallory, false],
    ['an approver of other requests', linus, false],
  ])('a request exists for %s: %#', async (_who, who, sees) => {
    const w = await eligible()
    await w.approvalBy(user(grace.id))
    const { id } = await w.ask()
    const attempt = getRequest(w.ports, caller(who), id)
    if (sees) expect(await attempt).toMatchObject({ id })
    else await expect(attempt).rejects.toMatchObject(refused(404, 'ResourceNotFound'))
  })

  test('my requests: the open ones first, then those that are over, the newest first', async () => {
    const w = await eligible()
    const ids: string[] = []
    for (const clock of ['09:00', '09:10', '09:20']) {
      w.at(at(clock))
      const { id } = await w.ask(lasting('PT1H', at('12:00')))
      await cancelRequest(w.ports, w.workflows, caller(ada), id)
      ids.unshift(id)
    }
    const open = await w.ask()
    const first = await listRequests(w.ports, ada.id, { top: 3, after: null })
    const second = await listRequests(w.ports, ada.id, { top: 3, after: first.next })
    expect([first.items.length, second.items.length]).toEqual([3, 1])
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([open.id, ...ids])
    expect(second.next).toBeNull()
  })

  test('my roles: what I may activate, what I hold, what I wait for', async () => {
    const w = await eligible()
    w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [ada.id] })
    await w.makeEligible(engineers, helpdeskRole, { principalType: 'Group' })
    await w.makeEligible(ada.id, { ...exchangeRole, scope: `/${ada.id}` }, { endDateTime: at('08:00') })
    const { id } = await w.ask()
    const waiting = await w.ask({ roleDefinitionId: helpdesk.id, ...lasting('PT1H', at('12:00')) })
    await advance(w.ports, { requestId: id, turn: 2 })
    const mine = await myRoles(w.ports, caller(ada))
    expect(mine.eligible.map(({ memberType, isActive }) => [memberType, isActive])).toEqual([
      ['Direct', true],
      ['Group', false],
    ])
    expect([mine.active.map((each) => each.id), mine.pending.map((each) => each.id)]).toEqual([
      [id],
      [waiting.id],
    ])
  })
})
