import { describe, expect, test } from 'vitest'
import { deliver } from '../../src/activities/deliver.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { decide } from '../../src/api/approvals.ts'
import { awaitingMe } from '../../src/api/awaiting-me.ts'
import { administer } from '../../src/api/eligibilities.ts'
import { removeEligibility } from '../../src/api/eligibility-removal.ts'
import { requestExtension } from '../../src/api/extensions.ts'
import { myRoles } from '../../src/api/my-roles.ts'
import { cancelRequest } from '../../src/api/withdrawals.ts'
import type { Review } from '../../src/domain/approval.ts'
import { EligibilityAction } from '../../src/domain/eligibility.ts'
import { SelfExtend } from '../../src/domain/extension.ts'
import type { Person } from '../../src/domain/person.ts'
import { ADMINISTRATORS } from '../../src/domain/role.ts'
import { ada, alan, caller, dorothy, exchangeRole, grace, mallory } from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'

const DAY = 86_400_000
const NOW = Date.parse('2030-01-01T09:00:00.000Z')
const at = (days: number) => new Date(NOW + days * DAY).toISOString()
const until = (days: number) => ({ expiration: { type: 'afterDateTime' as const, endDateTime: at(days) } })
const refused = (status: number, code: string) => ({ name: 'Refused', status, code })
const PENDING = 'PendingRoleAssignmentRequest'

async function endingIn(days: number | null, who: Person = ada) {
  const w = world()
  const { id } = await w.makeEligible(who.id, exchangeRole, { endDateTime: days === null ? null : at(days) })
  const ask = (more: object = {}, by: Person = who) =>
    requestExtension(
      w.ports,
      caller(by),
      SelfExtend.parse({
        action: days !== null && days <= 0 ? 'selfRenew' : 'selfExtend',
        targetScheduleId: id,
        scheduleInfo: until(100),
        justification: 'still on call',
        ...more,
      }),
    )
  const answers = (
    request: { id: string },
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
  return { w, id, ask, answers, end: () => w.eligibilities.get(id)?.endDateTime }
}

async function mailed(w: World): Promise<string[]> {
  for (let notice = w.post.notices.shift(); notice; notice = w.post.notices.shift())
    await deliver(w.ports, notice)
  for (let notice = w.post.eligibilityNotices.shift(); notice; notice = w.post.eligibilityNotices.shift())
    await deliver(w.ports, notice)
  return w.post.mails
    .splice(0)
    .map(({ to, subject }) => `${to.displayName.split(' ')[0]}: ${subject}`)
    .sort()
}

describe('who may ask for more time, and when', () => {
  test.each<[string, number | null, object, string[] | 'asked']>([
    ['seven days before the end', 7, {}, 'asked'],
    ['fourteen days before it', 14, {}, 'asked'],
    ['a moment before that', 14 + 1e-7, {}, ['ExpirationRule']],
    ['of a permanent one', null, {}, ['ExpirationRule']],
    ['a renewal before the end', 7, { action: 'selfRenew' }, ['ExpirationRule']],
    ['a renewal at the end', 0, {}, 'asked'],
    ['an extension after it', -1, { action: 'selfExtend' }, ['ExpirationRule']],
    ['a renewal thirty days after it', -30, {}, ['ExpirationRule']],
    ['without a reason', 7, { justification: ' ' }, ['JustificationRule']],
    ['with an end that is no later', 7, { scheduleInfo: until(7) }, ['ExpirationRule']],
    ['with an end that is past', -1, { scheduleInfo: until(-0.5) }, ['ExpirationRule']],
  ])('%s', async (_name, days, more, outcome) => {
    const { w, id, ask } = await endingIn(days)
    if (outcome === 'asked') {
      const request = await ask(more)
      expect(request).toMatchObject({ status: 'PendingAdminDecision', eligibilityId: id })
      expect(w.steps(request.id)).toEqual(['requested'])
      return
    }
    await expect(ask(more)).rejects.toMatchObject({
      ...refused(400, 'RoleAssignmentRequestPolicyValidationFailed'),
      details: outcome.map((code) => ({ code })),
    })
    expect([w.events.size, w.rows.size, w.views.due.size]).toEqual([0, 0, 0])
  })

  test('nobody else: to them it is not there; nor the members of a group that has it', async () => {
    const { w, ask } = await endingIn(7)
    await expect(ask({}, mallory)).rejects.toMatchObject(refused(400, 'RoleAssignmentDoesNotExist'))
    w.tenant.people.set(ada.id, { ...ada, accountEnabled: false })
    await expect(ask()).rejects.toMatchObject({ details: [{ code: 'RequesterRule' }] })
  })

  test('once: of two at the same instant one is asked, and no other while it is open', async () => {
    const { w, ask, id } = await endingIn(7)
    const both = await Promise.allSettled([ask(), ask()])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(ask()).rejects.toMatchObject(refused(400, PENDING))
    const extend = { action: 'adminExtend', targetScheduleId: id, scheduleInfo: until(50) }
    await expect(administer(w.ports, caller(alan), EligibilityAction.parse(extend))).rejects.toMatchObject(
      refused(400, PENDING),
    )
    expect(await myRoles(w.ports, caller(ada))).toMatchObject({
      eligible: [{ mayExtend: false }],
      pending: [{ action: 'selfExtend' }],
    })
  })

  test('a dry run leaves nothing behind', async () => {
    const { w, ask } = await endingIn(7)
    expect(await ask({ isValidationOnly: true })).toMatchObject({ status: 'PendingAdminDecision' })
    expect([w.rows.size, w.events.size, w.views.due.size]).toEqual([0, 0, 0])
  })

  test('it stands in nobody’s way: the role is activated all the same', async () => {
    const { w, ask } = await endingIn(7)
    await ask()
    expect(await w.ask()).toMatchObject({ status: 'Granted' })
  })
})

describe('who decides', () => {
  test.each<[string, Person, boolean]>([
    ['an administrator', alan, true],
    ['one who looks on', dorothy, false],
    ['an approver of activations', grace, false],
    ['the requester', ada, false],
  ])('%s', async (_name, by, may) => {
    const { w, ask, answers, end } = await endingIn(7)
    const request = await ask()
    expect((await awaitingMe(w.ports, by.id, { top: 10, after: null })).items.map(({ id }) => id)).toEqual(
      may ? [request.id] : [],
    )
    if (may) await answers(request, 'Approve', by)
    else
      await expect(answers(request, 'Approve', by)).rejects.toMatchObject(
        refused(403, 'InsufficientPermissions'),
      )
    expect(end()).toBe(at(may ? 100 : 7))
  })

  test('not the requester, administrator or not', async () => {
    const { w, ask, answers, end } = await endingIn(7, alan)
    w.tenant.give(ada.id, { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[0] as string }, DAY)
    const request = await ask()
    await expect(answers(request, 'Approve', alan)).rejects.toMatchObject({ status: 403 })
    expect((await awaitingMe(w.ports, alan.id, { top: 10, after: null })).items).toEqual([])
    await answers(request, 'Approve', ada)
    expect(end()).toBe(at(100))
  })
})

describe('a decision', () => {
  test('that approves changes the eligibility and the request at once, and both are recorded', async () => {
    const { w, id, ask, answers } = await endingIn(7)
    const request = await ask()
    expect(await mailed(w)).toEqual([
      "Alan: PIM: Review Ada Lovelace's request to extend eligibility for the Exchange Administrator role",
    ])
    expect(await answers(request, 'Approve')).toMatchObject({ status: 'ScheduleCreated', endsAt: at(100) })
    expect(w.eligibilities.get(id)).toMatchObject({ endDateTime: at(100), changes: 1 })
    expect([w.steps(request.id), w.steps(id)]).toEqual([['requested', 'decided'], ['selfExtend-1']])
    expect(w.guards.size).toBe(0)
    expect(await mailed(w)).toEqual(
      [
        'Ada: PIM: Your request to extend eligibility for the Exchange Administrator role was approved by Alan Turing',
      ], // and not Alan, who has approved it
    )
    expect(w.started).toEqual([]) // nothing of it needs a workflow
  })

  test('that denies changes nothing but the request', async () => {
    const { w, id, ask, answers, end } = await endingIn(7)
    expect(await answers(await ask(), 'Deny')).toMatchObject({ status: 'Denied' })
    expect([end(), w.steps(id), w.guards.size]).toEqual([at(7), [], 0])
    expect(await ask()).toMatchObject({ status: 'PendingAdminDecision' }) // one may ask again
  })

  test('may name another window, but none that an extension could not have', async () => {
    const { ask, answers, end } = await endingIn(7)
    const request = await ask()
    await expect(answers(request, 'Approve', alan, { scheduleInfo: until(6) })).rejects.toMatchObject({
      details: [{ code: 'ExpirationRule' }],
    })
    await answers(request, 'Approve', alan, { scheduleInfo: until(50) })
    expect(end()).toBe(at(50))
  })

  test('is one: said twice it is answered alike, and the end does not move again', async () => {
    const { w, id, ask, answers, end } = await endingIn(7)
    const request = await ask()
    await answers(request, 'Approve')
    expect(await answers(request, 'Approve')).toMatchObject({ status: 'ScheduleCreated' })
    await expect(answers(request, 'Deny')).rejects.toMatchObject({ status: 409 })
    expect([end(), w.eligibilities.get(id)?.changes]).toEqual([at(100), 1])
  })

  test('of a renewal gives it back from then on', async () => {
    const { w, id, ask, answers } = await endingIn(-7)
    expect(await myRoles(w.ports, caller(ada))).toMatchObject({
      eligible: [],
      expired: [{ id, mayRenew: true }],
    })
    await answers(await ask(), 'Approve')
    expect(w.eligibilities.get(id)).toMatchObject({ startDateTime: at(0), endDateTime: at(100) })
    expect(await w.ask()).toMatchObject({ eligibilityId: id })
  })

  test('is made on what is true then: settings, requester and eligibility are looked at again', async () => {
    const { w, id, ask, answers, end } = await endingIn(7)
    const request = await ask()
    w.tenant.people.set(ada.id, { ...ada, accountEnabled: false })
    await expect(answers(request, 'Approve')).rejects.toMatchObject({ details: [{ code: 'RequesterRule' }] })
    w.tenant.people.set(ada.id, ada)
    await w.changeRules([
      {
        '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
        id: 'Expiration_Admin_Eligibility',
        isExpirationRequired: true,
        maximumDuration: 'P15D',
      },
    ])
    await expect(answers(request, 'Approve')).rejects.toMatchObject({ details: [{ code: 'ExpirationRule' }] })
    expect(end()).toBe(at(7))
    await removeEligibility(w.ports, caller(alan), id)
    expect(w.row(request.id).status).toBe('Canceled') // with what it was about
    expect(w.guards.size).toBe(0)
  })
})

describe('without a decision', () => {
  test('its requester cancels it, and may ask again', async () => {
    const { w, ask } = await endingIn(7)
    const request = await ask()
    await expect(cancelRequest(w.ports, w.workflows, caller(mallory), request.id)).rejects.toMatchObject({
      status: 403,
    })
    expect(await cancelRequest(w.ports, w.workflows, caller(ada), request.id)).toMatchObject({
      status: 'Canceled',
    })
    expect(await ask()).toMatchObject({ status: 'PendingAdminDecision' })
  })

  test.each<[string, number, number]>([
    ['an extension is over with what it would extend', 7, 7],
    ['a renewal after a fortnight', -1, 14],
    ['a renewal when it is forgotten', -20, 10],
  ])('%s', async (_name, days, over) => {
    const { w, ask, end } = await endingIn(days)
    const request = await ask()
    w.at(at(over / 2 + 0.01))
    await sweep(w.ports, w.workflows)
    expect(w.steps(request.id)).toEqual(['requested', 'reminded-2'])
    w.at(at(over - 0.01))
    await sweep(w.ports, w.workflows)
    expect(w.row(request.id).status).toBe('PendingAdminDecision')
    w.at(at(over + 0.01))
    await sweep(w.ports, w.workflows)
    expect(w.row(request.id).status).toBe('TimedOut')
    expect([end(), w.guards.size, w.views.awaiting.size, w.started.length]).toEqual([at(days), 0, 0, 0])
  })
})
