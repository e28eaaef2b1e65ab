import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { createEligibility } from '../../src/api/eligibilities.ts'
import { removeEligibility } from '../../src/api/eligibility-removal.ts'
import { NewEligibility } from '../../src/domain/eligibility.ts'
import { UNLISTED } from '../../src/domain/open-work.ts'
import { Unavailable } from '../../src/ports.ts'
import { ada, alan, caller, engineers, exchange, grace, mallory, user } from '../fakes/people.ts'
import { lasting, world } from '../fakes/world.ts'

const NOBODY_WAITS = { waiting: 0, throughAt: null }
const at = (clock: string) => `2030-01-01T${clock}:00.000Z`
async function eligible() {
  const w = world()
  await w.makeEligible(ada.id)
  return w
}
const later = (start: string) => lasting('PT1H', at(start))

describe('the sweep', () => {
  test('waits for a tenant that does not answer with some, not with each of hundreds that stand before others', async () => {
    const w = world()
    const people = Array.from({ length: 120 }, (_, n) => ({
      ...ada,
      id: `11111111-0000-4000-8000-${`${n}`.padStart(12, '0')}`,
    }))
    for (const person of people) {
      w.tenant.people.set(person.id, person)
      await w.makeEligible(person.id)
      await w.ask(later('12:00'), person)
    }
    const group = { provider: 'group' as const, roleDefinitionId: 'member', scope: `/groups/${engineers}` }
    w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [] })
    await w.makeEligible(grace.id, group)
    const { id } = await w.ask({ ...group, ...later('12:01') }, grace)
    let asked = 0
    const hangs = async () => {
      asked++
      await Promise.resolve()
      w.clock.now = new Date(at('12:06').replace(':00.', ':30.')) // after half a minute, all of them
      throw new Unavailable('No answer.')
    }
    const { directory } = w.ports.providers
    w.ports.providers.directory = { ...directory, find: hangs, add: hangs, describe: hangs }
    w.at(at('12:06'))
    const swept = await sweep(w.ports, w.workflows)
    expect(w.row(id).status).toBe('Provisioned')
    expect(swept.failed).toBe(people.length)
    expect(asked).toBeLessThan(people.length)
  })

  test('costs nothing where nothing is due', async () => {
    const w = await eligible()
    expect(await sweep(w.ports, w.workflows)).toEqual({ looked: 0, mended: 0, failed: 0, ...NOBODY_WAITS })
    await w.ask(later('12:00'))
    expect(await sweep(w.ports, w.workflows)).toEqual({ looked: 0, mended: 0, failed: 0, ...NOBODY_WAITS })
  })

  test('looks once after a change, and then when something should have been done', async () => {
    const w = await eligible()
    const { id } = await w.ask(later('12:00'))
    await w.post.notices.reduce((all, notice) => all.then(() => deliver(w.ports, notice)), Promise.resolve())
    w.at(at('09:05'))
    expect(await sweep(w.ports, w.workflows)).toEqual({ looked: 1, mended: 0, failed: 0, ...NOBODY_WAITS })
    expect(await sweep(w.ports, w.workflows)).toEqual({ looked: 0, mended: 0, failed: 0, ...NOBODY_WAITS })
    expect([...w.views.due.values()]).toMatchObject([{ subjectId: id, due: at('12:01') }])
    w.at(at('12:01'))
    expect(await sweep(w.ports, w.workflows)).toMatchObject({ looked: 1, mended: 1 })
    expect(w.row(id).status).toBe('Provisioned')
  })

  test('takes a request that was never made off its lists', async () => {
    const w = await eligible()
    const id = 'req-11111111000040008000000000000001-0kabcdefg0000000001'
    await w.ports.views.list(id, { awaiting: [`user-${grace.id}`], due: at('09:00') }, UNLISTED)
    w.at(at('09:05'))
    expect(await sweep(w.ports, w.workflows)).toEqual({ looked: 1, mended: 0, failed: 0, ...NOBODY_WAITS })
    expect([w.views.due.size, w.views.awaiting.size]).toEqual([0, 0])
  })

  test('takes a request that is over out of what is live, and off its lists', async () => {
    const w = await eligible()
    await w.approvalBy(user(grace.id))
    const { id } = await w.ask()
    await w.decide({ id }, 'Deny')
    w.at(at('09:05'))
    await sweep(w.ports, w.workflows)
    expect([w.rows.get(id)?.live, w.views.due.size, w.views.awaiting.size]).toEqual([false, 0, 0])
  })

  test('starts a workflow that was never started, with what it needs to know', async () => {
    const w = await eligible()
    const { start } = w.workflows
    w.workflows.start = () => Promise.reject(new Unavailable('The workflow could not be started.'))
    const { id } = await w.ask(later('12:00'))
    w.workflows.start = start
    w.at(at('09:05'))
    await sweep(w.ports, w.workflows)
    expect(w.started).toEqual([{ requestId: id, turn: 1, until: at('12:00') }])
  })

  test('does itself what is due although no workflow lives', async () => {
    const w = await eligible()
    w.workflows.start = () => Promise.reject(new Unavailable('away'))
    const { id } = await w.ask()
    w.at(at('09:05'))
    expect(await sweep(w.ports, w.workflows)).toMatchObject({ failed: 1 })
    expect(w.row(id).status).toBe('Provisioned')
    w.at(at('10:05'))
    await sweep(w.ports, w.workflows)
    expect(w.row(id).status).toBe('Expired')
  })

  test('tells what nobody was told, once', async () => {
    const w = await eligible()
    await w.approvalBy(user(grace.id))
    const { send } = w.ports.outbox
    w.ports.outbox.send = () => Promise.reject(new Unavailable('The outbox is away.'))
    const { id } = await w.ask()
    w.ports.outbox.send = send
    expect(w.post.notices).toEqual([])
    for (const clock of ['09:05', '09:10', '11:05']) {
      w.at(at(clock))
      await sweep(w.ports, w.workflows)
      for (let notice = w.post.notices.shift(); notice; notice = w.post.notices.shift())
        await deliver(w.ports, notice)
    }
    expect(w.post.mails.map(({ key }) => key)).toEqual([
      `${id} approvalRequested ${grace.id}`,
      `${id} approvalReminder-2 ${grace.id}`,
    ])
    expect([...w.views.indexed.keys()].sort()).toEqual([...w.events.keys()].sort())
  })

  test('puts in the index what was never told, also behind a later change that was', async () => {
    const w = await eligible()
    await w.approvalBy(user(grace.id))
    const { id } = await w.ask(lasting('PT1H', at('09:02')))
    const { send } = w.ports.outbox
    w.ports.outbox.send = () => Promise.reject(new Unavailable('The outbox is away.'))
    await w.decide({ id }, 'Approve')
    w.ports.outbox.send = send

    w.at(at('09:02'))
    await advance(w.ports, { requestId: id, turn: 2 }) // the workflow woke up by its own timer
    for (const clock of ['09:05', '09:10']) {
      for (let notice = w.post.notices.shift(); notice; notice = w.post.notices.shift())
        await deliver(w.ports, notice)
      w.at(at(clock))
      await sweep(w.ports, w.workflows)
    }
    expect([...w.views.indexed.keys()].sort()).toEqual([...w.events.keys()].sort())
    // Grace, who has decided it, is not told that she has.
    expect(w.post.mails.map(({ key }) => key.split(' ').slice(1))).toEqual([
      ['activated', ada.id],
      ['activated', alan.id],
      ['decided', ada.id],
    ])
  })

  test('one that fails does not keep the others waiting', async () => {
    const w = await eligible()
    await w.makeEligible(mallory.id)
    const broken = await w.ask()
    const fine = await w.ask({}, mallory)
    const { findRequest } = w.ports.store
    w.ports.store.findRequest = (id) =>
      id === broken.id ? Promise.reject(new Unavailable('away')) : findRequest(id)
    w.at(at('09:05'))
    expect(await sweep(w.ports, w.workflows)).toMatchObject({ looked: 2, mended: 1, failed: 1 })
    expect([w.row(broken.id).status, w.row(fine.id).status]).toEqual(['Granted', 'Provisioned'])
    w.ports.store.findRequest = findRequest
    await sweep(w.ports, w.workflows)
    expect(w.row(broken.id).status).toBe('Provisioned')
  })

  test('looks at more than fit in a page', async () => {
    const w = await eligible()
    for (let n = 0; n < 120; n++) {
      const id = `11111111-0000-4000-9000-${`${n}`.padStart(12, '0')}`
      w.tenant.people.set(id, { ...ada, id })
      await w.makeEligible(id)
      await w.ask({}, { ...ada, id })
    }
    w.at(at('09:05'))
    expect(await sweep(w.ports, w.workflows)).toMatchObject({ looked: 120, mended: 120, failed: 0 })
    w.at(at('10:05'))
    expect(await sweep(w.ports, w.workflows)).toMatchObject({ looked: 120, failed: 0 })
    expect([...w.rows.values()].every(({ value }) => value.status === 'Expired')).toBe(true)
  })

  test('two at once do no harm', async () => {
    const w = await eligible()
    const { id } = await w.ask()
    for (const clock of ['09:05', '10:05', '10:10']) {
      w.at(at(clock))
      await Promise.all([sweep(w.ports, w.workflows), sweep(w.ports, w.workflows)])
    }
    expect(w.row(id).status).toBe('Expired')
    expect(w.steps(id)).toEqual(['requested', 'provisioned', 'ended'])
    expect(w.tenant.rows.filter(({ principalId }) => principalId === ada.id)).toHaveLength(1)
    expect([...w.views.due.values()]).toEqual([])
  })
})

describe('lists of eligibilities agree with the truth again', () => {
  const body = NewEligibility.parse({ principalId: ada.id, roleDefinitionId: exchange.id })

  test('one that was made, and its process died', async () => {
    const w = world()
    const { views } = w.ports
    const away = () => Promise.reject(new Unavailable('away'))
    w.ports.views = { ...views, listEligibility: away, indexEvents: away }
    await createEligibility(w.ports, caller(alan), body) // it is made, whatever could not be told
    w.ports.views = views
    expect(w.views.byRole.size).toBe(0)
    w.at(at('09:05'))
    await sweep(w.ports, w.workflows)
    for (const notice of w.post.eligibilityNotices.splice(0)) await deliver(w.ports, notice)
    expect([...w.views.byRole.values()]).toEqual([...w.eligibilities.values()])
    expect([w.views.byRole.size, w.views.due.size, w.views.indexed.size]).toEqual([1, 0, 1])
  })

  test('one that was taken away, and its process died', async () => {
    const w = world()
    const eligibility = await createEligibility(w.ports, caller(alan), body)
    w.at(at('09:05'))
    const { unlistEligibility } = w.ports.views
    w.ports.views.unlistEligibility = () => Promise.reject(new Unavailable('away'))
    await removeEligibility(w.ports, caller(alan), eligibility.id)
    w.ports.views.unlistEligibility = unlistEligibility
    expect(w.views.byRole.size).toBe(1)
    w.at(at('09:10'))
    w.post.eligibilityNotices.length = 0 // and nothing was told
    await sweep(w.ports, w.workflows)
    for (const notice of w.post.eligibilityNotices.splice(0)) await deliver(w.ports, notice)
    expect([w.views.byRole.size, w.views.due.size, w.views.indexed.size]).toEqual([0, 0, 2])
    const keys = new Set(w.post.mails.map(({ key }) => key)) // listed twice, so told twice under one key
    expect([...keys]).toEqual([`${eligibility.id} removed 0 ${ada.id}`])
  })
})
