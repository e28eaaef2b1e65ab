import { describe, expect, test } from 'vitest'
import { createActivities } from '../../src/activities/index.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { cancelRequest, deactivate } from '../../src/api/withdrawals.ts'
import { type Ports, Unavailable } from '../../src/ports.ts'
import { activation } from '../../src/workflows/activation.ts'
import { type Doing, runWorkflow } from '../fakes/durable.ts'
import { ada, approversGroup, caller, exchangeRole, group, linus } from '../fakes/people.ts'
import { lasting, NINE, world } from '../fakes/world.ts'
import { andThen, butFirst, eachAgainLate, onlyThe } from '../support/meanwhile.ts'
import { replay } from '../support/replay-host.ts'

const FOREVER = { requestId: 'any', turn: 2 }

describe.each([
  ['in memory', runWorkflow],
  ['on the durable-functions engine', replay],
])('an activation, %s,', (name, engine) => {
  async function story(given: { approval?: boolean; ask?: object } = {}) {
    const w = world()
    await w.makeEligible(ada.id)
    if (given.approval) await w.approvalBy(group(approversGroup))
    const request = await w.ask(given.ask)
    const activities = createActivities(w.ports)
    return {
      ...w,
      request,
      activities,
      now: () => w.row(request.id),
      approve: () => w.decide(request, 'Approve'),
      deny: () => w.decide(request, 'Deny'),
      cancel: () => cancelRequest(w.ports, w.workflows, caller(ada), request.id),
      giveBack: () => deactivate(w.ports, w.workflows, caller(ada), exchangeRole),
      holds: () => w.tenant.holds(ada.id, exchangeRole),
      announceAgain: async () => {
        const { turn } = w.row(request.id)
        await w.workflows.announce(request.id, turn)
      },
      run: (doings: Doing[] = [], advanceRequest = activities.advanceRequest) =>
        engine(activation, w.started[0] as (typeof w.started)[0], {
          activities: { advanceRequest },
          announced: w.announced,
          clock: w.clock,
          doings,
        }),
    }
  }
  const at = (clock: string) => `2030-01-01T${clock}:00.000Z`

  test('that starts in weeks waits in short waits, is given then, and ends an hour later', async () => {
    const s = await story({ ask: lasting('PT1H', '2030-01-25T09:00:00.000Z') })
    const held: unknown[] = []
    const outcome = await s.run([
      ['2030-01-25T08:59:00.000Z', async () => held.push(s.holds())],
      ['2030-01-25T09:30:00.000Z', async () => held.push(s.holds())],
    ])
    expect(outcome).toMatchObject({ until: null, status: 'Expired' })
    expect([held, s.clock.now.toISOString()]).toEqual([[false, true], '2030-01-25T10:00:00.000Z'])
  })

  test.each(['2030-01-05', '2030-01-07', '2030-01-12'])(
    'that starts in weeks and is canceled on %s is over at once',
    async (day) => {
      const s = await story({ ask: lasting('PT1H', '2030-01-25T09:00:00.000Z') })
      const outcome = await s.run([[`${day}T09:30:00.000Z`, s.cancel]])
      expect(outcome).toMatchObject({ until: null, status: 'Canceled' })
      expect(s.clock.now.toISOString()).toBe(`${day}T09:30:00.000Z`)
    },
  )

  test('without an approval is given at once and taken away at its end', async () => {
    const s = await story()
    const held: unknown[] = []
    const outcome = await s.run([
      [at('09:01'), async () => held.push(s.holds())],
      [at('09:59'), async () => held.push(s.holds())],
    ])
    expect(outcome).toMatchObject({ until: null, status: 'Expired' })
    expect([held, s.holds()]).toEqual([[true, true], false])
    expect(s.clock.now.toISOString()).toBe(at('10:00'))
    expect(s.steps(s.request.id)).toEqual(['requested', 'provisioned', 'ended'])
    expect(s.guards.size).toBe(0)
  })

  test('is given when approved, for its time from then on', async () => {
    const s = await story({ approval: true })
    const held: unknown[] = []
    const outcome = await s.run([
      [at('10:29'), async () => held.push(s.holds())],
      [at('10:30'), s.approve],
      [at('11:29'), async () => held.push(s.holds())],
    ])
    expect(outcome).toMatchObject({ status: 'Expired' })
    expect(held).toEqual([false, true])
    expect(s.now()).toMatchObject({ startsAt: at('10:30'), endsAt: at('11:30') })
    expect(s.clock.now.toISOString()).toBe(at('11:30'))
    expect(s.steps(s.request.id)).toEqual([
      'requested',
      'approval-requested',
      'decided',
      'provisioned',
      'ended',
    ])
  })

  test('that is denied gives nothing, and is over at once', async () => {
    const s = await story({ approval: true })
    expect(await s.run([[at('10:00'), s.deny]])).toMatchObject({ status: 'Denied' })
    expect([s.tenant.calls, s.clock.now.toISOString()]).toEqual([[], at('10:00')])
  })

  test('that nobody decides is reminded of once, halfway, and times out', async () => {
    const s = await story({ approval: true })
    expect(await s.run()).toMatchObject({ status: 'TimedOut' })
    expect(s.clock.now.toISOString()).toBe(at('13:00'))
    expect(s.post.notices.flatMap(({ kinds }) => kinds)).toEqual([
      'approvalRequested',
      'approvalReminder',
      'timedOut',
    ])
    expect(s.tenant.calls).toEqual([])
  })

  test('approved after the reminder is given', async () => {
    const s = await story({ approval: true })
    expect(await s.run([[at('12:59'), s.approve]])).toMatchObject({ status: 'Expired' })
    expect(s.now().endsAt).toBe(at('13:59'))
  })

  test('that is canceled before it is decided gives nothing', async () => {
    const s = await story({ approval: true })
    expect(await s.run([[at('10:00'), s.cancel]])).toMatchObject({ status: 'Canceled' })
    expect(s.tenant.calls).toEqual([])
  })

  test('with a start of its own waits for it, and may be canceled until then', async () => {
    const s = await story({ ask: lasting('PT1H', at('12:00')) })
    const held: unknown[] = []
    const outcome = await s.run([
      [at('11:59'), async () => held.push(s.holds())],
      [at('12:01'), async () => held.push(s.holds())],
    ])
    expect([outcome.status, held, s.clock.now.toISOString()]).toEqual(['Expired', [false, true], at('13:00')])

    const canceled = await story({ ask: lasting('PT1H', at('12:00')) })
    expect(await canceled.run([[at('11:00'), canceled.cancel]])).toMatchObject({ status: 'Canceled' })
    expect(canceled.tenant.calls).toEqual([])
  })

  test('of the shortest length there is is given, though a moment passes before', async () => {
    const s = await story({ ask: lasting('PT5M') })
    const outcome = await s.run(
      [],
      butFirst(
        onlyThe(1, async () => s.at('2030-01-01T09:00:02.500Z')),
        s.activities.advanceRequest,
      ),
    )
    expect([outcome.status, s.now().failure]).toEqual(['Expired', null])
  })

  test('that is given back early is taken away at once', async () => {
    const s = await story()
    const outcome = await s.run([
      [at('09:20'), s.giveBack],
      [at('09:21'), tooLate],
    ])
    expect([outcome.status, s.holds(), s.clock.now.toISOString()]).toEqual(['Revoked', false, at('09:20')])
    expect(s.steps(s.request.id)).toEqual(['requested', 'provisioned', 'deactivate-requested', 'ended'])
  })

  test('that lost its eligibility while it waited fails, and gives nothing', async () => {
    const s = await story({ ask: lasting('PT1H', at('12:00')) })
    const outcome = await s.run([
      [
        at('11:00'),
        async () => {
          const [id = ''] = s.eligibilities.keys()
          const read = await s.ports.store.findEligibility(id)
          if (!read) throw new Error('not found')
          await s.ports.store.changeEligibility(read, { eligibility: read.value, events: [], isGone: true })
        },
      ],
    ])
    expect(outcome).toMatchObject({ status: 'Failed' })
    expect(s.now().failure?.message).toContain('EligibilityRule')
    expect(s.tenant.rows.filter(({ principalId }) => principalId === ada.id)).toEqual([])
  })

  describe('hears of a decision that comes', () => {
    test('before its first wait', async () => {
      const s = await story({ approval: true })
      await s.approve()
      expect(await s.run()).toMatchObject({ status: 'Expired' })
      expect(s.now().endsAt).toBe(at('10:00'))
    })

    describe.each([
      ['the reminder', 1, '11:00'],
      ['the time-out', 2, '13:00'],
    ])('during %s', (_when, nth, clock) => {
      test('before the activity has looked', async () => {
        const s = await story({ approval: true })
        const early = async () => {
          s.at(`2030-01-01T${clock === '13:00' ? '12:59:59.500' : '10:59:59.500'}Z`)
          await s.approve()
        }
        const outcome = await s.run([], butFirst(onlyThe(nth, early), s.activities.advanceRequest))
        expect(outcome).toMatchObject({ status: 'Expired' })
      })
    })

    test('after the activity has looked, and before the wait has begun', async () => {
      const s = await story({ approval: true })
      const outcome = await s.run([], andThen(s.activities.advanceRequest, onlyThe(1, s.approve)))
      expect(outcome).toMatchObject({ status: 'Expired' })
      expect(s.now().startsAt).toBe(at('11:00'))
      expect(s.clock.now.toISOString()).toBe(at('12:00'))
    })

    test('twice, by the same person', async () => {
      const s = await story({ approval: true })
      const outcome = await s.run([
        [at('10:00'), () => s.approve().then(s.approve)],
        [at('10:10'), s.approve],
        [at('10:20'), s.announceAgain],
      ])
      expect([outcome.status, s.now().endsAt]).toEqual(['Expired', at('11:00')])
      expect(s.post.notices.flatMap(({ kinds }) => kinds)).toEqual([
        'approvalRequested',
        'decided',
        'activated',
        'ended',
      ])
    })

    test('in vain: by a stranger, by the requester, and too late', async () => {
      const s = await story({ approval: true })
      const outcome = await s.run([
        [
          at('10:00'),
          () => expect(s.decide(s.request, 'Approve', ada)).rejects.toMatchObject({ status: 403 }),
        ],
        [
          at('10:01'),
          () => expect(s.decide({ id: 'req-x' }, 'Approve')).rejects.toMatchObject({ status: 404 }),
        ],
        [at('10:02'), s.deny],
      ])
      expect(outcome).toMatchObject({ status: 'Denied' })
      await expect(s.decide(s.request, 'Approve', linus)).rejects.toMatchObject({ status: 409 })
      expect(s.now().status).toBe('Denied')
    })
  })

  test('an announcement for nothing, of an old turn or of one to come changes nothing', async () => {
    const s = await story({ approval: true })
    const outcome = await s.run([
      [at('09:30'), s.announceAgain],
      [at('09:40'), s.announceAgain],
      [at('09:50'), () => s.workflows.announce(s.request.id, 1)],
      [at('09:51'), () => s.workflows.announce(s.request.id, 7)],
      [at('10:00'), s.approve],
      [at('10:30'), () => s.workflows.announce(s.request.id, 2)],
    ])
    expect([outcome.status, s.now().endsAt]).toEqual(['Expired', at('11:00')])
    expect(s.steps(s.request.id)).toHaveLength(5)
  })

  test('whose announcement was lost goes on when the sweep announces again', async () => {
    const s = await story({ approval: true })
    const died = { ...s.workflows, announce: () => Promise.reject(new Error('died before it was told')) }
    const { announce } = s.workflows
    const outcome = await s.run([
      [
        at('10:00'),
        async () => {
          s.workflows.announce = died.announce
          await s.approve()
          s.workflows.announce = announce
        },
      ],
      [at('10:05'), () => sweep(s.ports, s.workflows)],
    ])
    expect([outcome.status, s.now().startsAt, s.now().endsAt]).toEqual(['Expired', at('10:00'), at('11:00')])
    expect(s.steps(s.request.id)).toHaveLength(5)
  })

  test('every activity runs a second time, late, and changes nothing', async () => {
    for (const approval of [true, false]) {
      const s = await story({ approval })
      const outcome = await s.run(
        approval ? [[at('10:00'), s.approve]] : [],
        eachAgainLate(s.activities.advanceRequest),
      )
      expect([outcome.status, s.holds(), s.guards.size]).toEqual(['Expired', false, 0])
      expect(s.steps(s.request.id)).toHaveLength(approval ? 5 : 3)
      expect(s.tenant.rows.filter(({ principalId }) => principalId === ada.id)).toHaveLength(1)
    }
  })

  test('an hour without the tenant delays it, and its end stands', async () => {
    const s = await story({ ask: lasting('PT3H') })
    s.tenant.always.add = 'down'
    const held: unknown[] = []
    const outcome = await s.run([
      [at('09:55'), async () => held.push(s.holds())],
      [
        at('10:00'),
        async () => {
          s.tenant.always.add = 'fine'
        },
      ],
      [at('10:05'), async () => held.push(s.holds())],
    ])
    expect([outcome.status, held]).toEqual(['Expired', [false, true]])
    expect(s.clock.now.toISOString()).toBe(at('12:00'))
    expect(s.steps(s.request.id)).toEqual(['requested', 'provisioned', 'ended'])
  })

  test('half an hour without our own storage delays it, too', async () => {
    const s = await story({ ask: lasting('PT3H') })
    const storage = { away: true }
    const store = new Proxy(s.ports.store, {
      get: (target, key: keyof Ports['store']) =>
        storage.away ? () => Promise.reject(new Unavailable('The storage is away.')) : target[key],
    })
    const outcome = await s.run(
      [
        [
          at('09:30'),
          async () => {
            storage.away = false
          },
        ],
      ],
      createActivities({ ...s.ports, store }).advanceRequest,
    )
    expect([outcome.status, s.clock.now.toISOString()]).toEqual(['Expired', at('12:00')])
  })

  test('an hour without the tenant at its end: it is tried until it is gone', async () => {
    const s = await story()
    const outcome = await s.run([
      [
        at('09:30'),
        async () => {
          s.tenant.always.remove = 'down'
        },
      ],
      [
        at('11:00'),
        async () => {
          s.tenant.always.remove = 'fine'
        },
      ],
    ])
    expect([outcome.status, s.holds()]).toEqual(['Expired', false])
    expect(s.post.notices.filter(({ kinds }) => kinds.includes('removalFailing'))).toHaveLength(1)
    expect(s.clock.now.getTime()).toBeLessThanOrEqual(Date.parse(at('11:15')))
    expect(s.events.get(`${s.request.id}.ended`)?.additionalDetails).toContainEqual({
      key: 'pastDue',
      value: at('10:00'),
    })
  })

  // On the engine as well, but the replays of so long a history would take seconds.
  test.runIf(name === 'in memory')(
    'fails rather than retry for ever, so that the sweep may start another',
    async () => {
      const s = await story()
      const broken = () => Promise.reject(new Error('broken for good'))
      await expect(s.run([], broken)).rejects.toThrow('broken for good')
      expect(s.clock.now.getTime()).toBeLessThan(Date.parse(at('12:00')))
    },
  )

  test('takes no more turns than a history may have', async () => {
    const s = await story()
    let turns = 0
    const outcome = await s.run([], async ({ requestId, turn }) => {
      turns++
      return {
        requestId,
        turn,
        until: new Date(s.clock.now.getTime() + 60_000).toISOString(),
        status: 'Provisioned',
      }
    })
    expect(outcome.turn).toBe(200)
    expect(turns).toBe(199)
  })

  test('of a request that is gone, or over, ends at once', async () => {
    const s = await story()
    await s.cancel()
    expect(await s.run()).toMatchObject({ status: 'Canceled', until: null })
    const nobody = await engine(
      activation,
      { ...FOREVER, until: NINE },
      { activities: s.activities, announced: [], clock: s.clock },
    )
    expect(nobody).toMatchObject({ status: 'NotFound', until: null })
  })
})

async function tooLate(): Promise<never> {
  throw new Error('The workflow should have ended by now.')
}
