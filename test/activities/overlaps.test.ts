import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { removeAssignment } from '../../src/api/assignments.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { Impossible, type Ports } from '../../src/ports.ts'
import { ada, alan, caller, exchangeRole, grace, user } from '../fakes/people.ts'
import { lasting, world } from '../fakes/world.ts'
import { andThen, onlyThe } from '../support/meanwhile.ts'

const at = (clock: string) => `2030-01-01T${clock}:00.000Z`

function contoso() {
  const w = world()
  const step = ({ id }: { id: string }, ports: Ports = w.ports) =>
    advance(ports, { requestId: id, turn: w.row(id).turn + 1 })
  return {
    ...w,
    step,
    holds: () => w.tenant.holds(ada.id, exchangeRole),
    status: ({ id }: { id: string }) => w.row(id).status,
    removed: ({ id }: { id: string }) =>
      w.events.get(`${id}.ended`)?.additionalDetails.find(({ key }) => key === 'removed')?.value,
    /** Assigned for good, and active for an hour, of the same role. */
    both: async () => {
      await w.makeEligible(ada.id)
      const assigned = await w.assign(ada.id)
      await step(assigned)
      const activated = await w.ask()
      await step(activated)
      return { assigned, activated }
    },
    takeAway: ({ id }: { id: string }) =>
      removeAssignment(w.ports, w.workflows, caller(alan), { action: 'adminRemove', targetScheduleId: id }),
  }
}

describe('an activation beside an assignment', () => {
  test('shares what is there: it is given once', async () => {
    const w = contoso()
    const { assigned, activated } = await w.both()
    expect(w.row(activated.id).grant).toMatchObject({
      preExisting: null,
      assignmentId: w.row(assigned.id).grant?.assignmentId,
    })
    expect(w.tenant.calls.filter((call) => call === 'add')).toHaveLength(1)
  })

  test('ends and leaves it, and says by whom it is still covered', async () => {
    const w = contoso()
    const { assigned, activated } = await w.both()
    w.at(at('10:00'))
    await w.step(activated)
    expect([w.status(activated), w.status(assigned), w.holds()]).toEqual(['Expired', 'Provisioned', true])
    expect(w.removed(activated)).toBe(`no: still covered by ${assigned.id}`)
  })

  test('goes on when the assignment is removed, and takes it away as the last one out', async () => {
    const w = contoso()
    const { assigned, activated } = await w.both()
    w.at(at('09:30'))
    await w.takeAway(assigned)
    await w.step(assigned)
    expect([w.status(assigned), w.status(activated), w.holds()]).toEqual(['Revoked', 'Provisioned', true])
    w.at(at('10:00'))
    await w.step(activated)
    expect([w.status(activated), w.holds(), w.guards.size]).toEqual(['Expired', false, 0])
    expect(w.removed(activated)).toBe('yes, and read back')
  })

  test('ends at the same instant by other hands: nothing is left', async () => {
    const w = contoso()
    const { assigned, activated } = await w.both()
    w.at(at('09:30'))
    await Promise.all([w.takeAway(assigned), deactivate(w.ports, w.workflows, caller(ada), exchangeRole)])
    await Promise.all([w.step(assigned), w.step(activated)])
    w.at(at('09:31'))
    await Promise.all([w.step(assigned), w.step(activated)])
    expect([w.status(assigned), w.status(activated), w.holds()]).toEqual(['Revoked', 'Revoked', false])
  })

  test('stays what it was when it rests on what was there before both', async () => {
    const w = contoso()
    w.tenant.give(ada.id, exchangeRole, 3_600_000)
    const { assigned, activated } = await w.both()
    const before = w.row(assigned.id).grant?.preExisting
    expect(w.row(activated.id).grant).toMatchObject({ preExisting: before, assignmentId: before })
    w.at(at('09:30'))
    await w.takeAway(assigned)
    await w.step(assigned)
    w.at(at('10:00'))
    await w.step(activated)
    expect([w.status(assigned), w.status(activated), w.holds()]).toEqual(['Revoked', 'Expired', true])
  })
})

describe('a grant while another is taken away', () => {
  test('waits until that is over, and then gives anew', async () => {
    const w = contoso()
    const { assigned, activated } = await w.both()
    w.at(at('10:00'))
    await w.step(activated)
    await w.takeAway(assigned)
    w.tenant.always.remove = 'down'
    await w.step(assigned)
    const again = await w.ask()
    await expect(w.step(again)).rejects.toThrow('being taken away')
    w.tenant.always.remove = 'fine'
    w.at(at('10:01'))
    await w.step(assigned) // it sees who waits, hands over and ends
    expect([w.status(assigned), w.removed(assigned)]).toEqual(['Revoked', `no: still covered by ${again.id}`])
    await w.step(again)
    expect([w.status(again), w.holds()]).toEqual(['Provisioned', true])
    w.at(at('11:01'))
    await w.step(again)
    expect([w.status(again), w.holds()]).toEqual(['Expired', false])
  })

  test('that has said so already is left what is taken away just then', async () => {
    const w = contoso()
    const { assigned, activated } = await w.both()
    w.at(at('10:00'))
    await w.step(activated)
    const again = await w.ask()
    const hurried = {
      ...w.ports,
      store: {
        ...w.ports.store,
        // Between its intent and its look at the others somebody takes the assignment away.
        writeRequest: andThen(
          w.ports.store.writeRequest,
          onlyThe(1, async () => {
            await w.takeAway(assigned)
            await w.step(assigned)
          }),
        ),
      },
    }
    await w.step(again, hurried)
    expect([w.status(assigned), w.holds()]).toEqual(['Revoked', true])
    expect([w.status(again), w.row(again.id).grant?.assignmentId]).toEqual([
      'Provisioned',
      w.row(assigned.id).grant?.assignmentId,
    ])
    w.at(at('11:00'))
    await w.step(again)
    expect([w.status(again), w.holds()]).toEqual(['Expired', false])
  })

  test('refused for good by the tenant: what was left to it meanwhile goes too', async () => {
    const w = contoso()
    const { assigned, activated } = await w.both()
    w.at(at('10:00'))
    await w.step(activated)
    w.tenant.lag.millis = 10 * 3_600_000 // the directory does not show what is there
    const again = await w.ask()
    w.ports.providers.directory.add = async () => {
      await w.takeAway(assigned)
      await w.step(assigned)
      w.tenant.lag.millis = 0
      throw new Impossible('Authorization_RequestDenied', 'Insufficient privileges.')
    }
    await w.step(again)
    expect([w.status(assigned), w.status(again), w.holds()]).toEqual(['Revoked', 'Failed', false])
  })
})

describe('one that comes between the last look at the end and the removal', () => {
  /** The first removal comes only after `deed`, of somebody else. */
  function removalComesAfter(w: ReturnType<typeof contoso>, deed: () => Promise<unknown>) {
    const { remove } = w.ports.providers.directory
    const first = onlyThe(1, deed)
    w.ports.providers.directory.remove = async (id) => {
      await first()
      return remove(id)
    }
  }

  test('waits when it is new, and is given anew', async () => {
    const w = contoso()
    await w.makeEligible(ada.id)
    const first = await w.ask()
    await w.step(first)
    w.at(at('10:00'))
    const latecomer: { id?: string } = {}
    let waited: unknown
    removalComesAfter(w, async () => {
      Object.assign(latecomer, await w.assign(ada.id))
      waited = await w.step(latecomer as { id: string }).catch((error) => error)
    })
    await w.step(first)
    expect([`${waited}`, w.status(first)]).toEqual([expect.stringContaining('being taken away'), 'Expired'])
    const assigned = latecomer as { id: string }
    await w.step(assigned)
    expect([w.status(assigned), w.holds()]).toEqual(['Provisioned', true])
  })

  test('waits also when it was there before, but was not to be given until just then', async () => {
    const w = contoso()
    await w.makeEligible(ada.id)
    const first = await w.ask()
    await w.step(first)
    w.at(at('09:30'))
    await w.approvalBy(user(grace.id))
    const longer = await w.ask({
      action: 'selfExtend',
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
    })
    w.at(at('10:00'))
    let waited: unknown
    removalComesAfter(w, async () => {
      await w.decide(longer, 'Approve')
      waited = await w.step(longer).catch((error) => error)
    })
    await w.step(first)
    expect([`${waited}`, w.status(first)]).toEqual([expect.stringContaining('being taken away'), 'Expired'])
    await w.step(longer)
    expect([w.status(first), w.status(longer), w.holds()]).toEqual(['Expired', 'Provisioned', true])
  })
})

describe('one that follows another', () => {
  test('is asked for in advance, and goes on without a gap and without a new assignment', async () => {
    const w = contoso()
    await w.makeEligible(ada.id)
    const first = await w.ask()
    await w.step(first)
    w.at(at('09:30'))
    const second = await w.ask(lasting('PT1H', at('10:00')))
    w.at(at('10:00'))
    await w.step(first) // its workflow comes first, and lets the other in
    expect([w.status(first), w.status(second), w.holds()]).toEqual(['Expired', 'Provisioned', true])
    expect(w.removed(first)).toBe(`no: still covered by ${second.id}`)
    expect(w.tenant.calls.filter((call) => call !== 'find')).toEqual(['add'])
    w.at(at('11:00'))
    await w.step(second)
    expect([w.status(second), w.holds(), w.guards.size]).toEqual(['Expired', false, 0])
  })

  test('whose own workflow comes first does as well', async () => {
    const w = contoso()
    await w.makeEligible(ada.id)
    const first = await w.ask()
    await w.step(first)
    const second = await w.ask(lasting('PT1H', at('10:00')))
    w.at(at('10:00'))
    await w.step(second)
    await w.step(first)
    expect([w.status(first), w.status(second), w.holds()]).toEqual(['Expired', 'Provisioned', true])
    expect(w.tenant.calls.filter((call) => call !== 'find')).toEqual(['add'])
  })

  test('but is refused by then keeps nothing alive', async () => {
    const w = contoso()
    const eligibility = await w.makeEligible(ada.id)
    const first = await w.ask()
    await w.step(first)
    const second = await w.ask(lasting('PT1H', at('10:00')))
    w.eligibilities.delete(eligibility.id)
    w.at(at('10:00'))
    await w.step(first)
    expect([w.status(first), w.status(second), w.holds()]).toEqual(['Expired', 'Failed', false])
  })

  test.each([
    ['begins before the other ends', lasting('PT1H', at('09:59'))],
    ['begins now', lasting('PT1H')],
  ])('is refused when it %s', async (_name, more) => {
    const w = contoso()
    await w.makeEligible(ada.id)
    await w.step(await w.ask())
    await expect(w.ask(more)).rejects.toMatchObject({ code: 'RoleAssignmentExists' })
  })

  test('is one: a third is refused', async () => {
    const w = contoso()
    await w.makeEligible(ada.id)
    await w.step(await w.ask())
    await w.ask(lasting('PT1H', at('10:00')))
    await expect(w.ask(lasting('PT1H', at('11:00')))).rejects.toMatchObject({ status: 400 })
  })
})

describe('what somebody removed outside', () => {
  test('and a later grant gave again goes with the last of ours, whichever that is', async () => {
    const w = contoso()
    const { assigned, activated } = await w.both()
    await w.ports.providers.directory.remove(w.row(assigned.id).grant?.assignmentId as string)
    w.at(at('10:00'))
    await w.step(activated)
    const again = await w.ask()
    await w.step(again)
    expect(w.holds()).toBe(true)
    w.at(at('11:00'))
    await w.step(again) // covered: the assigned one learns of the new assignment
    expect([w.status(again), w.holds()]).toEqual(['Expired', true])
    await w.takeAway(assigned)
    await w.step(assigned)
    expect([w.status(assigned), w.holds()]).toEqual(['Revoked', false])
  })
})

describe('late', () => {
  test('a removal that slept since its look looks again before it takes anything away', async () => {
    const w = contoso()
    await w.makeEligible(ada.id)
    const first = await w.ask()
    await w.step(first)
    w.at(at('10:00'))
    const sleepy: Ports = {
      ...w.ports,
      store: {
        ...w.ports.store,
        readLive: andThen(
          w.ports.store.readLive,
          onlyThe(1, async () => w.at(at('10:05'))),
        ),
      },
    }
    await w.step(first, sleepy)
    expect(w.tenant.calls).not.toContain('remove')
    await sweep(w.ports, w.workflows)
    w.at(at('10:10'))
    await sweep(w.ports, w.workflows)
    expect([w.status(first), w.holds()]).toEqual(['Expired', false])
  })

  test('a run that comes when all is over takes nothing from those who came since', async () => {
    const w = contoso()
    const { assigned, activated } = await w.both()
    w.at(at('10:00'))
    await w.step(activated)
    w.at(at('10:05'))
    await w.step(activated)
    expect([w.status(assigned), w.holds()]).toEqual(['Provisioned', true])
  })

  test('what an unanswered call of one that is over may have done is not taken from another', async () => {
    const w = contoso()
    await w.makeEligible(ada.id)
    const first = await w.ask(lasting('PT10M'))
    w.tenant.next.add.push('lost')
    await expect(w.step(first)).rejects.toThrow('lost')
    const assigned = await w.assign(ada.id)
    await w.step(assigned)
    w.at(at('09:10'))
    await w.step(first)
    expect([w.status(first), w.status(assigned), w.holds()]).toEqual(['Failed', 'Provisioned', true])
    for (const clock of ['09:15', '09:20', '09:25']) {
      w.at(at(clock))
      await sweep(w.ports, w.workflows)
    }
    expect([w.status(assigned), w.holds(), [...w.views.due.values()]]).toEqual(['Provisioned', true, []])
    await w.takeAway(assigned)
    await w.step(assigned)
    expect(w.holds()).toBe(false)
  })
})
