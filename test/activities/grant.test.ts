import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { Conversion, convertAll } from '../../src/api/conversions.ts'
import { endEarly } from '../../src/api/endings.ts'
import { myRoles } from '../../src/api/my-roles.ts'
import { cancelRequest } from '../../src/api/withdrawals.ts'
import type { Ports, Store } from '../../src/ports.ts'
import { ada, alan, caller, exchangeRole, grace, helpdeskRole, user } from '../fakes/people.ts'
import { lasting, world } from '../fakes/world.ts'
import { onlyThe } from '../support/meanwhile.ts'

const HOUR_AGO = 3_600_000
const at = (clock: string) => `2030-01-01T${clock}:00.000Z`

async function asked() {
  const w = world()
  await w.makeEligible(ada.id)
  const { id } = await w.ask()
  return {
    ...w,
    id,
    /** What the workflow's next step does. */
    step: (ports: Ports = w.ports) => advance(ports, { requestId: id, turn: w.row(id).turn + 1 }),
    holds: () => w.tenant.holds(ada.id, exchangeRole),
    /** The sweep, every five minutes from one time to another. */
    sweeps: async (from: string, to: string) => {
      for (let now = Date.parse(at(from)); now <= Date.parse(at(to)); now += 300_000) {
        w.clock.now = new Date(now)
        await sweep(w.ports, w.workflows)
        for (const notice of w.post.notices.splice(0)) await deliver(w.ports, notice)
      }
    },
  }
}

describe('giving', () => {
  test('the end and the intent stand in the row before the tenant is asked', async () => {
    const w = await asked()
    const { add } = w.ports.providers.directory
    w.ports.providers.directory.add = async (...given) => {
      expect(w.row(w.id)).toMatchObject({
        status: 'PendingProvisioning',
        endsAt: at('10:00'),
        grant: { preExisting: null },
      })
      return add(...given)
    }
    await w.step()
    expect(w.row(w.id)).toMatchObject({ status: 'Provisioned', grant: { assignmentId: 'assignment-3' } })
  })

  test('what was there before is left alone, given back or not', async () => {
    const w = await asked()
    w.tenant.give(ada.id, exchangeRole, HOUR_AGO)
    await w.step()
    expect(w.tenant.calls).toEqual(['find'])
    expect(w.row(w.id)).toMatchObject({ status: 'Provisioned', grant: { preExisting: 'assignment-3' } })
    w.at(at('10:00'))
    await w.step()
    expect([w.row(w.id).status, w.holds()]).toEqual(['Expired', true])
  })

  test('a conflict at the first attempt: somebody else was there, and stays', async () => {
    const w = await asked()
    w.tenant.lag.millis = HOUR_AGO * 2
    w.tenant.give(ada.id, exchangeRole, HOUR_AGO)
    await w.step()
    expect(w.row(w.id)).toMatchObject({ status: 'Provisioned', grant: { preExisting: 'unknown' } })
    w.at(at('10:00'))
    await w.step()
    expect([w.row(w.id).status, w.holds()]).toEqual(['Expired', true])
  })

  test('an answer that was lost after the deed: ours, and taken away at the end', async () => {
    const w = await asked()
    w.tenant.next.add.push('lost')
    await expect(w.step()).rejects.toThrow('lost')
    expect(w.row(w.id).status).toBe('PendingProvisioning')
    await w.step()
    expect(w.row(w.id)).toMatchObject({
      status: 'Provisioned',
      grant: { preExisting: null, assignmentId: 'assignment-3' },
    })
    w.at(at('10:00'))
    await w.step()
    expect([w.row(w.id).status, w.holds()]).toEqual(['Expired', false])
  })

  test('a lost answer, and a directory that does not show it yet: tried again until it does', async () => {
    const w = await asked()
    w.tenant.lag.millis = 60_000
    w.tenant.next.add.push('lost')
    await expect(w.step()).rejects.toThrow('lost')
    await expect(w.step()).rejects.toThrow('does not show it yet')
    w.at(at('09:01'))
    await w.step()
    expect(w.row(w.id)).toMatchObject({ status: 'Provisioned', grant: { preExisting: null } })
    w.at(at('10:00'))
    await w.step()
    w.at(at('10:02'))
    await w.step()
    expect([w.row(w.id).status, w.holds()]).toEqual(['Expired', false])
  })

  test.each([
    ['nothing was done', 'down' as const],
    ['nothing is known', 'lost' as const],
  ])('too late to give, and %s: it fails, and nothing is left', async (_name, trouble) => {
    const w = await asked()
    w.tenant.next.add.push(trouble)
    await expect(w.step()).rejects.toThrow()
    w.tenant.always.add = 'down'
    w.at('2030-01-01T09:59:30.000Z')
    await w.step()
    expect(w.row(w.id)).toMatchObject({ status: 'Failed', failure: { code: 'ProvisioningTimedOut' } })
    expect([w.holds(), w.guards.size]).toEqual([false, 0])
    expect(w.steps(w.id)).toEqual(['requested', 'failed'])
  })

  test('refused for good: it fails at once, with the reason, and nothing is left', async () => {
    const w = await asked()
    w.tenant.next.add.push('refused')
    await w.step()
    expect(w.row(w.id)).toMatchObject({ status: 'Failed', failure: { code: 'Authorization_RequestDenied' } })
    expect([w.holds(), w.guards.size]).toEqual([false, 0])
  })

  test('refused for good at the second attempt: what the first may have given is taken away', async () => {
    const w = await asked()
    w.tenant.next.add.push('lost')
    await expect(w.step()).rejects.toThrow('lost')
    w.tenant.people.set(ada.id, { ...ada, accountEnabled: false })
    await w.step()
    expect(w.row(w.id).status).toBe('PendingRevocation') // until what the lost answer gave must have shown
    await w.sweeps('09:05', '09:10')
    expect(w.row(w.id)).toMatchObject({ status: 'Failed' })
    expect(w.row(w.id).failure?.message).toContain('RequesterRule')
    expect(w.holds()).toBe(false)
  })

  test.each([
    [
      'the account was disabled',
      (w: Awaited<ReturnType<typeof asked>>) =>
        void w.tenant.people.set(ada.id, { ...ada, accountEnabled: false }),
      'RequesterRule',
    ],
    [
      'the person is gone',
      (w: Awaited<ReturnType<typeof asked>>) => void w.tenant.people.delete(ada.id),
      'RequesterRule',
    ],
    [
      'the eligibility was taken away',
      async ({ ports: { store } }: Awaited<ReturnType<typeof asked>>) => {
        const [eligibility] = (await store.readLive(ada.id)).eligibilities
        const read = await store.findEligibility(eligibility?.id ?? '')
        if (read) await store.changeEligibility(read, { eligibility: read.value, events: [], isGone: true })
      },
      'EligibilityRule',
    ],
    [
      'the eligibility was taken away by another process, seconds ago',
      (w: Awaited<ReturnType<typeof asked>>) => {
        w.eligibilities.clear()
        w.at('2030-01-01T09:00:05.000Z')
      },
      'EligibilityRule',
    ],
    [
      'the role was switched off',
      (w: Awaited<ReturnType<typeof asked>>) => w.tenant.definitions.clear(),
      'RoleRule',
    ],
  ])('nothing is given when meanwhile %s', async (_name, meanwhile, rule) => {
    const w = await asked()
    await meanwhile(w)
    await w.step()
    expect(w.row(w.id)).toMatchObject({
      status: 'Failed',
      failure: { code: 'RoleAssignmentRequestPolicyValidationFailed' },
    })
    expect(w.row(w.id).failure?.message).toContain(rule)
    expect(w.tenant.calls.filter((call) => call !== 'find')).toEqual([])
  })

  describe('what was read for the decision', () => {
    async function approved() {
      const w = world()
      await w.makeEligible(ada.id)
      await w.approvalBy(user(grace.id))
      const { id } = await w.ask()
      await w.decide({ id }, 'Approve')
      const reads: string[] = []
      const { readLive } = w.ports.store
      const store: Store = {
        ...w.ports.store,
        readLive: (principalId) => {
          reads.push(principalId)
          return readLive(principalId)
        },
      }
      const step = async () => {
        await advance({ ...w.ports, store }, { requestId: id, turn: w.row(id).turn + 1 })
        return { status: w.row(id).status, isReadAgain: reads.includes(ada.id) }
      }
      return { ...w, id, step }
    }

    test('is not read again by the grant that follows at once', async () => {
      const { step } = await approved()
      expect(await step()).toEqual({ status: 'Provisioned', isReadAgain: false })
    })

    test.each([
      [
        'somebody came between',
        async ({ id, store }: Awaited<ReturnType<typeof approved>>) => {
          const read = await store.findRequest(id)
          if (read) await store.writeRequest(read, { request: read.value, events: [] })
        },
      ],
      ['it is assigned too', (w: Awaited<ReturnType<typeof approved>>) => w.assign(ada.id)],
      ['it is seconds ago', (w: Awaited<ReturnType<typeof approved>>) => w.at('2030-01-01T09:00:05.000Z')],
    ])('is read again where %s', async (_name, meanwhile) => {
      const w = await approved()
      await meanwhile(w)
      expect(await w.step()).toEqual({ status: 'Provisioned', isReadAgain: true })
    })

    test('is kept fresh by nobody who reads it again and again while it is taken away elsewhere', async () => {
      const w = await approved()
      await myRoles(w.ports, caller(ada))
      w.eligibilities.clear()
      expect(await w.step()).toEqual({ status: 'Failed', isReadAgain: true })
    })
  })

  test('two at once give once', async () => {
    const w = await asked()
    await Promise.allSettled([w.step(), w.step(), w.step()])
    await w.step()
    expect(w.row(w.id)).toMatchObject({ status: 'Provisioned', grant: { preExisting: null } })
    expect(w.tenant.rows.filter(({ principalId }) => principalId === ada.id)).toHaveLength(1)
    w.at(at('10:00'))
    await w.step()
    expect(w.holds()).toBe(false)
  })

  test('one that comes late, when all is over, takes back what it gave', async () => {
    const w = await asked()
    const { add } = w.ports.providers.directory
    const slow: Ports = {
      ...w.ports,
      providers: {
        directory: {
          ...w.ports.providers.directory,
          // It hangs before the tenant hears of it; meanwhile others try again, give, and take away at the end.
          add: async (...given) => {
            await others()
            return add(...given)
          },
        },
      },
    }
    const others = onlyThe(1, async () => {
      await w.step()
      w.at(at('10:00'))
      await w.step()
      expect([w.row(w.id).status, w.holds()]).toEqual(['Expired', false])
    })
    await w.step(slow)
    expect([w.row(w.id).status, w.holds()]).toEqual(['Expired', false])
  })
})

describe('taking away', () => {
  test('is believed only when the directory shows it gone', async () => {
    const w = await asked()
    await w.step()
    w.tenant.lag.millis = 60_000
    w.at(at('10:00'))
    const { until } = await w.step()
    expect(w.row(w.id)).toMatchObject({ status: 'PendingRevocation', ending: { attempts: 1 } })
    expect(until).toBe('2030-01-01T10:00:10.000Z')
    await w.sweeps('10:05', '10:05')
    expect([w.row(w.id).status, w.holds()]).toEqual(['Expired', false])
  })

  test('is tried for hours, tells administrators once, and then says that it was late', async () => {
    const w = await asked()
    await w.step()
    w.tenant.always.remove = 'down'
    await w.sweeps('10:00', '15:00')
    expect([w.row(w.id).status, w.holds()]).toEqual(['PendingRevocation', true])
    expect(w.post.mails.filter(({ key }) => key.includes('removalFailing'))).toHaveLength(1)
    expect(w.steps(w.id)).toEqual(['requested', 'provisioned', 'removal-failed'])
    w.tenant.always.remove = 'fine'
    await w.sweeps('15:05', '15:30')
    expect([w.row(w.id).status, w.holds(), w.guards.size]).toEqual(['Expired', false, 0])
    expect(w.events.get(`${w.id}.ended`)?.additionalDetails.map(({ key }) => key)).toContain('pastDue')
  })

  test.each(['refused', 'down'] as const)('is tried again whatever the tenant says: %s', async (trouble) => {
    const w = await asked()
    await w.step()
    w.tenant.next.remove.push(trouble)
    w.at(at('10:00'))
    await w.step()
    expect(w.row(w.id).status).toBe('PendingRevocation')
    w.at('2030-01-01T10:00:10.000Z')
    await w.step()
    expect([w.row(w.id).status, w.holds()]).toEqual(['Expired', false])
  })

  test('an answer that was lost is no harm', async () => {
    const w = await asked()
    await w.step()
    w.tenant.next.remove.push('lost')
    w.at(at('10:00'))
    await w.step()
    w.at('2030-01-01T10:00:10.000Z')
    await w.step()
    expect([w.row(w.id).status, w.holds()]).toEqual(['Expired', false])
  })

  test('what others gave meanwhile under another id stays', async () => {
    const w = await asked()
    await w.step()
    await w.ports.providers.directory.remove('assignment-3') // somebody took ours away, and gave it for good
    w.tenant.give(ada.id, exchangeRole)
    w.at(at('10:00'))
    await w.step()
    expect([w.row(w.id).status, w.holds()]).toEqual(['Expired', true])
  })
})

describe('after the end', () => {
  test('what a late answer gave again is found and taken away, and that is recorded once', async () => {
    const w = await asked()
    w.tenant.next.add.push('lost')
    await expect(w.step()).rejects.toThrow()
    w.tenant.rows.pop() // as yet it has only been sent
    w.tenant.always.add = 'down'
    w.at('2030-01-01T09:59:30.000Z')
    await w.step()
    expect([w.row(w.id).status, w.holds()]).toEqual(['Failed', false])
    w.tenant.give(ada.id, exchangeRole) // only now it arrives
    for (let minute = 0; w.holds(); minute += 5) {
      const clock = `10:${`${minute}`.padStart(2, '0')}`
      await w.sweeps(clock, clock)
    }
    const isVerified = (event: string) => event.includes('.verified-')
    expect([...w.views.indexed.keys()].filter(isVerified)).toHaveLength(1) // by the very sweep that has found it
    await w.sweeps('10:30', '11:00')
    expect(w.steps(w.id).filter((step) => step.startsWith('verified-'))).toHaveLength(1)
    expect(w.logged.some(({ level, message }) => level === 'error' && message.includes('come back'))).toBe(
      true,
    )
    expect([...w.views.due.values()]).toEqual([])
  })

  test('what a later activation gave is left alone', async () => {
    const w = await asked()
    await w.step()
    w.at(at('10:00'))
    await w.step()
    const again = await w.ask()
    await advance(w.ports, { requestId: again.id, turn: 2 })
    await w.sweeps('10:05', '10:20')
    expect([w.row(again.id).status, w.holds()]).toEqual(['Provisioned', true])
  })

  test('nothing is asked of the tenant where nothing was ever given', async () => {
    const w = world()
    await w.makeEligible(ada.id)
    const { id } = await w.ask({
      scheduleInfo: { startDateTime: at('12:00'), expiration: { type: 'afterDuration', duration: 'PT1H' } },
    })
    w.eligibilities.clear()
    w.at(at('12:00'))
    await sweep(w.ports, w.workflows)
    for (const clock of ['12:05', '12:10']) {
      w.at(at(clock))
      await sweep(w.ports, w.workflows)
    }
    expect([w.row(id).status, w.tenant.calls]).toEqual(['Failed', ['find']]) // while it was judged
  })
})

describe('what a late call has given, when its principal has asked for the role again', () => {
  /** The call is never answered, an administrator ends the request, and three minutes later it is over. */
  async function endedUnanswered() {
    const w = await asked()
    await w.makeEligible(ada.id, helpdeskRole)
    w.tenant.next.add.push('down')
    await expect(w.step()).rejects.toThrow()
    await endEarly(w.ports, w.workflows, caller(alan), w.id, { justification: 'Stop' })
    w.at(at('09:03'))
    await w.step()
    expect(w.row(w.id).status).toBe('Revoked')
    const next = (id: string) => advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 })
    return { ...w, next, status: (id: string) => w.row(id).status }
  }

  test.each([0, 10, 60])('is waited for, however many others were asked for since: %i', async (others) => {
    const w = await endedUnanswered()
    for (let n = 0; n < others; n++) {
      const { id } = await w.ask({ ...helpdeskRole })
      await cancelRequest(w.ports, w.workflows, caller(ada), id)
    }
    w.tenant.give(ada.id, exchangeRole) // only now it arrives
    w.at(at('09:04'))
    const again = await w.ask()
    await expect(w.next(again.id)).rejects.toThrow('has just ended')
    await w.sweeps('09:10', '09:20')
    expect([w.status(again.id), w.row(again.id).grant?.preExisting]).toEqual(['Provisioned', null])
    await w.sweeps('10:10', '10:30')
    expect([w.status(again.id), w.holds(), [...w.views.due.values()]]).toEqual(['Expired', false, []])
  })

  test.each([
    ['shown', 0],
    ['not shown, but in the way', 600_000],
  ])(
    'and taken for somebody else’s while no sweep has looked is ours all the same: %s',
    async (_how, lag) => {
      const w = await endedUnanswered()
      w.at(at('09:14'))
      w.tenant.give(ada.id, exchangeRole)
      w.tenant.lag.millis = lag
      const again = await w.ask()
      await w.next(again.id)
      expect(w.row(again.id).grant?.preExisting).toBe(lag ? 'unknown' : 'assignment-3')
      await w.sweeps('09:15', '09:30')
      expect([w.status(again.id), w.row(again.id).grant?.preExisting, w.holds()]).toEqual([
        'Provisioned',
        null,
        true,
      ])
      w.tenant.lag.millis = 0
      await w.sweeps('10:15', '10:30')
      expect([w.status(again.id), w.holds(), [...w.views.due.values()]]).toEqual(['Expired', false, []])
    },
  )

  test('and for it to be assigned goes with the last that rests upon it', async () => {
    const w = await endedUnanswered()
    w.at(at('09:14'))
    w.tenant.give(ada.id, exchangeRole)
    const again = await w.ask()
    await w.next(again.id)
    const assigned = await w.assign(ada.id, lasting('PT3H'))
    await w.next(assigned.id)
    expect(w.row(assigned.id).grant?.preExisting).not.toBeNull()
    await w.sweeps('09:15', '09:30')
    await w.sweeps('10:15', '10:30')
    expect([w.status(again.id), w.status(assigned.id), w.holds()]).toEqual(['Expired', 'Provisioned', true])
    await w.sweeps('12:15', '12:30')
    expect([w.status(assigned.id), w.holds()]).toEqual(['Expired', false])
  })

  test('stays where an administrator has accepted it', async () => {
    const w = await endedUnanswered()
    w.at(at('09:14'))
    w.tenant.give(ada.id, exchangeRole)
    const again = await w.ask()
    await w.next(again.id)
    const items = [{ principalId: ada.id, ...exchangeRole }]
    const accept = Conversion.parse({ action: 'acknowledge', justification: 'For good.', items })
    expect(await convertAll(w.ports, caller(alan), accept)).toMatchObject([{ outcome: 'done' }])
    await w.sweeps('09:15', '09:30')
    await w.sweeps('10:15', '10:30')
    expect([w.status(again.id), w.holds()]).toEqual(['Expired', true])
  })
})
