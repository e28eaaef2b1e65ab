import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deliver, FRESH_COPY_AFTER } from '../../src/activities/deliver.ts'
import type { Decision } from '../../src/domain/approval.ts'
import type { Notice, NoticeKind } from '../../src/domain/notice.ts'
import type { Request } from '../../src/domain/request.ts'
import { event } from '../../src/domain/request-steps.ts'
import { ADMINISTRATORS, SECURITY_ADMINISTRATOR } from '../../src/domain/role.ts'
import { defaultRules, type Rule } from '../../src/domain/role-settings.ts'
import { Throttled, Unavailable } from '../../src/ports.ts'
import { beingTaken, granted, held, pending, waitingFor } from '../domain/requests.ts'
import {
  ada,
  alan,
  approversGroup,
  dorothy,
  engineers,
  exchangeRole,
  grace,
  group,
  ken,
  linus,
  user,
} from '../fakes/people.ts'
import { NINE, type World, world } from '../fakes/world.ts'

/** A request that waits for the group, for Ada herself and for Ken, who has left. */
async function waiting(request: Request = pending) {
  const w = world()
  w.tenant.groups.get(approversGroup)?.members.push(ada.id, ken.id)
  const approvers = [group(approversGroup), user(ada.id), user(ken.id), user(grace.id)]
  const asked = {
    ...request,
    approval: request.approval && { ...waitingFor(approvers), decision: request.approval.decision },
  }
  await w.ports.store.openRequest({ request: asked, events: [] })
  const names = () => w.post.mails.map(({ to }) => to.displayName.split(' ')[0]).sort()
  return {
    ...w,
    asked,
    names,
    send: (...kinds: NoticeKind[]) => deliver(w.ports, { kinds, request: asked, events: [] }),
  }
}

/** So many more who look after roles. */
function administrators({ tenant }: Pick<World, 'tenant'>, count: number): void {
  for (let n = 0; n < count; n++) {
    const id = `99999999-0000-4000-8000-${`${n}`.padStart(12, '0')}`
    tenant.people.set(id, { ...alan, id, mail: `a${n}@contoso.example` })
    tenant.give(id, { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[0] as string }, 1)
  }
}

describe('who is told', () => {
  test.each([
    ['another owner', [ada.id, grace.id], ['Grace']],
    ['for want of another owner, who administers roles', [ada.id], ['Alan']],
  ])('that an owner cannot be removed: %s, and not that owner alone', async (_, owners, people) => {
    const role = { provider: 'group' as const, roleDefinitionId: 'owner', scope: `/groups/${engineers}` }
    const w = await waiting({ ...beingTaken, ...role })
    w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [], owners })
    await w.send('removalFailing')
    expect(w.names()).toEqual(people)
  })

  test.each<[NoticeKind, Request, string[]]>([
    ['approvalRequested', pending, ['Grace', 'Linus']],
    ['approvalReminder', pending, ['Grace', 'Linus']],
    ['decided', granted, ['Ada', 'Grace', 'Linus']],
    ['canceled', { ...pending, status: 'Canceled' }, ['Ada', 'Grace', 'Linus']],
    ['timedOut', { ...pending, status: 'TimedOut' }, ['Ada', 'Grace', 'Linus']],
    ['activated', held, ['Ada', 'Alan']],
    ['ended', { ...held, status: 'Expired' }, ['Ada']],
    ['failed', { ...granted, status: 'Failed', failure: { code: 'x', message: 'y' } }, ['Ada', 'Alan']],
    ['removalFailing', beingTaken, ['Alan']],
  ])('%s', async (kind, request, people) => {
    const w = await waiting(request)
    await w.send(kind)
    expect(w.names()).toEqual(people)
  })

  test('nobody is asked any more when it is decided already', async () => {
    const w = await waiting()
    const read = await w.ports.store.findRequest(w.asked.id)
    if (read)
      await w.ports.store.writeRequest(read, { request: { ...w.asked, status: 'Denied' }, events: [] })
    w.at('2030-01-01T10:00:30.000Z')
    await w.send('approvalRequested')
    await w.send('approvalReminder')
    expect(w.names()).toEqual([])
  })

  test('approved and given at once: the requester hears that they have it, the approvers that it was decided', async () => {
    const w = await waiting(held)
    await w.send('decided', 'activated')
    expect(w.names()).toEqual(['Ada', 'Alan', 'Grace', 'Linus'])
    const active = w.post.mails.filter(({ subject }) => subject.includes('is active until'))
    expect(active.map(({ to }) => to.id)).toEqual([ada.id, alan.id])
  })

  test('nobody: the events are only indexed', async () => {
    const w = await waiting(held)
    await w.send()
    expect(w.names()).toEqual([])
  })

  test('a requester who administers hears of a failure once', async () => {
    const w = await waiting({
      ...granted,
      status: 'Failed',
      principal: alan,
      failure: { code: 'x', message: 'y' },
    })
    await w.send('failed')
    expect(w.post.mails.map(({ to, subject }) => [to.id, subject])).toEqual([
      [alan.id, 'PIM: Your request to activate the Exchange Administrator role failed'],
    ])
  })

  test('each approver gets a link of their own', async () => {
    const w = await waiting()
    await w.send('approvalRequested')
    for (const { to, text, html } of w.post.mails) {
      expect(text).toContain(`https://interim.example/approve/${w.asked.id}+${to.id}`)
      expect(html).toContain(`${w.asked.id}+${to.id}`)
    }
  })

  test.each<[NoticeKind, Request]>([
    ['decided', granted],
    ['activated', held],
    ['ended', { ...held, status: 'Expired' }],
  ])('there is nothing to decide in a mail that says: %s', async (kind, request) => {
    const w = await waiting(request)
    await w.send(kind)
    for (const { text } of w.post.mails) expect(text).not.toContain('/approve/')
  })

  test('somebody without an address is left out, and the others are told', async () => {
    const w = await waiting()
    w.tenant.people.set(grace.id, { ...grace, mail: null })
    await w.send('approvalRequested')
    expect(w.names()).toEqual(['Linus'])
    expect(w.logged).toMatchObject([{ level: 'warn', fields: { person: grace.id } }])
  })

  test('somebody who is gone is told nothing', async () => {
    const w = await waiting(held)
    w.tenant.people.delete(ada.id)
    await w.send('activated')
    expect(w.names()).toEqual(['Alan'])
  })
})

describe('mails that do not go out', () => {
  test('only the rest is put back, and goes out later', async () => {
    const w = await waiting()
    w.post.undeliverable.add(grace.mail as string)
    await w.send('approvalRequested')
    expect(w.names()).toEqual(['Linus'])
    expect(w.post.notices).toMatchObject([
      { kinds: ['approvalRequested'], left: [`approvalRequested ${grace.id}`], events: [] },
    ])
    w.post.undeliverable.clear()
    for (const notice of w.post.notices.splice(0)) await deliver(w.ports, notice)
    expect([w.names(), w.post.notices]).toEqual([['Grace', 'Linus'], []])
  })

  test('none at all: the queue tries again', async () => {
    const w = await waiting()
    for (const { mail } of [grace, linus]) w.post.undeliverable.add(mail as string)
    await expect(w.send('approvalRequested')).rejects.toThrow('None of 2 mails went out.')
    expect(w.post.notices).toEqual([])
  })

  test('to a service that hangs at each: the host would end what takes five minutes, so the others are left for the next time', async () => {
    const w = await waiting(held)
    administrators(w, 40)
    let asked = 0
    let hangs = (_: number) => true
    const { mailer } = w.ports
    const send: typeof mailer.send = async (mail, key) => {
      w.clock.now = new Date(w.clock.now.getTime() + 30_000)
      if (hangs(asked++)) throw new Unavailable('No answer.')
      return mailer.send(mail, key)
    }
    Object.assign(w.ports, { mailer: { ...mailer, send } })
    const inTime = async (notice: Notice) => {
      const before = w.clock.now.getTime()
      const error = await deliver(w.ports, notice).catch((failure) => failure)
      expect((w.clock.now.getTime() - before) / 1000).toBeLessThan(200)
      if (error) w.post.notices.push(notice) // the queue brings it again
      return error?.name
    }
    expect(await inTime({ kinds: ['activated'], request: w.asked, events: [] })).toBe('Unavailable')
    hangs = (attempt) => attempt % 2 === 0
    for (let round = 0; round < 100 && w.post.notices.length > 0; round++)
      for (const notice of w.post.notices.splice(0)) await inTime(notice)
    const told = w.post.mails.map(({ to }) => to.id)
    expect([w.post.notices, told.length, new Set(told).size]).toEqual([[], 42, 42])
  })

  test('the same mail has the same key at every attempt', async () => {
    const w = await waiting()
    await w.send('approvalRequested')
    await w.send('approvalRequested')
    const keys = w.post.mails.map(({ key }) => key)
    expect(new Set(keys).size).toBe(2)
    expect(keys).toHaveLength(4)
  })
})

/** Changes one notification rule of the role. */
async function rule(w: Awaited<ReturnType<typeof waiting>>, id: string, change: object) {
  const standard = defaultRules().find((each) => each.id === id) as Rule
  await w.changeRules([{ ...standard, ...change } as Rule])
}
const SOC = 'soc@contoso.example'
const OFF = { isDefaultRecipientsEnabled: false }

describe('by the notification rules', () => {
  test.each<[string, NoticeKind, Request, string, object, string[]]>([
    ['off', 'activated', held, 'Notification_Admin_EndUser_Assignment', OFF, ['Ada']],
    ['off', 'activated', held, 'Notification_Requestor_EndUser_Assignment', OFF, ['Alan']],
    ['off', 'approvalRequested', pending, 'Notification_Approver_EndUser_Assignment', OFF, []],
    [
      'critical only',
      'approvalRequested',
      pending,
      'Notification_Approver_EndUser_Assignment',
      { notificationLevel: 'Critical' },
      ['Grace', 'Linus'],
    ],
    [
      'critical only',
      'decided',
      granted,
      'Notification_Approver_EndUser_Assignment',
      { notificationLevel: 'Critical' },
      ['Ada'],
    ],
    [
      'one address more',
      'activated',
      held,
      'Notification_Admin_EndUser_Assignment',
      { notificationRecipients: [SOC] },
      ['Ada', 'Alan', SOC],
    ],
    [
      'one address instead',
      'approvalRequested',
      pending,
      'Notification_Approver_EndUser_Assignment',
      { ...OFF, notificationRecipients: [SOC] },
      [SOC],
    ],
    [
      'the address of somebody who is told anyway',
      'activated',
      held,
      'Notification_Admin_EndUser_Assignment',
      { notificationRecipients: ['ADA@contoso.example'] },
      ['Ada', 'Alan'],
    ],
    ['never silenced', 'removalFailing', beingTaken, 'Notification_Admin_EndUser_Assignment', OFF, ['Alan']],
    [
      'the rule of another occasion',
      'activated',
      held,
      'Notification_Admin_Admin_Assignment',
      OFF,
      ['Ada', 'Alan'],
    ],
  ])('%s: %s', async (_name, kind, request, id, change, people) => {
    const w = await waiting(request)
    await rule(w, id, change)
    await w.send(kind)
    expect(w.names()).toEqual(people)
  })

  test('an address of the settings is told of others, and gets no link', async () => {
    const w = await waiting()
    await rule(w, 'Notification_Approver_EndUser_Assignment', { notificationRecipients: [SOC] })
    await rule(w, 'Notification_Requestor_EndUser_Assignment', { notificationRecipients: [SOC] })
    await w.send('approvalRequested')
    await deliver(w.ports, { kinds: ['ended'], request: { ...held, status: 'Expired' }, events: [] })
    const mails = w.post.mails.filter(({ to }) => to.mail === SOC)
    expect(mails.map(({ subject }) => subject)).toEqual([
      "PIM: Review Ada Lovelace's request to activate the Exchange Administrator role",
      "PIM: Ada Lovelace's Exchange Administrator role has ended",
    ])
    for (const { text, html } of mails) expect(text + html).not.toContain('/approve/')
  })

  test('at most a thousand are told of one event, whose it is first', async () => {
    const w = await waiting(held)
    administrators(w, 1100)
    await w.send('activated')
    expect(w.post.mails).toHaveLength(1000)
    expect(w.post.mails[0]?.to.id).toBe(ada.id)
    expect(w.logged).toMatchObject([{ level: 'warn' }])
  })
})

describe('administrators', () => {
  test.each([
    ['directory', { ...exchangeRole }, ['Ada', 'Alan', 'Dorothy']],
    [
      'group',
      { provider: 'group' as const, roleDefinitionId: 'member', scope: `/groups/${engineers}` },
      ['Ada', 'Linus'],
    ],
  ] as const)('of the provider %s are told that somebody is active', async (_name, role, people) => {
    const w = await waiting({ ...held, ...role })
    w.tenant.give(dorothy.id, { ...exchangeRole, roleDefinitionId: SECURITY_ADMINISTRATOR }, 1)
    w.tenant.groups.set(engineers, {
      id: engineers,
      displayName: 'Engineers',
      members: [],
      owners: [linus.id],
    })
    await w.send('activated')
    expect(w.names()).toEqual(people)
  })

  test('those who may decide nothing are asked for nothing: Security Administrators', async () => {
    const w = await waiting({
      ...pending,
      action: 'selfExtend',
      about: 'eligibility',
      status: 'PendingAdminDecision',
    })
    w.tenant.give(dorothy.id, { ...exchangeRole, roleDefinitionId: SECURITY_ADMINISTRATOR }, 1)
    await w.send('approvalRequested')
    expect(w.names()).toEqual(['Alan'])
  })

  test('whose account is disabled are not told', async () => {
    const w = await waiting(held)
    w.tenant.people.set(alan.id, { ...alan, accountEnabled: false })
    await w.send('activated')
    expect(w.names()).toEqual(['Ada'])
  })
})

describe('whoever has done it is not told', () => {
  const decidedBy = (via: Decision['via']): Request => ({
    ...granted,
    approval: {
      ...(pending.approval as NonNullable<Request['approval']>),
      decision: {
        reviewResult: 'Approved',
        reviewedBy: grace,
        reviewedDateTime: NINE,
        justification: null,
        via,
      },
    },
  })

  test.each([
    ['api', ['Ada', 'Linus']],
    ['page', ['Ada', 'Linus']],
    ['link', ['Ada', 'Grace', 'Linus']], // nobody had signed in: it may not have been Grace
  ] as const)('of a decision, by %s', async (via, people) => {
    const w = await waiting(decidedBy(via))
    await w.send('decided')
    expect(w.names()).toEqual(people)
  })

  test('of a request that they have withdrawn', async () => {
    const w = await waiting({ ...pending, status: 'Canceled' })
    const record = event(w.asked, 'canceled', 'Add member to role canceled (PIM activation)', ada, NINE)
    await deliver(w.ports, { kinds: ['canceled'], request: w.asked, events: [record] })
    expect(w.names()).toEqual(['Grace', 'Linus'])
  })

  test('of what they have assigned, and have taken away', async () => {
    const assigned: Request = { ...held, action: 'adminAssign', createdBy: alan, approval: null }
    const w = await waiting(assigned)
    await w.send('activated')
    const ending = { ...(beingTaken.ending as NonNullable<Request['ending']>), by: alan }
    await deliver(w.ports, {
      kinds: ['ended'],
      request: { ...assigned, status: 'Revoked', ending },
      events: [],
    })
    expect(w.names()).toEqual(['Ada', 'Ada'])
  })
})

test('of what a group has its owners are told', async () => {
  const w = await waiting({
    ...held,
    principal: { id: engineers, displayName: 'Engineers' },
    principalType: 'Group',
  })
  w.tenant.groups.set(engineers, {
    id: engineers,
    displayName: 'Engineers',
    members: [ada.id],
    owners: [linus.id],
  })
  await w.send('activated')
  expect(w.names()).toEqual(['Alan', 'Linus'])
})

describe('when the quota is used up', () => {
  test('who could not be told is told when it is not, each once, and nobody is looked up meanwhile', async () => {
    const w = await waiting()
    w.post.quota.left = 1
    await w.send('approvalRequested')
    expect(w.post.mails).toHaveLength(1)
    const [rest] = w.post.notices.splice(0)
    if (!rest) throw new Error('Nothing was put back.')
    const { asked } = w.post.quota
    const person = w.ports.directory.person
    w.ports.directory.person = () => Promise.reject(new Error('looked up'))
    await expect(deliver(w.ports, rest)).rejects.toThrow(Throttled)
    expect([w.post.quota.asked, w.post.notices]).toEqual([asked, []])
    w.ports.directory.person = person
    delete w.post.quota.left
    await deliver(w.ports, rest)
    expect(w.names()).toEqual(['Grace', 'Linus'])
  })

  test('none at all: it is put back once in a form that costs little, and then the queue tries again', async () => {
    const w = await waiting()
    w.post.quota.left = 0
    await w.send('approvalRequested')
    const [rest] = w.post.notices.splice(0)
    expect(rest).toMatchObject({
      events: [],
      left: expect.arrayContaining([`approvalRequested ${grace.id}`]),
    })
    await expect(deliver(w.ports, rest as Notice)).rejects.toThrow(Throttled)
    expect(w.post.notices).toEqual([])
  })

  test('however long that lasts, nothing is given up for it: a fresh copy takes the place of a worn message', async () => {
    const w = await waiting()
    w.post.quota.left = 0
    await w.send('approvalRequested')
    const [rest] = w.post.notices.splice(0) as [Notice]
    await deliver(w.ports, rest, FRESH_COPY_AFTER)
    expect(w.post.notices).toEqual([rest])
    const { extensions } = JSON.parse(readFileSync('host.json', 'utf8'))
    expect(FRESH_COPY_AFTER).toBeLessThan(extensions.queues.maxDequeueCount)
  })

  test('a worn message that fails for another reason is left to be given up', async () => {
    const w = await waiting()
    for (const { mail } of [grace, linus]) w.post.undeliverable.add(mail as string)
    await expect(
      deliver(w.ports, { kinds: ['approvalRequested'], request: w.asked, events: [] }, FRESH_COPY_AFTER),
    ).rejects.toThrow('None of 2 mails went out.')
    expect(w.post.notices).toEqual([])
  })

  test('what is left is put back in parts that fit into messages', async () => {
    const w = await waiting(held)
    administrators(w, 950)
    w.post.quota.left = 0
    await w.send('activated')
    expect(w.post.notices.flatMap(({ left }) => left)).toHaveLength(952)
    for (const notice of w.post.notices)
      expect(Buffer.from(JSON.stringify(notice)).toString('base64').length).toBeLessThan(64 * 1024)
  })
})

test('events are in the index before anybody is told, and stay there when nobody can be', async () => {
  const w = await waiting()
  w.post.undeliverable.add(grace.mail as string).add(linus.mail as string)
  const record = event(w.asked, 'requested', 'Add member to role requested (PIM activation)', ada, NINE)
  await expect(
    deliver(w.ports, { kinds: ['approvalRequested'], request: w.asked, events: [record] }),
  ).rejects.toThrow()
  expect([...w.views.indexed.keys()]).toEqual([record.id])
})
