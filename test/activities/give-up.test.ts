import { describe, expect, test } from 'vitest'
import { deliver } from '../../src/activities/deliver.ts'
import { giveUp } from '../../src/activities/give-up.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { tableStore } from '../../src/adapters/tables/store.ts'
import { tableUndelivered } from '../../src/adapters/tables/undelivered.ts'
import { createEligibility } from '../../src/api/eligibilities.ts'
import { dismiss, listUndelivered, sendAgain, undeliveredAnswer } from '../../src/api/undelivered.ts'
import { NewEligibility } from '../../src/domain/eligibility.ts'
import type { AnyNotice, BundleNotice } from '../../src/domain/notice.ts'
import type { Ports } from '../../src/ports.ts'
import { held } from '../domain/requests.ts'
import { ada, alan, caller, exchange, grace, user } from '../fakes/people.ts'
import { memoryTable } from '../fakes/table.ts'
import { type World, world } from '../fakes/world.ts'

const MESSAGE = '4f1e7a66-0000-4000-8000-000000000001'
const page = { top: 50, after: null }

/** Ada has asked, and the mail to Grace could not be sent for a day. */
async function givenUp() {
  const w = world()
  await w.makeEligible(ada.id)
  await w.approvalBy(user(grace.id))
  const { id } = await w.ask()
  const [notice] = w.post.notices.splice(0) as [AnyNotice]
  await giveUp(w.ports, notice, MESSAGE)
  return { w, id, notice }
}

describe('a notice that was given up', () => {
  test('is on the list of administrators, recorded, in the index, and said to operators', async () => {
    const { w, id } = await givenUp()
    const { items } = await listUndelivered(w.ports, page)
    expect(items.map(undeliveredAnswer)).toEqual([
      {
        id: `und-${MESSAGE}`,
        givenUpDateTime: '2030-01-01T09:00:00.000Z',
        kinds: ['approvalRequested'],
        subjectId: id,
        principal: { id: ada.id, displayName: 'Ada Lovelace' },
        roleDisplayName: 'Exchange Administrator',
        mails: null,
      },
    ])
    const record = w.events.get(`${id}.undelivered-und-${MESSAGE}`)
    expect(record).toMatchObject({ activityDisplayName: 'PIM notice not delivered', result: 'failure' })
    expect([...w.views.indexed.keys()].sort()).toEqual([...w.events.keys()].sort())
    expect(w.logged).toMatchObject([{ level: 'error' }])
  })

  test('stays one when it is given up twice, as by a process that died in between', async () => {
    const { w, notice } = await givenUp()
    const events = w.events.size
    await giveUp(w.ports, notice, MESSAGE)
    expect([w.post.kept.size, w.events.size]).toEqual([1, events])
  })

  test('stays one, of the instant at which it was given up first, so that the index does not show it twice', async () => {
    const { w, id, notice } = await givenUp()
    w.at('2030-01-01T09:10:00.000Z')
    await giveUp(w.ports, notice, MESSAGE)
    expect(w.events.get(`${id}.undelivered-und-${MESSAGE}`)).toMatchObject({
      activityDateTime: '2030-01-01T09:00:00.000Z',
    })
  })

  test('is sent again when an administrator wants it, and is off the list', async () => {
    const { w } = await givenUp()
    await sendAgain(w.ports, caller(alan), `und-${MESSAGE}`)
    for (const each of w.post.notices.splice(0)) await deliver(w.ports, each)
    expect(w.post.mails.map(({ to }) => to.id)).toEqual([grace.id])
    expect((await listUndelivered(w.ports, page)).items).toEqual([])
    await expect(sendAgain(w.ports, caller(alan), `und-${MESSAGE}`)).rejects.toMatchObject({ status: 404 })
  })

  test('asks nobody any more when it has been decided meanwhile', async () => {
    const { w, id } = await givenUp()
    await w.decide({ id }, 'Deny')
    w.post.notices.length = 0
    w.at('2030-01-02T09:00:00.000Z')
    await sendAgain(w.ports, caller(alan), `und-${MESSAGE}`)
    for (const each of w.post.notices.splice(0)) await deliver(w.ports, each)
    expect(w.post.mails).toEqual([])
  })

  test('can be dismissed; the record stays', async () => {
    const { w, id } = await givenUp()
    await dismiss(w.ports, caller(alan), `und-${MESSAGE}`)
    expect([w.post.kept.size, w.post.notices]).toEqual([0, []])
    expect(w.steps(id)).toContain(`undelivered-und-${MESSAGE}`)
  })

  test('is not told a second time by the sweep for having been recorded', async () => {
    const { w, id } = await givenUp()
    w.views.indexed.delete(`${id}.undelivered-und-${MESSAGE}`) // as if the process had died before
    w.at('2030-01-01T09:05:00.000Z')
    await sweep(w.ports, w.workflows)
    expect(w.post.notices).toEqual([])
  })

  test('may be of an eligibility too', async () => {
    const w = world()
    const body = NewEligibility.parse({ principalId: ada.id, roleDefinitionId: exchange.id })
    const { id } = await createEligibility(w.ports, caller(alan), body)
    await giveUp(w.ports, w.post.eligibilityNotices[0] as AnyNotice, MESSAGE)
    expect((await listUndelivered(w.ports, page)).items.map(undeliveredAnswer)).toMatchObject([
      { subjectId: id, kinds: ['assigned'], principal: { id: ada.id } },
    ])
  })

  describe('may be a bundle of mails', () => {
    const activated = (person: string): AnyNotice => ({
      kinds: ['activated'],
      request: {
        ...held,
        id: held.id.replace(/.{8}$/, person.padStart(8, '0')),
        principal: { id: `person-${person}`, displayName: person },
      },
      events: [],
    })

    /** Three activations within a quarter of an hour: the mail about the last two goes to Alan when that is over, and is tried for a day. */
    async function bundleGivenUp(own: Partial<Ports> = {}) {
      const w = world()
      Object.assign(w.ports, own, { bundleMinutes: 15 })
      for (const person of ['ada', 'ken', 'mary']) await deliver(w.ports, activated(person))
      w.at('2030-01-01T09:15:00.000Z')
      await sweep(w.ports, w.workflows)
      const [notice] = w.post.bundles.splice(0) as [BundleNotice]
      w.post.mails.length = 0
      w.post.undeliverable.add(alan.mail as string)
      await expect(deliver(w.ports, notice)).rejects.toThrow()
      await giveUp(w.ports, notice, MESSAGE)
      w.post.undeliverable.clear()
      return { ...w, notice }
    }

    test('it is on the list and said to operators, and the trail, which has all that is in it, stays as it is', async () => {
      const w = await bundleGivenUp({ store: tableStore(memoryTable()) })
      const { items } = await listUndelivered(w.ports, page)
      expect(items.map(undeliveredAnswer)).toMatchObject([
        { id: `und-${MESSAGE}`, kinds: ['bundle'], principal: { id: alan.id }, mails: null },
      ])
      expect(w.logged.filter(({ level }) => level === 'error')).toHaveLength(1)
      expect([...w.events.keys()].filter((id) => id.includes('undelivered'))).toEqual([])
    })

    /** Into the outbox, and from there to the mail service. */
    async function sentAgain(w: World) {
      await sendAgain(w.ports, caller(alan), `und-${MESSAGE}`)
      for (const each of w.post.bundles.splice(0)) await deliver(w.ports, each)
      return w.post.mails.splice(0)
    }

    test('sent again it says all that was gathered, also when more has been gathered since', async () => {
      const w = await bundleGivenUp()
      w.at('2030-01-02T09:16:00.000Z')
      for (const person of ['joan', 'jean']) await deliver(w.ports, activated(person))
      w.post.mails.length = 0
      const [mail, ...more] = await sentAgain(w)
      expect([mail?.to.id, mail?.subject, more]).toEqual([
        alan.id,
        'PIM: 2 changes to access that concern you',
        [],
      ])
      for (const person of ['ken', 'mary']) expect(mail?.text).toContain(person)
      for (const person of ['ada', 'joan', 'jean']) expect(mail?.text).not.toContain(person)
      expect((await listUndelivered(w.ports, page)).items).toEqual([])
    })

    test('as it is kept in tables, it can be sent again too, and once', async () => {
      const w = await bundleGivenUp({ undelivered: tableUndelivered(memoryTable()) })
      expect(await sentAgain(w)).toHaveLength(1)
      await giveUp(w.ports, w.notice, MESSAGE) // by a second copy of the message
      expect(await sentAgain(w)).toEqual([])
    })

    test('dismissed it is forgotten with all that was gathered', async () => {
      const w = await bundleGivenUp()
      const { id, n } = w.notice.bundle
      expect(await w.ports.bundles.told(id, n)).toHaveLength(2)
      await dismiss(w.ports, caller(alan), `und-${MESSAGE}`)
      expect(await w.ports.bundles.told(id, n)).toEqual([])
    })
  })
})
