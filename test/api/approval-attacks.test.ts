import { describe, expect, test } from 'vitest'
import { decide } from '../../src/api/approvals.ts'
import { endEarly } from '../../src/api/endings.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { asking } from '../fakes/asking.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  exchangeRole,
  grace,
  group,
  linus,
  user,
} from '../fakes/people.ts'
import { approvalRule, lasting } from '../fakes/world.ts'

const until = (endDateTime: string) => ({
  scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime } },
})

describe('silence', () => {
  const silent = { timeOutAction: 'Approve', approvalStageTimeOutInMinutes: 480 }
  test.each([
    ['an end that leaves ten minutes', until('2030-01-01T09:30:00Z'), '2030-01-01T09:25:00Z'],
    ['a start that is near', lasting('PT1H', '2030-01-01T09:10:00Z'), '2030-01-01T10:05:00Z'],
  ])(
    'is no yes where the requester has left the approvers less time than the role does: %s',
    async (_how, window, end) => {
      const w = await asking([[[user(grace.id)], silent]])
      const request = await w.ask(window)
      w.at(end)
      await w.step(request)
      expect(w.row(request.id).status).toBe('TimedOut')
      expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
    },
  )

  test('is no yes where the settings give approvers more time by now', async () => {
    const w = await asking([[[user(grace.id)], { ...silent, approvalStageTimeOutInMinutes: 60 }]])
    const request = await w.ask()
    await w.changeRules([approvalRule([user(grace.id)], silent)])
    w.at('2030-01-01T10:00:00Z')
    await w.step(request)
    expect(w.row(request.id).status).toBe('TimedOut')
  })

  test('is a yes after all of the time that the role gives, and no sooner', async () => {
    const w = await asking([[[user(grace.id)], silent]])
    const request = await w.ask()
    w.at('2030-01-01T16:59:00Z')
    await w.step(request)
    expect(w.row(request.id).status).toBe('PendingApproval')
    w.at('2030-01-01T17:00:00Z')
    await w.step(request)
    expect(w.row(request.id).status).toBe('Provisioned')
  })
})

describe('a link', () => {
  test('decides nothing in a stage that has come to forbid it since the page was opened', async () => {
    const w = await asking([[[user(grace.id)], { isDecisionByLinkAllowed: true }]])
    const request = await w.ask()
    await w.changeRules([approvalRule([user(grace.id)], { isDecisionByLinkAllowed: false })])
    const review = { reviewResult: 'Approve', justification: 'looked at it' } as const
    for (const reviewResult of ['Approve', 'Deny'] as const)
      await expect(
        decide(w.ports, w.workflows, grace, request.id, { ...review, reviewResult }, 'link'),
      ).rejects.toMatchObject({ status: 403, code: 'SignInRequired' })
    expect(await decide(w.ports, w.workflows, grace, request.id, review, 'page')).toMatchObject({
      status: 'Granted',
    })
  })

  test('does not decide in the next stage by the leave of the one before', async () => {
    const w = await asking([
      [[user(grace.id), user(linus.id)], { isDecisionByLinkAllowed: true, isEarlierApproverExcluded: false }],
      [
        [user(grace.id), user(linus.id)],
        { isDecisionByLinkAllowed: false, isEarlierApproverExcluded: false },
      ],
    ])
    const request = await w.ask()
    const byLink = (who: typeof grace) =>
      decide(w.ports, w.workflows, who, request.id, { reviewResult: 'Approve', justification: 'x' }, 'link')
    expect(await byLink(grace)).toMatchObject({ status: 'PendingApproval' })
    await expect(byLink(grace)).rejects.toMatchObject({ status: 403 })
    await expect(byLink(linus)).rejects.toMatchObject({ status: 403 })
  })
})

describe('ended early', () => {
  const why = { justification: 'The work is done' }
  const end = (w: Awaited<ReturnType<typeof asking>>, id: string, who = grace) =>
    endEarly(w.ports, w.workflows, caller(who), id, why)
  const longer = (duration: string) => ({
    action: 'selfExtend',
    scheduleInfo: { expiration: { type: 'afterDuration', duration } },
  })
  async function running(setting: object = {}) {
    const w = await asking([[[user(grace.id), user(linus.id)]]], setting)
    const request = await w.ask()
    if (request.status === 'PendingApproval') await w.decide(request, 'Approve')
    await w.step(request)
    return { w, request }
  }

  test('what extends it ends with it, also when somebody comes between', async () => {
    const { w, request } = await running()
    const more = await w.ask(longer('PT4H'))
    await w.decide(more, 'Approve')
    await w.step(more)
    const { writeRequest } = w.ports.store
    let isFirst = true
    w.ports.store.writeRequest = async (read, step, answers) => {
      if (!isFirst || step.request.id !== more.id) return writeRequest(read, step, answers)
      isFirst = false
      return undefined
    }
    await end(w, request.id)
    for (const each of [more, request]) await w.step(each)
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
  })

  test.each(['an administrator ends it', 'it is given back'])(
    'an extension that is opened while %s gives nothing',
    async (how) => {
      const { w, request } = await running({
        isApprovalRequired: true,
        autoApproval: [{ description: 'x', maximumDuration: 'PT4H' }],
      })
      w.at('2030-01-01T09:06:00Z')
      const { openRequest } = w.ports.store
      w.ports.store.openRequest = async (step, answers) => {
        w.ports.store.openRequest = openRequest
        if (how === 'an administrator ends it') await end(w, request.id, alan)
        else await deactivate(w.ports, w.workflows, caller(ada), exchangeRole)
        return openRequest(step, answers)
      }
      const more = await w.ask(longer('PT2H'))
      for (const each of [more, request, more]) await w.step(each).catch(() => undefined)
      expect(w.row(more.id)).toMatchObject({ status: 'Failed' })
      expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
    },
  )

  test('the reason is recorded, also of what had not begun', async () => {
    const w = await asking([[[user(grace.id)]]])
    const request = await w.ask(lasting('PT1H', '2030-01-01T12:00:00Z'))
    await w.decide(request, 'Approve')
    await end(w, request.id)
    expect(w.events.get(`${request.id}.canceled`)).toMatchObject({
      initiatedBy: { id: grace.id },
      resultReason: 'The work is done',
    })
  })

  test('of an extension by whoever approved that: what it extends goes on', async () => {
    const { w, request } = await running()
    const more = await w.ask(longer('PT2H'))
    await w.decide(more, 'Approve', linus)
    await w.step(more)
    w.at('2030-01-01T10:00:00Z')
    await w.step(request) // handed over: the extension is what runs now
    const again = await w.ask(longer('PT4H'))
    await w.decide(again, 'Approve')
    await w.step(again)
    await end(w, again.id)
    await w.step(again)
    expect(w.row(more.id).status).toBe('Provisioned')
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(true)
  })

  test('said again by the same person it is answered as before', async () => {
    const { w, request } = await running()
    await end(w, request.id)
    expect(await end(w, request.id)).toMatchObject({ status: 'PendingRevocation' })
    await w.step(request)
    expect(await end(w, request.id)).toMatchObject({ status: 'Revoked' })
    await expect(end(w, request.id, alan)).rejects.toMatchObject({ status: 409 })
  })

  test('whoever has approved and is no approver any more may still take it back; with a disabled account not', async () => {
    const { w, request } = await running()
    await w.changeRules([approvalRule([group(approversGroup)])])
    w.tenant.groups.set(approversGroup, { id: approversGroup, displayName: 'x', members: [linus.id] })
    const person = w.tenant.people.get(grace.id)
    if (!person) throw new Error('Grace is gone.')
    person.accountEnabled = false
    await expect(end(w, request.id)).rejects.toMatchObject({ status: 403 })
    person.accountEnabled = true
    expect(await end(w, request.id)).toMatchObject({ status: 'PendingRevocation' })
  })
})
