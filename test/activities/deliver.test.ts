import { describe, expect, test } from 'vitest'
import { deliver } from '../../src/activities/deliver.ts'
import type { NoticeKind } from '../../src/domain/notice.ts'
import type { Request } from '../../src/domain/request.ts'
import { event } from '../../src/domain/request-steps.ts'
import { beingTaken, granted, held, pending } from '../domain/requests.ts'
import { ada, alan, approversGroup, engineers, grace, group, ken, linus, user } from '../fakes/people.ts'
import { NINE, world } from '../fakes/world.ts'

/** A request that waits for the group, for Ada herself and for Ken, who has left. */
async function waiting(request: Request = pending) {
  const w = world()
  w.tenant.groups.get(approversGroup)?.members.push(ada.id, ken.id)
  const approvers = [group(approversGroup), user(ada.id), user(ken.id), user(grace.id)]
  const asked = { ...request, approval: request.approval && { ...request.approval, approvers } }
  await w.ports.store.openRequest({ request: asked, events: [] })
  const names = () => w.post.mails.map(({ to }) => to.displayName.split(' ')[0]).sort()
  return {
    ...w,
    asked,
    names,
    send: (...kinds: NoticeKind[]) => deliver(w.ports, { kinds, request: asked, events: [] }),
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

  test('the same mail has the same key at every attempt', async () => {
    const w = await waiting()
    await w.send('approvalRequested')
    await w.send('approvalRequested')
    const keys = w.post.mails.map(({ key }) => key)
    expect(new Set(keys).size).toBe(2)
    expect(keys).toHaveLength(4)
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
