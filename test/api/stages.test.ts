import { describe, expect, test } from 'vitest'
import { decide, standingNow } from '../../src/api/approvals.ts'
import { delegate, delegationsOf, takeBack } from '../../src/api/delegations.ts'
import { endEarly } from '../../src/api/endings.ts'
import { stagesShown } from '../../src/api/votes.ts'
import type { Approver } from '../../src/domain/approver.ts'
import type { Person } from '../../src/domain/person.ts'
import type { Rule } from '../../src/domain/role-settings.ts'
import { asking } from '../fakes/asking.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  dorothy,
  exchangeRole,
  grace,
  group,
  helpdesk,
  ken,
  linus,
  mallory,
  user,
} from '../fakes/people.ts'
import { approvalRule, enablement, lasting, world } from '../fakes/world.ts'

const MANAGER: Approver = { '@odata.type': '#microsoft.graph.requestorManager', managerLevel: 1 }
const OWNERS: Approver = { '@odata.type': '#interim.scopeOwners' }
const HOLDERS: Approver = { '@odata.type': '#interim.roleHolders' }

const escalatesTo = ({ id }: Person) => ({
  isEscalationEnabled: true,
  escalationTimeInMinutes: 60,
  escalationApprovers: [user(id)],
})

describe('two stages, one after the other', () => {
  test('the second is asked when the first has approved, and the access counts from the last approval', async () => {
    const w = await asking([[[user(grace.id)]], [[user(linus.id)]]])
    const request = await w.ask()
    expect([await w.awaits(grace), await w.awaits(linus)]).toEqual([[request.id], []])
    await w.mailed()
    w.at('2030-01-01T10:00:00Z')
    await expect(w.decide(request, 'Approve', linus)).rejects.toMatchObject({ status: 403 })
    expect(await w.decide(request, 'Approve')).toMatchObject({ status: 'PendingApproval', startsAt: null })
    expect([await w.awaits(grace), await w.awaits(linus)]).toEqual([[], [request.id]])
    expect(await w.mailed()).toEqual([expect.stringMatching(/^Linus: PIM: Review/)])
    w.at('2030-01-01T11:00:00Z')
    expect(await w.decide(request, 'Approve', linus)).toMatchObject({
      status: 'Granted',
      startsAt: '2030-01-01T11:00:00.000Z',
    })
    expect(w.steps(request.id)).toEqual(['requested', 'approval-requested', 'signed-2', 'decided'])
  })

  test('whoever has approved and says so again is answered as before; to deny it then is too late', async () => {
    const w = await asking([[[user(grace.id)]], [[user(linus.id)]]])
    const request = await w.ask()
    await w.decide(request, 'Approve')
    expect(await w.decide(request, 'Approve')).toMatchObject({ status: 'PendingApproval' })
    await expect(w.decide(request, 'Deny')).rejects.toMatchObject({ status: 409 })
  })

  test('an answer that names its stage does not count for the next one, however often it comes', async () => {
    const stages: [Approver[], object][] = [
      [[user(grace.id)], { isEarlierApproverExcluded: false }],
      [[user(grace.id)], { isEarlierApproverExcluded: false }],
    ]
    const w = await asking(stages)
    const request = await w.ask()
    const say = (stageId: string) => w.decide(request, 'Approve', grace, { stageId })
    expect(await say(request.id)).toMatchObject({ status: 'PendingApproval' })
    expect(await say(request.id)).toMatchObject({ status: 'PendingApproval' })
    expect(w.row(request.id).approval?.votes).toHaveLength(1)
    await expect(say(`${request.id}.3`)).rejects.toMatchObject({ status: 409 })
    expect(await say(`${request.id}.2`)).toMatchObject({ status: 'Granted' })
  })

  test('whoever may sign a second stage names it: the same said again, for want of an answer, signs nothing', async () => {
    const stages: [Approver[], object][] = [
      [[user(grace.id)], { isEarlierApproverExcluded: false }],
      [[user(grace.id)], { isEarlierApproverExcluded: false }],
    ]
    const w = await asking(stages)
    const request = await w.ask()
    await w.decide(request, 'Approve')
    await expect(w.decide(request, 'Approve')).rejects.toMatchObject({
      status: 400,
      details: [{ target: 'stageId', message: expect.stringContaining(`${request.id}.2`) }],
    })
    expect(w.row(request.id).approval?.votes).toHaveLength(1)
    expect(await w.decide(request, 'Deny')).toMatchObject({ status: 'Denied' })
  })

  test('denied in any of them, it is denied', async () => {
    const w = await asking([[[user(grace.id)]], [[user(linus.id)]]])
    const request = await w.ask()
    await w.decide(request, 'Approve')
    expect(await w.decide(request, 'Deny', linus)).toMatchObject({ status: 'Denied' })
  })

  test('who alone may sign a later stage does not take the place of another in the first', async () => {
    const w = await asking([[[user(grace.id), user(linus.id)]], [[user(grace.id)]]])
    const request = await w.ask()
    await expect(w.decide(request, 'Approve')).rejects.toMatchObject({
      status: 400,
      details: [{ code: 'ApprovalRule', target: 'stageId', message: expect.stringContaining('later stage') }],
    })
    expect(w.row(request.id).approval?.votes).toEqual([])
    await w.decide(request, 'Approve', linus)
    expect(await w.decide(request, 'Approve')).toMatchObject({ status: 'Granted' })
  })

  test.each<[string, Approver[], object]>([
    ['somebody else may sign the later one', [user(grace.id), user(alan.id)], {}],
    ['who has approved before is asked there again', [user(grace.id)], { isEarlierApproverExcluded: false }],
    ['an escalation of it names somebody else', [user(grace.id)], escalatesTo(alan)],
  ])('but signs the first where %s', async (_, later, more) => {
    const w = await asking([[[user(grace.id), user(linus.id)]], [later, more]])
    expect(await w.decide(await w.ask(), 'Approve')).toMatchObject({ status: 'PendingApproval' })
  })

  test('a stage that the settings have gained meanwhile is asked as well', async () => {
    const w = await asking([[[user(grace.id)]]])
    const request = await w.ask()
    const rule = approvalRule([user(grace.id)])
    const [stage] = rule.setting.approvalStages
    const approvalStages = [stage, { ...stage, primaryApprovers: [user(linus.id)] }] as never
    await w.changeRules([{ ...rule, setting: { ...rule.setting, approvalMode: 'Serial', approvalStages } }])
    expect(await w.decide(request, 'Approve')).toMatchObject({ status: 'PendingApproval' })
    expect(await w.decide(request, 'Approve', linus)).toMatchObject({ status: 'Granted' })
  })

  test('what was approved by fewer than it takes by its start is not given', async () => {
    const w = await asking([[[user(grace.id)]]])
    const request = await w.ask(lasting('PT1H', '2030-01-01T12:00:00Z'))
    await w.decide(request, 'Approve')
    await w.changeRules([approvalRule([group(approversGroup)], { approvalsRequired: 2 })])
    w.at('2030-01-01T12:00:00Z')
    await w.step(request)
    expect(w.row(request.id)).toMatchObject({
      status: 'Failed',
      failure: { message: expect.stringContaining('more approvals') },
    })
  })
})

describe('two stages side by side', () => {
  const both: Approver[] = [user(grace.id), user(linus.id)]
  const lenient = { isEarlierApproverExcluded: false }
  const sideBySide = async (...stages: [Approver[], object?][]) => {
    const w = await asking(stages, { approvalMode: 'Parallel' })
    const request = await w.ask()
    const first = request.id
    const second = `${request.id}.2`
    const say = (who: Person, stageId?: string) =>
      w.decide(request, 'Approve', who, stageId ? { stageId } : {}).then(({ status }) => status)
    const filled = () => w.row(request.id).approval?.stages.map(({ completedAt }) => completedAt !== null)
    return { w, request, first, second, say, filled }
  }

  test('an answer that names one signs no other, where it could have counted for both', async () => {
    const { first, second, say, filled } = await sideBySide([both, lenient], [both, lenient])
    expect(await say(grace, first)).toBe('PendingApproval')
    expect(filled()).toEqual([true, false])
    expect(await say(grace, first)).toBe('PendingApproval') // said already
    expect(await say(grace, second)).toBe('Granted')
  })

  test('nor is it moved to another where it counts for one of them; who comes after names what is left', async () => {
    const { first, second, say, filled } = await sideBySide([both], [both])
    expect(await say(grace, first)).toBe('PendingApproval')
    await expect(say(linus, first)).rejects.toMatchObject({ status: 409 })
    expect(filled()).toEqual([true, false])
    expect(await say(linus, second)).toBe('Granted')
  })

  test('an answer that names none speaks in all that it may, and makes way for one that names its own', async () => {
    const all = await sideBySide([both, lenient], [both, lenient])
    expect(await all.say(grace)).toBe('Granted')
    const one = await sideBySide([both], [both])
    expect(await one.say(grace)).toBe('PendingApproval')
    expect(await one.say(linus, one.first)).toBe('Granted')
  })

  test('whoever approves in another stage does not count in one that shuts that out, whichever they name first', async () => {
    for (const order of ['first', 'second'] as const) {
      const story = await sideBySide([[user(grace.id)], lenient], [both])
      expect(await story.say(grace, story[order])).toBe('PendingApproval')
      const other = order === 'first' ? story.second : story.first
      await story.say(grace, other).catch(() => undefined)
      expect(story.w.row(story.request.id)).toMatchObject({ status: 'PendingApproval' })
    }
  })

  const onPage = (
    { w, request }: Awaited<ReturnType<typeof sideBySide>>,
    who: Person,
    { isOlder = [] }: { isOlder?: string[] } = {},
  ) => ({
    shown: async () => stagesShown(w.row(request.id), await standingNow(w.ports, w.row(request.id), who.id)),
    async press() {
      const stageIds = isOlder.length > 0 ? isOlder : await this.shown()
      const review = { reviewResult: 'Approve', justification: 'looked at it', stageIds } as const
      return (await decide(w.ports, w.workflows, who, request.id, review, 'page')).status
    },
  })

  test('a page asks for one at a time: the first that an approval of theirs would help', async () => {
    const story = await sideBySide([both, lenient], [both, lenient])
    const { first, second } = story
    expect(await onPage(story, grace).shown()).toEqual([first])
    expect(await onPage(story, grace).press()).toBe('PendingApproval')
    expect(await onPage(story, grace, { isOlder: [first] }).press()).toBe('PendingApproval') // pressed twice
    expect(await onPage(story, linus).shown()).toEqual([second])
    await expect(onPage(story, linus, { isOlder: [first] }).press()).rejects.toMatchObject({ status: 409 })
    expect(await onPage(story, grace).shown()).toEqual([second])
    expect(await onPage(story, grace).press()).toBe('Granted')
  })

  test('where they may sign but one, a page asks for any: so they make way for whoever may sign one alone', async () => {
    const story = await sideBySide([both], [[user(grace.id)]])
    expect(await onPage(story, grace).shown()).toEqual([story.first, story.second])
    expect(await onPage(story, grace).press()).toBe('PendingApproval')
    expect(await onPage(story, linus).press()).toBe('Granted')
  })
})

describe('two signatures of one person', () => {
  const stagesOf = (more: object): Rule => {
    const rule = approvalRule([user(grace.id), user(linus.id)], more)
    const [stage] = rule.setting.approvalStages as [never]
    return { ...rule, setting: { ...rule.setting, approvalMode: 'Serial', approvalStages: [stage, stage] } }
  }
  const signed = async (second: Person) => {
    const w = await asking([[[user(grace.id)]]])
    await w.changeRules([stagesOf({ isEarlierApproverExcluded: false })])
    const request = await w.ask(lasting('PT1H', '2030-01-01T12:00:00Z'))
    await w.decide(request, 'Approve')
    const stageId = `${request.id}.2`
    expect(await w.decide(request, 'Approve', second, { stageId })).toMatchObject({ status: 'Granted' })
    return { w, request }
  }
  const atItsStart = async ({ w, request }: Awaited<ReturnType<typeof signed>>) => {
    w.at('2030-01-01T12:00:00Z')
    await w.step(request)
    return w.row(request.id)
  }

  test('are not two at the start when the settings count them once by then', async () => {
    const story = await signed(grace)
    await story.w.changeRules([stagesOf({ isEarlierApproverExcluded: true })])
    expect(await atItsStart(story)).toMatchObject({
      status: 'Failed',
      failure: { message: expect.stringContaining('more approvals') },
    })
  })

  test('are as good as two people’s where they still count, and two people’s are either way', async () => {
    expect(await atItsStart(await signed(grace))).toMatchObject({ status: 'Provisioned' })
    const story = await signed(linus)
    await story.w.changeRules([stagesOf({ isEarlierApproverExcluded: true })])
    expect(await atItsStart(story)).toMatchObject({ status: 'Provisioned' })
  })
})

describe('n of m', () => {
  test('two different people of a group, and not one twice', async () => {
    const w = await asking([[[group(approversGroup)], { approvalsRequired: 2 }]])
    const request = await w.ask()
    await w.decide(request, 'Approve')
    expect(await w.decide(request, 'Approve')).toMatchObject({ status: 'PendingApproval' })
    expect([await w.awaits(grace), await w.awaits(linus)]).toEqual([[], [request.id]])
    expect(await w.decide(request, 'Approve', linus)).toMatchObject({ status: 'Granted' })
  })

  test('more than there are is refused at once, and by name', async () => {
    const w = await asking([[[group(approversGroup)], { approvalsRequired: 3 }]])
    await expect(w.ask()).rejects.toMatchObject({ details: [{ code: 'ApprovalRule' }] })
  })

  test('two stages that only the same person could sign are refused at once', async () => {
    const w = await asking([[[user(grace.id)]], [[user(grace.id)]]])
    await expect(w.ask()).rejects.toMatchObject({ details: [{ code: 'ApprovalRule' }] })
  })
})

describe('approvers who are found out', () => {
  test('the manager decides; a new one from then on, and the old one not any more', async () => {
    const w = await asking([[[MANAGER]]])
    w.tenant.managers.set(ada.id, grace.id)
    const request = await w.ask()
    expect(await w.awaits(grace)).toEqual([request.id])
    w.tenant.managers.set(ada.id, linus.id)
    await expect(w.decide(request, 'Approve')).rejects.toMatchObject({ status: 403 })
    expect(await w.decide(request, 'Approve', linus)).toMatchObject({ status: 'Granted' })
  })

  test.each([
    ['there is none', undefined],
    ['the account is disabled', ken.id],
    ['it is the requester', ada.id],
  ])('instead of a manager who cannot be asked, the fallback: %s', async (_why, manager) => {
    const w = await asking([[[MANAGER], { fallbackPrimaryApprovers: [user(linus.id)] }]])
    if (manager) w.tenant.managers.set(ada.id, manager)
    const request = await w.ask()
    expect(await w.awaits(linus)).toEqual([request.id])
    expect(await w.decide(request, 'Approve', linus)).toMatchObject({ status: 'Granted' })
  })

  test('while there is a manager the fallback is not asked', async () => {
    const w = await asking([[[MANAGER], { fallbackPrimaryApprovers: [user(linus.id)] }]])
    w.tenant.managers.set(ada.id, grace.id)
    await expect(w.decide(await w.ask(), 'Approve', linus)).rejects.toMatchObject({ status: 403 })
  })

  test.each([
    ['those who administer the scope', OWNERS, alan],
    ['those who hold the role now', HOLDERS, dorothy],
  ])('%s', async (_who, approver, person) => {
    const w = await asking([[[approver]]])
    w.tenant.give(dorothy.id, exchangeRole)
    const request = await w.ask()
    expect(await w.awaits(person)).toEqual([request.id])
    await expect(w.decide(request, 'Approve', mallory)).rejects.toMatchObject({ status: 403 })
    expect(await w.decide(request, 'Approve', person)).toMatchObject({ status: 'Granted' })
  })
})

describe('nobody answers', () => {
  const escalating = escalatesTo(linus)
  test('it goes to the next people too, and those who were asked first may still decide', async () => {
    const w = await asking([[[user(grace.id)], escalating]])
    const request = await w.ask()
    await w.mailed()
    await expect(w.decide(request, 'Approve', linus)).rejects.toMatchObject({ status: 403 })
    w.at('2030-01-01T10:00:00Z')
    await w.step(request)
    expect(await w.mailed()).toEqual([expect.stringMatching(/^Linus: PIM: Ada.*waits, and now for you/)])
    expect([await w.awaits(grace), await w.awaits(linus)]).toEqual([[request.id], [request.id]])
    expect(w.steps(request.id)).toContain('escalated-2')
    expect(await w.decide(request, 'Approve', linus)).toMatchObject({ status: 'Granted' })
  })

  test('they are reminded as often as the settings say', async () => {
    const w = await asking([[[user(grace.id)], { reminderIntervalInMinutes: 60 }]])
    const request = await w.ask()
    await w.mailed()
    for (const hour of ['10', '11', '12']) {
      w.at(`2030-01-01T${hour}:00:00Z`)
      await w.step(request)
      expect(await w.mailed()).toEqual([expect.stringMatching(/^Grace: PIM: Reminder/)])
    }
    expect(new Set(w.post.mails.map(({ key }) => key)).size).toBe(w.post.mails.length)
    w.at('2030-01-01T13:00:00Z')
    await w.step(request)
    expect(w.row(request.id).status).toBe('TimedOut')
  })

  test('silence approves where the settings say so, and only while they do', async () => {
    for (const still of [true, false]) {
      const w = await asking([[[user(grace.id)], { timeOutAction: 'Approve' }]])
      const request = await w.ask()
      if (!still) await w.changeRules([approvalRule([user(grace.id)])])
      w.at('2030-01-01T13:00:00Z')
      await w.step(request)
      expect(w.row(request.id).status).toBe(still ? 'Provisioned' : 'TimedOut')
    }
  })

  test('silence never approves a privileged role', async () => {
    const w = await asking([])
    const role = { ...exchangeRole, roleDefinitionId: helpdesk.id }
    await w.makeEligible(ada.id, role)
    await w.changeRules([approvalRule([user(grace.id)], { timeOutAction: 'Approve' })], helpdesk.id)
    const request = await w.ask({ roleDefinitionId: helpdesk.id })
    w.at('2030-01-01T13:00:00Z')
    await w.step(request)
    expect(w.row(request.id).status).toBe('TimedOut')
  })
})

describe('somebody is away', () => {
  const until = { endDateTime: '2030-01-10T00:00:00Z' }
  test('their delegate is mailed, finds it and decides in their place, and it is said', async () => {
    const w = await asking([[[user(grace.id)]]])
    await delegate(w.ports, caller(grace), { delegateId: mallory.id, ...until })
    const request = await w.ask()
    expect((await w.mailed()).map((mail) => mail.split(':')[0])).toEqual(['Grace', 'Mallory'])
    expect(await w.awaits(mallory)).toEqual([request.id])
    const decided = await w.decide(request, 'Approve', mallory)
    expect(decided).toMatchObject({
      status: 'Granted',
      approval: { decision: { onBehalfOf: { id: grace.id } } },
    })
    expect(w.events.get(`${request.id}.decided`)?.additionalDetails).toContainEqual({
      key: 'onBehalfOf',
      value: `Grace Hopper (${grace.id})`,
    })
  })

  test.each([
    [
      'taken back',
      async (w: Awaited<ReturnType<typeof asking>>, id: string) => takeBack(w.ports, caller(grace), id),
    ],
    ['over', async (w: Awaited<ReturnType<typeof asking>>) => w.at('2030-01-10T00:00:00Z')],
    [
      'of one whose account is disabled',
      async (w: Awaited<ReturnType<typeof asking>>) => {
        const person = w.tenant.people.get(grace.id)
        if (person) person.accountEnabled = false
      },
    ],
  ])('a delegation that is %s decides nothing', async (_what, happens) => {
    const w = await asking([[[user(grace.id)], { approvalStageTimeOutInMinutes: 20_000 }]])
    const { id } = await delegate(w.ports, caller(grace), { delegateId: mallory.id, ...until })
    const request = await w.ask()
    await happens(w, id)
    await expect(w.decide(request, 'Approve', mallory)).rejects.toMatchObject({ status: 403 })
  })

  test('the requester decides nothing in anybody’s place, and a delegate passes nothing on', async () => {
    const w = await asking([[[user(grace.id)]]])
    await delegate(w.ports, caller(grace), { delegateId: ada.id, ...until })
    await delegate(w.ports, caller(grace), { delegateId: mallory.id, ...until })
    await delegate(w.ports, caller(mallory), { delegateId: dorothy.id, ...until })
    const request = await w.ask()
    for (const who of [ada, dorothy])
      await expect(w.decide(request, 'Approve', who)).rejects.toMatchObject({ status: 403 })
  })

  test.each([
    ['to oneself', { delegateId: grace.id, ...until }, 'delegateId'],
    ['to nobody', { delegateId: '99999999-0000-4000-8000-000000000000', ...until }, 'delegateId'],
    ['to a disabled account', { delegateId: ken.id, ...until }, 'delegateId'],
    ['that has ended', { delegateId: linus.id, endDateTime: '2029-12-31T00:00:00Z' }, 'endDateTime'],
    ['for more than a year', { delegateId: linus.id, endDateTime: '2032-01-01T00:00:00Z' }, 'endDateTime'],
  ])('a delegation %s is refused', async (_what, body, target) => {
    const w = world()
    await expect(delegate(w.ports, caller(grace), body)).rejects.toMatchObject({
      status: 400,
      details: [{ target }],
    })
    expect(await delegationsOf(w.ports, caller(grace))).toEqual([])
  })

  test('a break-glass account neither delegates nor is delegated to', async () => {
    const w = world()
    w.ports.breakGlass = [linus.id]
    for (const [by, to] of [
      [grace, linus],
      [linus, grace],
    ] as const)
      await expect(delegate(w.ports, caller(by), { delegateId: to.id, ...until })).rejects.toMatchObject({
        status: 403,
      })
  })
})

describe('approved at once', () => {
  const short = { description: 'An hour at most', maximumDuration: 'PT1H' }
  test('where the settings let it pass, with their words, and nobody is asked', async () => {
    const w = await asking([[[user(grace.id)]]], { autoApproval: [short] })
    const request = await w.ask()
    expect(request).toMatchObject({
      status: 'Granted',
      approval: { decision: { justification: 'An hour at most', via: 'automatic' } },
    })
    expect(w.steps(request.id)).toEqual(['requested', 'decided'])
    expect(await w.awaits(grace)).toEqual([])
    await w.step(request)
    expect(w.row(request.id).status).toBe('Provisioned')
  })

  test('what does not fit asks as ever', async () => {
    const w = await asking([[[user(grace.id)]]], { autoApproval: [short] })
    expect(await w.ask(lasting('PT2H'))).toMatchObject({ status: 'PendingApproval' })
  })

  test('what does not hold at the start any more is not given', async () => {
    const w = await asking([[[user(grace.id)]]], { autoApproval: [short] })
    const request = await w.ask(lasting('PT1H', '2030-01-01T12:00:00Z'))
    await w.changeRules([approvalRule([user(grace.id)])])
    w.at('2030-01-01T12:00:00Z')
    await w.step(request)
    expect(w.row(request.id)).toMatchObject({
      status: 'Failed',
      failure: { message: expect.stringContaining('automatically') },
    })
  })

  test('by a ticket only when it looks like one', async () => {
    const w = await asking([[[user(grace.id)]]], {
      autoApproval: [{ description: 'A change', isTicketRequired: true }],
    })
    await w.changeRules([{ ...enablement('Justification'), ticketPattern: 'CHG\\d+' } as never])
    const ticket = (ticketNumber: string) => ({ ticketInfo: { ticketNumber, ticketSystem: 'Desk' } })
    await expect(w.ask(ticket('nonsense'))).rejects.toMatchObject({ details: [{ code: 'TicketingRule' }] })
    expect(await w.ask(ticket('CHG42'))).toMatchObject({ status: 'Granted' })
  })
})

describe('ended early', () => {
  const why = { justification: 'The work is done' }
  async function running() {
    const w = await asking([[[user(grace.id)]]])
    const request = await w.ask()
    await w.decide(request, 'Approve')
    await w.step(request)
    return { w, request }
  }
  test.each([
    ['whoever approved it', grace, true],
    ['an administrator', alan, true],
    ['another approver, who did not', linus, false],
    ['a stranger', mallory, false],
  ])('by %s', async (_who, who, may) => {
    const { w, request } = await running()
    const ending = endEarly(w.ports, w.workflows, caller(who), request.id, why)
    if (!may) return void (await expect(ending).rejects.toMatchObject({ status: 403 }))
    expect(await ending).toMatchObject({ status: 'PendingRevocation' })
    await w.step(request)
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
    expect(w.events.get(`${request.id}.deactivate-requested`)).toMatchObject({
      initiatedBy: { id: who.id },
      resultReason: 'The work is done',
    })
  })

  test('what was approved and has not begun is withdrawn', async () => {
    const w = await asking([[[user(grace.id)]]])
    const request = await w.ask(lasting('PT1H', '2030-01-01T12:00:00Z'))
    await w.decide(request, 'Approve')
    expect(await endEarly(w.ports, w.workflows, caller(grace), request.id, why)).toMatchObject({
      status: 'Canceled',
    })
  })

  test('what extends it ends with it', async () => {
    const { w, request } = await running()
    const longer = { scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT4H' } } }
    const more = await w.ask({ action: 'selfExtend', ...longer })
    await w.decide(more, 'Approve')
    await w.step(more)
    await endEarly(w.ports, w.workflows, caller(grace), request.id, why)
    for (const each of [more, request]) await w.step(each)
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
  })
})
