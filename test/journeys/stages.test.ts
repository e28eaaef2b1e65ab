import { describe, expect, test } from 'vitest'
import { wordsOn } from '../../local/demo/browser.ts'
import { groupApproves, personApproves, rulesFor } from '../../local/demo/rules.ts'
import { accepted } from '../support/actor.ts'
import { type Story, story, TRAIL } from '../support/story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()

/** The role asks for these stages, one after the other. */
async function asksForStages({ katherine, role }: Story, approvalStages: object[], more: object = {}) {
  const rules = rulesFor({ approval: { approvers: [] } }).map((rule) =>
    'setting' in rule && rule.setting
      ? { ...rule, setting: { isApprovalRequired: true, approvalMode: 'Serial', approvalStages, ...more } }
      : rule,
  )
  await accepted(200, katherine.calls('PATCH', `/api/roles/${role.id}/settings`, { rules }))
}
const stage = (approver: object, more: object = {}) => ({ primaryApprovers: [approver], ...more })

describe.skipIf(isForeign)('two stages, while people are away', () => {
  test('the first is answered by a delegate, the second is reminded, escalated and approved by its link', async () => {
    const s = await story(world, 'exchangeAdministrator', { approval: true })
    const { ada, grace, linus, becomes, recorded } = s
    const [barbara, margaret] = await Promise.all([
      s.meet('barbara', 'Barbara McClintock'),
      s.meet('margaret', 'Margaret Hamilton'),
    ])
    await asksForStages(s, [
      stage(personApproves(grace.id)),
      stage(personApproves(linus.id), {
        approvalStageTimeOutInMinutes: 80,
        isEscalationEnabled: true,
        escalationTimeInMinutes: 50,
        escalationApprovers: [personApproves(margaret.id)],
      }),
    ])
    const endDateTime = await world.inMinutes(10 * 24 * 60)
    await accepted(201, grace.calls('POST', '/api/me/delegations', { delegateId: barbara.id, endDateTime }))

    const request = await ada.asks()
    expect([await barbara.isAskedFor(), await linus.isAskedFor()]).toEqual([[request.id], []])
    const first = await barbara.opens(await barbara.mailedLink())
    expect(wordsOn(await barbara.browser.decide(first, 'Approve'))).toContain(
      'It was approved by Barbara McClintock so far.',
    )
    expect(await becomes(request, 'PendingApproval')).toMatchObject({
      approval: {
        approvalMode: 'Serial',
        stages: [
          { status: 'Completed', approvals: [{ onBehalfOf: { id: grace.id } }] },
          { status: 'InProgress' },
        ],
      },
    })

    expect((await linus.mails(1)).map(({ subject }) => subject)).toEqual([
      expect.stringContaining('PIM: Review'),
    ])
    await world.advance('PT40M')
    expect((await linus.mails(2)).map(({ subject }) => subject)).toContainEqual(
      expect.stringContaining('PIM: Reminder'),
    )
    const overtaken = await linus.mailedLink()
    expect(await margaret.mails(0)).toEqual([])
    await world.advance('PT10M')
    expect((await margaret.mails(1)).map(({ subject }) => subject)).toEqual([
      expect.stringContaining('waits, and now for you'),
    ])

    const page = await margaret.opens(await margaret.mailedLink())
    expect(wordsOn(page)).toContain('Ada Lovelace asks to activate Exchange Administrator')
    expect(wordsOn(await margaret.browser.decide(page, 'Approve'))).toContain(
      'It was approved by Margaret Hamilton.',
    )
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    expect(await ada.holds()).toBe(true)
    expect(wordsOn(await linus.opens(overtaken))).toContain('It was approved by Margaret Hamilton.')
    expect(await recorded(request, 7)).toEqual([
      TRAIL.asked,
      TRAIL.approvalAsked,
      'Barbara McClintock: Add member to role approval signed (PIM activation)',
      TRAIL.reminded,
      'Interim: Add member to role approval escalated (PIM activation)',
      'Margaret Hamilton: Add member to role request approved (PIM activation)',
      TRAIL.given,
    ])
  })
})

test('two of a group, and whoever approved ends it early with a reason', async () => {
  const s = await story(world, 'securityReader', { approval: true })
  const { ada, grace, linus, approvers, becomes } = s
  await asksForStages(s, [stage(groupApproves(approvers.id), { approvalsRequired: 2 })])
  const request = await ada.asks()
  expect((await grace.approves(request)).status).toBe('PendingApproval')
  expect([await grace.isAskedFor(), await linus.isAskedFor()]).toEqual([[], [request.id]])
  await linus.approves(request)
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
  expect(
    (await ada.calls('POST', `/api/requests/${request.id}/end`, { justification: 'Mine.' })).status,
  ).toBe(403)
  expect((await grace.calls('POST', `/api/requests/${request.id}/end`, {})).status).toBe(400)
  await accepted(
    200,
    grace.calls('POST', `/api/requests/${request.id}/end`, { justification: 'The incident is over.' }),
  )
  expect((await becomes(request, 'Revoked')).status).toBe('Revoked')
  expect(await ada.holds()).toBe(false)
})

test('many at once, with one justification: each has its own outcome', async () => {
  const s = await story(world, 'groupsAdministrator', { approval: true })
  const margaret = await s.meet('margaret', 'Margaret Hamilton')
  await s.makeEligible(margaret)
  const [first, second] = [await s.ada.asks(), await margaret.asks()]
  await s.linus.denies(second)
  const { responses } = await accepted<{ responses: { status: number; body?: { status: string } }[] }>(
    200,
    s.grace.calls('POST', '/api/approvals', {
      approvalIds: [first.id, second.id],
      reviewResult: 'Approve',
      justification: 'Planned maintenance.',
    }),
  )
  expect(responses.map(({ status }) => status)).toEqual([200, 409])
  expect(await s.becomes(first, 'Provisioned')).toMatchObject({
    approval: { justification: 'Planned maintenance.' },
  })
})

test('a manager is asked, looked up live', async () => {
  const s = await story(world, 'intuneAdministrator', { approval: true })
  await asksForStages(s, [
    stage(
      { '@odata.type': '#microsoft.graph.requestorManager' },
      { fallbackPrimaryApprovers: [personApproves(s.linus.id)] },
    ),
  ])
  const request = await s.ada.asks()
  expect([await s.grace.isAskedFor(), await s.linus.isAskedFor()]).toEqual([[], [request.id]])
  await world.tenant.control('PATCH', `/people/${s.ada.short}`, { manager: s.grace.short })
  expect((await s.linus.triesToDecide(request, 'Approve')).status).toBe(403)
  expect((await s.grace.approves(request)).status).toBe('Granted')
})

test('what the settings let pass needs nobody, and says why', async () => {
  const s = await story(world, 'helpdeskAdministrator', { approval: true })
  const description = 'Half an hour or less'
  await asksForStages(s, [stage(personApproves(s.grace.id))], {
    autoApproval: [{ description, maximumDuration: 'PT30M' }],
  })
  const ask = { scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT30M' } } }
  expect(await s.ada.asks(ask)).toMatchObject({
    status: 'Granted',
    approval: { reviewResult: 'Approved', decidedBy: 'automatic', justification: description },
  })
})
