import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { changeRoleSettings } from '../../src/api/role-settings.ts'
import type { Rule } from '../../src/domain/role-settings.ts'
import { TicketCheck } from '../../src/domain/ticket-check.ts'
import { ada, alan, caller, exchange, exchangeRole, grace, linus, mallory, user } from '../fakes/people.ts'
import { approvalRule, enablement, lasting, world } from '../fakes/world.ts'

const targetUrl = 'https://desk.contoso.example/pim'
const checked = (more: object = {}): Rule => ({
  ...(enablement('Justification') as Extract<Rule, { enabledRules: unknown }>),
  ticketCheck: TicketCheck.parse({ targetUrl, ...more }),
})
const ticket = { ticketInfo: { ticketNumber: 'CHG42', ticketSystem: 'Desk' } }
const at = (clock: string) => `2030-01-01T${clock}:00.000Z`
const NOON = at('12:00')

async function asking(more: object = {}, ...rules: Rule[]) {
  const w = world()
  await w.ports.views.listEligibility(await w.makeEligible(ada.id))
  await w.changeRules([checked(more), ...rules])
  return {
    ...w,
    says: (said: typeof w.desk.state.says) => {
      w.desk.state.says = said
    },
    step: (id: string) => advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 }),
    detailsOf: (id: string) =>
      w.events.get(`${id}.requested`)?.additionalDetails.filter(({ key }) => key === 'ticketCheck'),
  }
}
const refusedWith = (message: string) => ({
  status: 400,
  code: 'RoleAssignmentRequestPolicyValidationFailed',
  details: [expect.objectContaining({ code: 'TicketingRule', target: 'ticketInfo', message })],
})
const UNCHECKED = 'The ticket could not be checked, and nothing is given without: try again later.'

describe('when it is asked for', () => {
  test('the desk is told who wants what, when and why, and what it says is kept in the trail', async () => {
    const w = await asking()
    const { id } = await w.ask({ ...ticket, ...lasting('PT1H', NOON) })
    expect(w.desk.asked).toEqual([
      {
        desk: { targetUrl, resourceId: null, timeoutInMilliseconds: 3000, maximumRetries: 1 },
        question: {
          id: null,
          action: 'selfActivate',
          isValidationOnly: false,
          principalId: ada.id,
          principal: { id: ada.id, displayName: ada.displayName, mail: ada.mail },
          ...exchangeRole,
          roleDefinition: { id: exchange.id, displayName: exchange.displayName },
          scopeName: expect.any(String),
          justification: 'INC-42',
          ticketInfo: { ticketNumber: 'CHG42', ticketSystem: 'Desk' },
          scheduleInfo: { startDateTime: NOON, expiration: { type: 'afterDuration', duration: 'PT1H' } },
        },
      },
    ])
    expect(w.detailsOf(id)).toEqual([{ key: 'ticketCheck', value: 'eval-1' }])
  })

  test.each([
    [
      'what it refuses is refused, and it says why',
      { outcome: 'Denied', reason: 'It is closed.' },
      'The ticket was refused: It is closed.',
    ],
    ['nothing is given where it says nothing', 'nothing', UNCHECKED],
  ] as const)('%s', async (_name, says, message) => {
    const w = await asking()
    w.says(says)
    for (const isValidationOnly of [true, false])
      await expect(w.ask({ ...ticket, isValidationOnly })).rejects.toMatchObject(refusedWith(message))
    expect([w.rows.size, w.events.size, w.views.due.size, w.started]).toEqual([0, 0, 0, []])
    expect(w.desk.asked.map(({ question }) => question.isValidationOnly)).toEqual([true, false])
  })

  test('what was wrong with the connection is told to operators, not to the requester', async () => {
    const w = await asking()
    w.says('nothing')
    await w.ask(ticket).catch(() => undefined)
    expect(w.logged).toEqual([
      {
        level: 'warn',
        message: 'A ticket could not be checked.',
        fields: { targetUrl, requestId: null, error: expect.stringContaining('3000 ms') },
      },
    ])
  })

  test('nobody is asked without a ticket, about one that does not look like one, or where no desk is named', async () => {
    const w = await asking()
    await w.ask({ isValidationOnly: true })
    await w.changeRules([{ ...checked(), ticketPattern: 'INC\\d+' } as Rule])
    await expect(w.ask(ticket)).rejects.toMatchObject({ details: [{ code: 'TicketingRule' }] })
    await w.changeRules([enablement('Ticketing')])
    await w.ask(ticket)
    expect(w.desk.asked).toEqual([])
  })

  test('nobody is asked about what is refused anyway: no stranger tries out numbers of tickets', async () => {
    const w = await asking()
    const codes = (asked: Promise<unknown>) =>
      asked.catch(({ details }) => details.map(({ code }: { code: string }) => code))
    expect(await codes(w.ask(ticket, mallory))).toEqual(['EligibilityRule'])
    expect(await codes(w.ask({ ...ticket, ...lasting('P2D') }))).toEqual(['ExpirationRule'])
    expect(await codes(w.ask({ ...ticket, justification: ' ' }))).toEqual(['JustificationRule'])
    expect(w.desk.asked).toEqual([])
  })

  test('an extension is asked about as well, by its name', async () => {
    const w = await asking()
    const { id } = await w.ask(ticket)
    await w.step(id)
    w.desk.asked.length = 0
    const longer = {
      action: 'selfExtend',
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT3H' } },
    }
    await w.ask({ ...ticket, ...longer })
    expect(w.desk.asked).toMatchObject([{ question: { action: 'selfExtend' } }])
  })
})

describe('approved at once', () => {
  const approval = approvalRule([user(grace.id)])
  const yes = { outcome: 'AutoApproved', reason: 'Planned change.' } as const

  test('where the settings let the desk, and it says why', async () => {
    const w = await asking({ mayAutoApprove: true }, approval)
    w.says(yes)
    const { id } = await w.ask(ticket)
    expect(w.row(id)).toMatchObject({
      status: 'Granted',
      approval: {
        decision: {
          via: 'automatic',
          justification: 'Ticket check: Planned change.',
          reviewedBy: { displayName: 'Interim' },
        },
      },
    })
    await w.step(id)
    expect(w.row(id).status).toBe('Provisioned')
    // What is told at once is made from the row a second time: it must say the same as the trail.
    const told = w.post.notices.flatMap(({ events }) => events)
    expect(told.map((event) => event.id)).toContain(`${id}.requested`)
    for (const event of told) expect(event).toEqual(w.events.get(event.id))
    expect(w.detailsOf(id)).toHaveLength(1)
    expect(w.desk.asked.map(({ question }) => question.id)).toEqual([null, id])
  })

  test.each<[string, object, typeof yes | { outcome: 'Approved' }]>([
    ['the settings do not let it', {}, yes],
    ['it only says that the ticket is right', { mayAutoApprove: true }, { outcome: 'Approved' }],
  ])('never where %s: somebody is asked', async (_name, more, says) => {
    const w = await asking(more, approval)
    w.says(says)
    expect(await w.ask(ticket)).toMatchObject({ status: 'PendingApproval' })
  })

  test('never without a ticket', async () => {
    const w = await asking({ mayAutoApprove: true }, approval)
    w.says(yes)
    expect(await w.ask()).toMatchObject({ status: 'PendingApproval' })
  })

  test.each<[string, (w: Awaited<ReturnType<typeof asking>>) => unknown, string]>([
    ['the desk only says yes by then', (w) => w.says({ outcome: 'Approved' }), 'automatically'],
    ['the desk says no by then', (w) => w.says({ outcome: 'Denied', reason: 'Closed.' }), 'Closed.'],
    ['the settings do not let it any more', (w) => w.changeRules([checked()]), 'automatically'],
    ['no desk is named any more', (w) => w.changeRules([enablement('Justification')]), 'automatically'],
    [
      'another desk is named',
      (w) => w.changeRules([checked({ targetUrl: 'https://other.example/', mayAutoApprove: true })]),
      '',
    ],
  ])('and judged again at the start: %s', async (name, change, why) => {
    const w = await asking({ mayAutoApprove: true }, approval)
    w.says(yes)
    const { id } = await w.ask({ ...ticket, ...lasting('PT1H', NOON) })
    await change(w)
    w.at(NOON)
    await w.step(id)
    if (name.startsWith('another')) {
      expect(w.desk.asked.slice(1).map(({ desk }) => desk.targetUrl)).toEqual([
        targetUrl,
        'https://other.example/',
      ])
      return void expect(w.row(id).status).toBe('Provisioned') // both have said so
    }
    expect(w.row(id)).toMatchObject({ status: 'Failed', failure: { message: expect.stringContaining(why) } })
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
  })
})

describe('at an approval', () => {
  async function waiting() {
    const w = await asking({}, approvalRule([user(grace.id), user(linus.id)]))
    const request = await w.ask(ticket)
    return { ...w, request }
  }

  test.each([
    [{ outcome: 'Denied', reason: 'Closed.' }, 'The ticket was refused: Closed.'],
    ['nothing', UNCHECKED],
  ] as const)('what is refused then is not approved: %o', async (says, message) => {
    const w = await waiting()
    w.says(says)
    await expect(w.decide(w.request, 'Approve')).rejects.toMatchObject(refusedWith(message))
    expect(w.row(w.request.id)).toMatchObject({ status: 'PendingApproval', approval: { decision: null } })
    w.says({})
    expect(await w.decide(w.request, 'Approve')).toMatchObject({ status: 'Granted' })
    expect(w.desk.asked.at(-1)?.question).toMatchObject({ id: w.request.id, isValidationOnly: false })
  })

  test('a refusal needs no desk', async () => {
    const w = await waiting()
    w.says('nothing')
    expect(await w.decide(w.request, 'Deny')).toMatchObject({ status: 'Denied' })
    expect(w.desk.asked).toHaveLength(1)
  })

  test('whoever may not decide has nobody asked', async () => {
    const w = await waiting()
    await expect(w.decide(w.request, 'Approve', mallory)).rejects.toMatchObject({ status: 403 })
    expect(w.desk.asked).toHaveLength(1) // when it was asked for
  })

  test('one that the settings name only since then is asked as well', async () => {
    const w = world()
    await w.makeEligible(ada.id)
    await w.changeRules([approvalRule([user(grace.id)])])
    const request = await w.ask(ticket)
    await w.changeRules([checked()])
    w.desk.state.says = { outcome: 'Denied' }
    await expect(w.decide(request, 'Approve')).rejects.toMatchObject(refusedWith('The ticket was refused.'))
  })
})

describe('at the start', () => {
  async function scheduled() {
    const w = await asking()
    const { id } = await w.ask({ ...ticket, ...lasting('PT1H', NOON) })
    w.at(NOON)
    return { ...w, id }
  }

  test('a desk that is away is asked again until it answers, and nothing is given before', async () => {
    const w = await scheduled()
    w.says('nothing')
    for (const minute of ['12:00', '12:01', '12:02']) {
      w.at(at(minute))
      await expect(w.step(w.id)).rejects.toMatchObject({ name: 'Unavailable' })
      expect([w.row(w.id).status, w.tenant.holds(ada.id, exchangeRole)]).toEqual(['Granted', false])
    }
    w.says({})
    w.at(at('12:05'))
    await sweep(w.ports, w.workflows)
    expect([w.row(w.id).status, w.tenant.holds(ada.id, exchangeRole)]).toEqual(['Provisioned', true])
    expect(w.row(w.id).endsAt).toBe(at('13:00'))
  })

  test('a desk that stays away until it is too late: it fails, and nothing was given', async () => {
    const w = await scheduled()
    w.says('nothing')
    await expect(w.step(w.id)).rejects.toThrow('could not be checked')
    w.at('2030-01-01T12:59:30.000Z')
    await w.step(w.id)
    expect(w.row(w.id)).toMatchObject({ status: 'Failed', failure: { code: 'ProvisioningTimedOut' } })
    expect(w.tenant.calls).toEqual(['find']) // while the desk was asked
  })

  test('what it refuses is not given', async () => {
    const w = await scheduled()
    w.says({ outcome: 'Denied', reason: 'The change was called off.' })
    await w.step(w.id)
    expect(w.row(w.id)).toMatchObject({
      status: 'Failed',
      failure: { message: 'TicketingRule: The ticket was refused: The change was called off.' },
    })
  })

  test('what else refuses it does not wait for the desk', async () => {
    const w = await scheduled()
    w.says('nothing')
    w.tenant.people.set(ada.id, { ...ada, accountEnabled: false })
    await w.step(w.id)
    expect(w.row(w.id)).toMatchObject({
      status: 'Failed',
      failure: { message: expect.stringMatching(/^RequesterRule/) },
    })
  })

  test('one that has begun late and is nearly over is asked about like any other', async () => {
    const w = await scheduled()
    w.says({ outcome: 'Denied' })
    w.at(at('12:57')) // so short that it could not be asked for any more
    await w.step(w.id)
    expect(w.row(w.id)).toMatchObject({
      status: 'Failed',
      failure: { message: expect.stringContaining('refused') },
    })
  })

  test('after an answer that was lost: whatever may have been given is taken away when the desk says no', async () => {
    const w = await scheduled()
    w.tenant.next.add.push('lost')
    await expect(w.step(w.id)).rejects.toThrow('lost')
    w.says({ outcome: 'Denied' })
    await w.step(w.id)
    expect(w.row(w.id).status).toBe('PendingRevocation')
  })
})

describe('a look at other settings', () => {
  const looksAt = (w: Awaited<ReturnType<typeof asking>>, rule: Rule) =>
    changeRoleSettings(w.ports, caller(alan), exchangeRole, { rules: [rule], isValidationOnly: true })

  test('calls nobody, neither those who are named now nor those who would be', async () => {
    const w = await asking({}, approvalRule([user(grace.id)]))
    await w.ask(ticket)
    w.desk.asked.length = 0
    const { effect } = await looksAt(w, checked({ targetUrl: 'https://evil.example/' }))
    expect(effect).toMatchObject({
      requests: [],
      differences: [{ what: 'ticketCheck', effect: 'other', from: targetUrl, to: 'https://evil.example/' }],
    })
    expect(w.desk.asked).toEqual([])
  })

  test('says that what a desk has approved would not be given any more', async () => {
    const w = await asking({ mayAutoApprove: true }, approvalRule([user(grace.id)]))
    w.says({ outcome: 'AutoApproved' })
    const { id } = await w.ask({ ...ticket, ...lasting('PT1H', NOON) })
    const { effect } = await looksAt(w, checked())
    expect(effect?.requests).toMatchObject([{ id, outcome: 'refused' }])
    const { effect: none } = await looksAt(w, checked({ mayAutoApprove: true, maximumRetries: 2 }))
    expect(none?.requests).toEqual([])
    expect(w.desk.asked).toHaveLength(1)
  })
})
