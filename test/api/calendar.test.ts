import { describe, expect, test } from 'vitest'
import { sweep } from '../../src/activities/sweep.ts'
import { calendarAt } from '../../src/api/calendar.ts'
import {
  chooseDigest,
  makeCalendar,
  myCalendar,
  myNotifications,
  revokeCalendar,
} from '../../src/api/own-settings.ts'
import { ada, grace } from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'
import { parseCalendar } from '../support/calendar.ts'
import { dyingAt } from '../support/dying.ts'

const tokenIn = ({ address }: { address: string }) => /calendar\/([\w-]+)\.ics$/.exec(address)?.[1] as string
const feed = (w: World, token: string) => calendarAt(w.ports, token, 'interim.example')
const summaries = async (w: World, token: string) =>
  parseCalendar(await feed(w, token)).map((each) => each.SUMMARY)
const done = (w: World) => [...w.events.values()].map((event) => event.activityDisplayName)

describe('a calendar feed', () => {
  test('shows one’s own access, and nobody else’s', async () => {
    const w = world()
    const { id } = await w.makeEligible(ada.id, undefined, { endDateTime: '2030-03-01T09:00:00.000Z' })
    await w.makeEligible(grace.id, undefined, { endDateTime: '2030-02-01T09:00:00.000Z' })
    const request = await w.ask({
      scheduleInfo: {
        startDateTime: '2030-01-05T09:00:00Z',
        expiration: { type: 'afterDuration', duration: 'PT1H' },
      },
    })
    const token = tokenIn(await makeCalendar(w.ports, ada))
    expect(parseCalendar(await feed(w, token))).toMatchObject([
      {
        UID: `${request.id}@interim.example`,
        SUMMARY: 'Will be active: Exchange Administrator',
        DTSTART: '20300105T090000Z',
        DTEND: '20300105T100000Z',
      },
      { UID: `${id}.end@interim.example`, DTSTART: '20300301T090000Z' },
    ])
  })

  test('is at a secret address, which only a hash is kept of', async () => {
    const w = world()
    const [one, two] = [
      tokenIn(await makeCalendar(w.ports, ada)),
      tokenIn(await makeCalendar(w.ports, grace)),
    ]
    const kept = JSON.stringify([await w.ports.personals.read(ada.id), ...w.events.values()])
    expect(kept).not.toContain(one.slice(32))
    const mixed = [
      one.slice(0, 32) + two.slice(32),
      `${one.slice(0, -1)}x`,
      one.slice(0, 32),
      '',
      'x'.repeat(200),
      one.toUpperCase(),
    ]
    for (const wrong of mixed) await expect(feed(w, wrong)).rejects.toMatchObject({ status: 404 })
  })

  test('is revoked, and made anew at another address, each recorded once', async () => {
    const w = world()
    expect(await myCalendar(w.ports, ada)).toEqual({ isOn: false, createdDateTime: null })
    const first = tokenIn(await makeCalendar(w.ports, ada))
    w.at('2030-01-01T10:00:00.000Z')
    const second = tokenIn(await makeCalendar(w.ports, ada))
    expect(await myCalendar(w.ports, ada)).toEqual({
      isOn: true,
      createdDateTime: '2030-01-01T10:00:00.000Z',
    })
    await expect(feed(w, first)).rejects.toMatchObject({ status: 404 })
    expect(await summaries(w, second)).toEqual([])
    for (let n = 0; n < 2; n++) await revokeCalendar(w.ports, ada)
    await expect(feed(w, second)).rejects.toMatchObject({ status: 404 })
    expect(done(w)).toEqual([
      'Create calendar feed in PIM',
      'Create calendar feed in PIM',
      'Revoke calendar feed in PIM',
    ])
    expect((await w.ports.personals.read(ada.id))?.value.weeklyDigest).toBe(true)
  })

  test('of somebody whose account is disabled, or who is gone, answers nobody', async () => {
    const w = world()
    const token = tokenIn(await makeCalendar(w.ports, ada))
    w.tenant.people.set(ada.id, { ...ada, accountEnabled: false })
    await expect(feed(w, token)).rejects.toMatchObject({ status: 404 })
    w.tenant.people.delete(ada.id)
    await expect(feed(w, token)).rejects.toMatchObject({ status: 404 })
    w.tenant.people.set(ada.id, ada)
    expect(await summaries(w, token)).toEqual([])
  })
})

describe('what somebody chooses', () => {
  test('holds for them alone, and is recorded when it changes', async () => {
    const w = world()
    expect(await myNotifications(w.ports, ada)).toEqual({ weeklyDigest: true })
    await chooseDigest(w.ports, ada, true)
    expect(done(w)).toEqual([])
    for (let n = 0; n < 2; n++) await chooseDigest(w.ports, ada, false, 'By the link in the mail.')
    expect(await myNotifications(w.ports, ada)).toEqual({ weeklyDigest: false })
    expect(await myNotifications(w.ports, grace)).toEqual({ weeklyDigest: true })
    await chooseDigest(w.ports, ada, true)
    expect(done(w)).toEqual(['Turn off weekly digest in PIM', 'Turn on weekly digest in PIM'])
    expect([...w.events.values()][0]).toMatchObject({
      initiatedBy: { id: ada.id },
      resultReason: 'By the link in the mail.',
    })
  })

  test('is found in the trail, wherever the process dies', async () => {
    for (let nth = 1, more = true; more; nth++) {
      const w = world()
      const mortal = dyingAt(w.ports, w.workflows, nth, 'after')
      await chooseDigest(mortal.ports, ada, false).catch(() => undefined)
      more = mortal.died()
      w.at('2030-01-01T09:05:00.000Z')
      await sweep(w.ports, w.workflows)
      const { weeklyDigest } = await myNotifications(w.ports, ada)
      expect([...w.views.indexed.keys()]).toHaveLength(weeklyDigest ? 0 : 1)
      w.at('2030-01-01T10:00:00.000Z')
      await sweep(w.ports, w.workflows)
      expect([...w.views.due.values()]).toEqual([])
    }
  })

  test('two at once are both kept', async () => {
    const w = world()
    const [made] = await Promise.all([makeCalendar(w.ports, ada), chooseDigest(w.ports, ada, false)])
    expect(await summaries(w, tokenIn(made))).toEqual([])
    expect(await myNotifications(w.ports, ada)).toEqual({ weeklyDigest: false })
  })
})
