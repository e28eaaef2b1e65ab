import { describe, expect, test } from 'vitest'
import { deliver } from '../../src/activities/deliver.ts'
import { sweep } from '../../src/activities/sweep.ts'
import type { AnyNotice, NoticeKind } from '../../src/domain/notice.ts'
import type { Ports } from '../../src/ports.ts'
import { held } from '../domain/requests.ts'
import { alan } from '../fakes/people.ts'
import { NINE, world } from '../fakes/world.ts'
import { Died, dyingAt } from '../support/dying.ts'

/** Alan looks after the role; the others activate it, one after the other. */
function office(bundleMinutes: number) {
  const w = world()
  w.ports.bundleMinutes = bundleMinutes
  return {
    ...w,
    /** So many minutes after nine. */
    minute: (n: number) => w.at(new Date(Date.parse(NINE) + n * 60_000).toISOString()),
    of: (person: string, kind: NoticeKind = 'activated'): AnyNotice => ({
      kinds: [kind],
      request: {
        ...held,
        id: held.id.replace(/.{8}$/, person.padStart(8, '0')),
        principal: { id: `person-${person}`, displayName: person },
        ...(kind === 'failed' && { failure: { code: 'x', message: 'y' } }),
      },
      events: [],
    }),
    sweeps: async (ports: Ports = w.ports) => {
      await sweep(ports, w.workflows)
      for (let notice = w.post.bundles.shift(); notice; notice = w.post.bundles.shift())
        await deliver(ports, notice)
    },
    toAlan: () => w.post.mails.filter(({ to }) => to.id === alan.id),
  }
}

describe('a person’s mails within some minutes', () => {
  test('go nowhere, where the account has been disabled before they went, and to the address of today', async () => {
    const w = office(15)
    for (const who of ['ada', 'ken', 'mary']) await deliver(w.ports, w.of(who))
    w.tenant.people.set(alan.id, { ...alan, mail: 'alan@new.example' })
    w.minute(15)
    await w.sweeps()
    expect(w.toAlan().map(({ to }) => to.mail)).toEqual([alan.mail, 'alan@new.example'])
    await deliver(w.ports, w.of('joan'))
    w.tenant.people.set(alan.id, { ...alan, accountEnabled: false })
    w.minute(31)
    await w.sweeps()
    expect([w.toAlan().length, w.logged]).toEqual([2, []])
  })

  test('come one by one, unless the settings say that they are gathered', async () => {
    const w = office(0)
    for (const who of ['ada', 'ken', 'mary']) await deliver(w.ports, w.of(who))
    expect(w.toAlan()).toHaveLength(3)
  })

  test('are one at once and one for all the others, when the minutes are over', async () => {
    const w = office(15)
    for (const who of ['ada', 'ken', 'mary']) await deliver(w.ports, w.of(who))
    expect(w.toAlan().map(({ subject }) => subject)).toEqual([expect.stringContaining('ada')])
    w.minute(14)
    await w.sweeps()
    expect(w.toAlan()).toHaveLength(1)
    w.minute(15)
    await w.sweeps()
    const [, both, ...more] = w.toAlan()
    expect(more).toEqual([])
    expect(both?.subject).toBe('PIM: 2 changes to access that concern you')
    for (const part of [both?.text, both?.html])
      for (const who of ['ken', 'mary']) expect(part).toContain(who)
    expect(both?.text).not.toContain('ada')
  })

  test('of which but one had to wait: it comes as it would have come', async () => {
    const w = office(15)
    await deliver(w.ports, w.of('ada'))
    w.minute(5)
    await deliver(w.ports, w.of('ken'))
    w.minute(15)
    await w.sweeps()
    const one = office(0)
    await deliver(one.ports, one.of('ken'))
    const { isPressing: _, causedBy: __, ...alone } = one.toAlan()[0] as object as Record<string, unknown>
    expect(w.toAlan()[1]).toMatchObject(alone)
  })

  test('go on being gathered while more come, and after a quiet while the next one comes at once', async () => {
    const w = office(10)
    for (const who of ['ada', 'ken']) await deliver(w.ports, w.of(who))
    w.minute(10)
    await w.sweeps()
    w.minute(12)
    for (const who of ['mary', 'joan']) await deliver(w.ports, w.of(who))
    expect(w.toAlan()).toHaveLength(2)
    w.minute(20)
    await w.sweeps()
    for (const who of ['mary', 'joan']) expect(w.toAlan()[2]?.text).toContain(`Who: ${who}`)
    w.minute(40)
    await w.sweeps()
    await deliver(w.ports, w.of('edith'))
    expect(w.toAlan()).toHaveLength(4)
    w.minute(120)
    await w.sweeps()
    expect([w.toAlan().length, (await w.ports.views.due(w.ports.now(), 10)).length]).toEqual([4, 0])
  })

  test('that press come at once, and so does what is about oneself', async () => {
    const w = office(15)
    for (const who of ['ada', 'ken', 'mary']) await deliver(w.ports, w.of(who, 'failed'))
    expect(w.toAlan()).toHaveLength(3)
    await deliver(w.ports, {
      ...w.of('x'),
      request: { ...held, principal: { id: alan.id, displayName: 'Alan' } },
    } as AnyNotice)
    await deliver(w.ports, {
      ...w.of('y'),
      request: { ...held, id: held.id.replace(/.$/, '9'), principal: { id: alan.id, displayName: 'Alan' } },
    } as AnyNotice)
    expect(w.toAlan()).toHaveLength(5)
  })

  test('are told once when the queue brings a notice twice', async () => {
    const w = office(15)
    for (const who of ['ada', 'ken', 'mary', 'ada', 'ken', 'ken']) await deliver(w.ports, w.of(who))
    w.minute(15)
    await w.sweeps()
    const keys = new Set(w.toAlan().map(({ key }) => key))
    expect(keys.size).toBe(2)
    expect(w.toAlan().at(-1)?.subject).toBe('PIM: 2 changes to access that concern you')
  })

  test('wait for the service, and come as they were gathered', async () => {
    const w = office(5)
    for (const who of ['ada', 'ken', 'mary']) await deliver(w.ports, w.of(who))
    w.post.quota.left = 0
    w.minute(5)
    await expect(w.sweeps()).rejects.toThrow('quota')
    delete w.post.quota.left
    const [id = ''] = (await w.ports.views.due(new Date('2031-01-01'), 9)).map(({ subjectId }) => subjectId)
    const again: AnyNotice = { kinds: ['bundle'], bundle: { id, n: 1 }, to: alan, events: [] }
    for (const _ of ['brought again', 'and handed on twice']) await deliver(w.ports, again)
    expect(w.toAlan()).toHaveLength(2)
  })
})

const WHO = ['ada', 'ken', 'mary', 'joan']

/** Four notices within four minutes, and sweeps; the process dies once, and what it was at is brought again. */
async function life(nth: number, when: 'before' | 'after') {
  const w = office(5)
  const mortal = dyingAt(w.ports, w.workflows, nth, when)
  const ports = () => (mortal.died() ? w.ports : mortal.ports)
  const insist = async (deed: () => Promise<unknown>) => {
    for (let again = 0; again < 2; again++)
      try {
        return await deed()
      } catch (error) {
        const isDeath = error instanceof Died || (error instanceof Error && mortal.died() && again === 0)
        if (!isDeath) throw error
      }
  }
  for (const [n, who] of WHO.entries()) {
    w.minute(n)
    await insist(() => deliver(ports(), w.of(who)))
  }
  for (let minute = 5; minute <= 40; minute += 5) {
    w.minute(minute)
    await sweep(ports(), w.workflows).catch(() => undefined)
    for (let notice = w.post.bundles.shift(); notice; notice = w.post.bundles.shift()) {
      const again = notice
      await insist(() => deliver(ports(), again))
    }
  }
  return { w, calls: mortal.calls() }
}

test('nobody is left out, wherever the process dies, and nothing is told twice but after a death', async () => {
  const { calls } = await life(Number.POSITIVE_INFINITY, 'before')
  for (const when of ['before', 'after'] as const)
    for (let nth = 1; nth <= calls; nth++) {
      const { w } = await life(nth, when)
      const mails = [...new Map(w.toAlan().map((mail) => [mail.key, mail])).values()]
      for (const who of WHO) {
        const telling = mails.filter(({ text }) => text.includes(`Who: ${who}`))
        expect([when, nth, who, telling.length >= 1 && telling.length <= 2]).toEqual([when, nth, who, true])
      }
      expect([when, nth, (await w.ports.views.due(w.ports.now(), 10)).length]).toEqual([when, nth, 0])
    }
})
