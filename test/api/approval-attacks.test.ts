import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { decide } from '../../src/api/approvals.ts'
import { endEarly } from '../../src/api/endings.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { asking } from '../fakes/asking.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  engineers,
  exchangeRole,
  grace,
  group,
  linus,
  user,
} from '../fakes/people.ts'
import { approvalRule, lasting, type World } from '../fakes/world.ts'
import { dyingAt } from '../support/dying.ts'
import { andThen, onlyThe } from '../support/meanwhile.ts'

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

  /** An extension is asked for and given just after whoever ends what it extends has looked for such. */
  async function endedMeanwhile(how: string) {
    const { w, request } = await running({
      isApprovalRequired: true,
      autoApproval: [{ description: 'x', maximumDuration: 'PT8H' }],
    })
    w.at('2030-01-01T09:06:00Z')
    const { readLive } = w.ports.store
    let more = request
    const comesBetween = onlyThe(1, async () => {
      more = await w.ask(longer('PT7H'))
      await w.step(more)
    })
    const ports = { ...w.ports, store: { ...w.ports.store, readLive: andThen(readLive, comesBetween) } }
    if (how === 'an administrator ends it')
      await endEarly(ports, w.workflows, caller(alan), request.id, { justification: 'Stop' })
    else await deactivate(ports, w.workflows, caller(ada), exchangeRole)
    expect(w.row(more.id).status).toBe('Provisioned')
    return { w, request, more, statuses: () => [w.row(request.id).status, w.row(more.id).status] }
  }

  describe.each(['an administrator ends it', 'it is given back'])(
    'while an extension is asked for and given, as %s',
    (how) => {
      test('it takes the extension with it', async () => {
        const { w, request, more, statuses } = await endedMeanwhile(how)
        await w.step(request)
        expect(statuses()).toEqual(['Revoked', 'Revoked'])
        expect([w.tenant.holds(ada.id, exchangeRole), w.guards.size]).toEqual([false, 0])
        expect(w.events.get(`${more.id}.deactivate-requested`)).toMatchObject({
          initiatedBy: { id: how === 'it is given back' ? ada.id : alan.id },
          resultReason: 'What it extends was ended before its time.',
        })
      })

      test('it does so too when the process has died just after that was written', async () => {
        const { w, statuses } = await endedMeanwhile(how)
        for (const clock of ['09:10', '09:15']) {
          w.at(`2030-01-01T${clock}:00Z`)
          await sweep(w.ports, w.workflows)
        }
        expect([...statuses(), w.tenant.holds(ada.id, exchangeRole)]).toEqual(['Revoked', 'Revoked', false])
      })

      test.each(['before', 'after'] as const)(
        'it does so wherever the next process dies as well, %s a call',
        async (when) => {
          for (let nth = 1, died = true; died && nth < 60; nth++) {
            const { w, request, statuses } = await endedMeanwhile(how)
            const mortal = dyingAt(w.ports, w.workflows, nth, when)
            const turn = w.row(request.id).turn + 1
            await advance(mortal.ports, { requestId: request.id, turn }).catch(() => undefined)
            died = mortal.died()
            for (const clock of ['09:10', '09:15', '09:20', '09:25']) {
              w.at(`2030-01-01T${clock}:00Z`)
              await sweep(w.ports, w.workflows)
            }
            expect([nth, ...statuses(), w.tenant.holds(ada.id, exchangeRole)]).toEqual([
              nth,
              'Revoked',
              'Revoked',
              false,
            ])
          }
        },
      )
    },
  )

  test('what follows it stays, for that is asked for by itself', async () => {
    const { w, request } = await running({ isApprovalRequired: false })
    w.at('2030-01-01T09:06:00Z')
    const next = await w.ask(lasting('PT1H', '2030-01-01T10:00:00Z'))
    await end(w, request.id, alan)
    await w.step(request)
    expect([w.row(request.id).status, w.row(next.id).status]).toEqual(['Revoked', 'Granted'])
  })

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

describe('approved at once', () => {
  const hour = { description: 'An hour at most', maximumDuration: 'PT1H' }
  const oneHour = { scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } } }
  async function automatic(condition: object = hour) {
    const w = await asking([[[user(grace.id)]]], { autoApproval: [condition] })
    const statusAt = async (instant: string, more: object = {}) => {
      w.at(`2030-01-01T${instant}:00Z`)
      const request = await w.ask(more)
      if (request.status === 'Granted') await w.step(request)
      return w.row(request.id).status
    }
    return { ...w, statusAt }
  }

  test('an hour at most is not an hour and then another by an extension', async () => {
    const w = await automatic()
    expect(await w.statusAt('09:00')).toBe('Provisioned')
    expect(await w.statusAt('09:50', { action: 'selfExtend', ...oneHour })).toBe('PendingApproval')
  })

  test('nor one in advance for the minute at which the other ends', async () => {
    const w = await automatic()
    expect(await w.statusAt('09:00')).toBe('Provisioned')
    expect(await w.statusAt('09:50', lasting('PT1H', '2030-01-01T10:00:00Z'))).toBe('PendingApproval')
  })

  test.each([
    ['at once', '10:00', 'PendingApproval'],
    ['after half an hour', '10:30', 'PendingApproval'],
    ['after as long a break', '11:00', 'Provisioned'],
  ])('nor another as soon as it has ended: %s', async (_when, at, status) => {
    const w = await automatic()
    const first = await w.ask()
    await w.step(first)
    w.at('2030-01-01T10:00:00Z')
    await w.step(first)
    expect(w.row(first.id).status).toBe('Expired')
    expect(await w.statusAt(at)).toBe(status)
  })

  test('many short ones make no long one; what of the hour is left may still be had', async () => {
    const w = await automatic()
    for (const [at, duration, status] of [
      ['09:00', 'PT15M', 'Provisioned'],
      ['09:20', 'PT15M', 'Provisioned'],
      ['09:40', 'PT30M', 'PendingApproval'],
    ] as const) {
      w.at(`2030-01-01T${at}:00Z`)
      for (const { value } of w.rows.values()) if (value.status === 'Provisioned') await w.step(value)
      expect(await w.statusAt(at, lasting(duration))).toBe(status)
    }
  })

  test('what somebody has approved before does not count', async () => {
    const w = await automatic()
    const long = await w.ask(lasting('PT4H'))
    await w.decide(long, 'Approve')
    await w.step(long)
    expect(await w.statusAt('12:30', { action: 'selfExtend', ...oneHour })).toBe('Provisioned')
  })

  test('by a ticket only where something checks it', async () => {
    const w = await automatic({ description: 'A change', isTicketRequired: true })
    const ticketInfo = { ticketNumber: 'anything', ticketSystem: 'at all' }
    expect(await w.statusAt('09:00', { ticketInfo })).toBe('PendingApproval')
  })

  describe('being on call', () => {
    const condition = { description: 'On call', onCallGroupId: engineers }
    async function onCall(members: string[], owners: string[]) {
      const w = await automatic(condition)
      w.tenant.groups.set(engineers, { id: engineers, displayName: 'On call', members, owners })
      return w
    }
    test('by others', async () => {
      expect(await (await onCall([ada.id], [alan.id])).statusAt('09:00')).toBe('Provisioned')
    })
    test('not where one could have added oneself', async () => {
      expect(await (await onCall([ada.id], [ada.id])).statusAt('09:00')).toBe('PendingApproval')
    })
    test.each([
      ['that nobody approved', false, 'PendingApproval'],
      ['that somebody approved', true, 'Provisioned'],
    ])('by an activation of one’s own %s', async (_how, isApproved, status) => {
      const w = await onCall([], [alan.id])
      const membership = {
        provider: 'group',
        roleDefinitionId: 'member',
        scope: `/groups/${engineers}`,
      } as const
      await w.makeEligible(ada.id, membership)
      if (isApproved) await w.changeRulesOf(membership, [approvalRule([user(grace.id)])])
      const member = await w.ask(membership)
      if (isApproved) await w.decide(member, 'Approve')
      await w.step(member)
      expect(w.row(member.id).status).toBe('Provisioned')
      expect(await w.statusAt('09:10')).toBe(status)
    })

    const inner = '22222222-0000-4000-8000-000000000077'
    const relation = (id: string, roleDefinitionId: string) =>
      ({ provider: 'group', roleDefinitionId, scope: `/groups/${id}` }) as const
    test('nor by an ownership that one gave back again', async () => {
      const w = await onCall([], [alan.id])
      await w.makeEligible(ada.id, relation(engineers, 'owner'))
      const own = await w.ask(relation(engineers, 'owner'))
      await w.step(own)
      w.tenant.groups.get(engineers)?.members.push(ada.id) // in Entra, as its owner
      w.at('2030-01-01T09:10:00Z')
      await deactivate(w.ports, w.workflows, caller(ada), relation(engineers, 'owner'))
      await w.step(own)
      expect(w.tenant.holds(ada.id, relation(engineers, 'owner'))).toBe(false)
      expect(await w.statusAt('09:20')).toBe('PendingApproval')
    })
    test.each([
      ['they may join', () => {}],
      ['one is nested that they may join', (w: World) => w.tenant.groups.get(engineers)?.members.push(inner)],
      [
        'another may join that they may join',
        (w: World) => w.makeEligible(inner, relation(engineers, 'member'), { principalType: 'Group' }),
      ],
    ])('who is there by others is asked for nonetheless where %s', async (how, prepare) => {
      const w = await onCall([ada.id], [alan.id])
      w.tenant.groups.set(inner, { id: inner, displayName: 'Inner', members: [] })
      await prepare(w)
      expect(await w.ask({ isValidationOnly: true })).toMatchObject({ status: 'Granted' })
      await w.makeEligible(ada.id, relation(how === 'they may join' ? engineers : inner, 'member'))
      expect(await w.statusAt('09:00')).toBe('PendingApproval')
    })
    test('nor by an activation of one nested in it', async () => {
      const w = await onCall([inner], [alan.id])
      w.tenant.groups.set(inner, { id: inner, displayName: 'Inner', members: [] })
      await w.makeEligible(ada.id, relation(inner, 'member'))
      const member = await w.ask(relation(inner, 'member'))
      await w.step(member)
      expect(await w.statusAt('09:10')).toBe('PendingApproval')
    })
  })
})

describe('the settings change while a request waits', () => {
  const stagesOf = (...stages: [Parameters<typeof user>[0][], object?][]) => {
    const rule = approvalRule()
    const approvalStages = stages.map(([ids, more]) => ({
      ...rule.setting.approvalStages[0],
      primaryApprovers: ids.map(user),
      ...more,
    })) as never
    return (approvalMode: 'Serial' | 'Parallel') => ({
      ...rule,
      setting: { ...rule.setting, approvalMode, approvalStages },
    })
  }

  test('a stage that is gained side by side is begun, and those in it are asked, with the next answer', async () => {
    const w = await asking([[[user(grace.id)]], [[user(linus.id)]]], { approvalMode: 'Parallel' })
    const request = await w.ask()
    await w.mailed()
    await w.changeRules([stagesOf([[grace.id]], [[linus.id]], [[alan.id]])('Parallel')])
    await w.decide(request, 'Approve')
    expect(await w.awaits(alan)).toEqual([request.id])
    expect(await w.mailed()).toEqual([expect.stringMatching(/^Alan: /)])
    await w.decide(request, 'Approve', linus)
    expect(await w.decide(request, 'Approve', alan)).toMatchObject({ status: 'Granted' })
  })

  test('a stage that was complete and takes more by now is asked again, with all of its time', async () => {
    const w = await asking([[[user(grace.id), user(alan.id)]], [[user(linus.id)]]])
    const request = await w.ask()
    await w.decide(request, 'Approve')
    const both = [[grace.id, alan.id], { approvalsRequired: 2 }] as [string[], object]
    await w.changeRules([stagesOf(both, [[linus.id]])('Serial')])
    w.at('2030-01-01T12:30:00Z')
    expect(await w.decide(request, 'Approve', linus)).toMatchObject({ status: 'PendingApproval' })
    w.at('2030-01-01T13:30:00Z') // the first stage had until one o'clock
    await w.step(request)
    expect(await w.decide(request, 'Approve', alan)).toMatchObject({ status: 'Granted' })
  })

  test('one voice that was let count for two stages counts for one when that is not let any more', async () => {
    const lenient = { isEarlierApproverExcluded: false }
    const w = await asking([
      [[user(grace.id)], lenient],
      [[user(grace.id), user(linus.id), user(alan.id)], { ...lenient, approvalsRequired: 2 }],
    ])
    const request = await w.ask()
    await w.decide(request, 'Approve')
    await w.decide(request, 'Approve', grace, { stageId: `${request.id}.2` })
    const strict = { approvalsRequired: 2, isEarlierApproverExcluded: true }
    await w.changeRules([stagesOf([[grace.id]], [[grace.id, linus.id, alan.id], strict])('Serial')])
    expect(await w.decide(request, 'Approve', linus)).toMatchObject({ status: 'PendingApproval' })
    expect(await w.decide(request, 'Approve', alan)).toMatchObject({ status: 'Granted' })
  })

  test('where nobody is asked any more, those who were asked may still answer, and silence still refuses', async () => {
    const w = await asking([[[user(grace.id)]]])
    const [first, second] = [await w.ask(), await w.makeEligible(linus.id).then(() => w.ask({}, linus))]
    const rule = approvalRule()
    await w.changeRules([{ ...rule, setting: { ...rule.setting, isApprovalRequired: false } }])
    await expect(w.decide(first, 'Approve', alan)).rejects.toMatchObject({ status: 403 })
    expect(await w.decide(first, 'Approve')).toMatchObject({ status: 'Granted' })
    w.at('2030-01-01T13:00:00Z')
    await w.step(second)
    expect(w.row(second.id).status).toBe('TimedOut')
  })
})
