import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { requestActivation } from '../../src/api/activations.ts'
import { decide } from '../../src/api/approvals.ts'
import { cancelRequest, deactivate } from '../../src/api/withdrawals.ts'
import { isOpen, type Request } from '../../src/domain/request.ts'
import type { Ports, Workflows } from '../../src/ports.ts'
import { ada, caller, exchangeRole, grace, user } from '../fakes/people.ts'
import { body, type World, world } from '../fakes/world.ts'
import { dyingAt } from '../support/dying.ts'

type Deed = (ports: Ports, workflows: Workflows, w: World) => Promise<unknown>
type Story = { name: string; before?: (w: World) => Promise<unknown>; deeds: [at: string, deed: Deed][] }

const only = (w: World): Request | undefined => [...w.rows.values()][0]?.value
const step: Deed = async (ports, _workflows, w) => {
  const request = only(w)
  if (request) await advance(ports, { requestId: request.id, turn: request.turn + 1 })
}
const asked: Deed = (ports, workflows) => requestActivation(ports, workflows, caller(ada), body())
const approved: Deed = (ports, workflows, w) =>
  decide(ports, workflows, grace, only(w)?.id ?? '', { reviewResult: 'Approve', justification: 'ok' }, 'api')
const canceled: Deed = (ports, workflows, w) =>
  cancelRequest(ports, workflows, caller(ada), only(w)?.id ?? '')
const givenBack: Deed = (ports, workflows) => deactivate(ports, workflows, caller(ada), exchangeRole)
const swept: Deed = (ports, workflows) => sweep(ports, workflows)
const withApproval = (w: World) => w.approvalBy(user(grace.id))

const STORIES: Story[] = [
  {
    name: 'given and ended by its workflow',
    deeds: [
      ['09:00', asked],
      ['09:00', step],
      ['10:00', step],
    ],
  },
  {
    name: 'given and ended by the sweep alone',
    deeds: [
      ['09:00', asked],
      ['09:05', swept],
      ['10:05', swept],
      ['10:10', swept],
    ],
  },
  {
    name: 'approved, given and ended',
    before: withApproval,
    deeds: [
      ['09:00', asked],
      ['09:30', approved],
      ['09:30', step],
      ['10:30', step],
    ],
  },
  {
    name: 'reminded of and timed out',
    before: withApproval,
    deeds: [
      ['09:00', asked],
      ['11:00', step],
      ['13:00', step],
    ],
  },
  {
    name: 'canceled',
    before: withApproval,
    deeds: [
      ['09:00', asked],
      ['09:30', canceled],
      ['09:30', step],
    ],
  },
  {
    name: 'given back early',
    deeds: [
      ['09:00', asked],
      ['09:00', step],
      ['09:30', givenBack],
      ['09:30', step],
    ],
  },
  {
    name: 'given where it was there before',
    before: async (w) => w.tenant.give(ada.id, exchangeRole, 3_600_000),
    deeds: [
      ['09:00', asked],
      ['09:00', step],
      ['10:00', step],
    ],
  },
]

const at = (clock: string) => `2030-01-01T${clock}:00.000Z`

/** Lives a story, dying once; then whoever comes later finds its end. */
async function live(
  { before, deeds }: Story,
  cut: number,
  when: 'before' | 'after',
): Promise<{ w: World; calls: number }> {
  const w = world()
  await w.makeEligible(ada.id)
  await before?.(w)
  const mortal = dyingAt(w.ports, w.workflows, cut, when)
  let tick = Date.parse(at('09:00'))
  /** While time passes the sweep comes every five minutes, of a healthy process; here only after a death. */
  const sweepUntil = async (until: number) => {
    for (tick += 300_000; tick <= until; tick += 300_000) {
      w.clock.now = new Date(Math.max(tick, w.clock.now.getTime()))
      expect(await sweep(w.ports, w.workflows)).toMatchObject({ failed: 0 })
      await delivered(w)
    }
    tick -= 300_000
  }
  for (const [clock, deed] of deeds) {
    if (mortal.died()) await sweepUntil(Date.parse(at(clock)))
    tick = Date.parse(at(clock))
    w.clock.now = new Date(tick)
    const [ports, workflows] = mortal.died() ? [w.ports, w.workflows] : [mortal.ports, mortal.workflows]
    await deed(ports, workflows, w).catch((error) => {
      if (!mortal.died()) throw error
    })
    await delivered(w)
  }
  const calls = mortal.calls()
  await sweepUntil(Date.parse(at('14:00')))
  return { w, calls }
}

async function delivered(w: World): Promise<void> {
  for (let notice = w.post.notices.shift(); notice; notice = w.post.notices.shift())
    await deliver(w.ports, notice)
}

/** What must hold in the end, wherever it died. */
function atRest(w: World, wasThere: boolean): void {
  const request = only(w)
  expect(w.tenant.holds(ada.id, exchangeRole)).toBe(wasThere)
  expect([...w.guards]).toEqual([])
  expect([...w.views.due.values()]).toEqual([])
  expect([...w.views.awaiting.values()]).toEqual([])
  if (!request) {
    expect([...w.events]).toEqual([]) // it died before anything was asked
    return
  }
  expect(isOpen(request)).toBe(false)
  expect([...w.views.indexed.keys()].sort()).toEqual([...w.events.keys()].sort())
  expect(w.steps(request.id).sort()).toEqual(
    STEPS[request.status]?.find((steps) => steps.length === w.events.size),
  )
  if (request.grant) expect(request.grant.preExisting !== null).toBe(wasThere)
}

const STEPS: Partial<Record<Request['status'], string[][]>> = {
  Expired: [
    ['ended', 'provisioned', 'requested'],
    ['approval-requested', 'decided', 'ended', 'provisioned', 'requested'],
  ],
  Revoked: [['deactivate-requested', 'ended', 'provisioned', 'requested']],
  Canceled: [['approval-requested', 'canceled', 'requested']],
  TimedOut: [
    ['approval-requested', 'requested', 'timed-out'],
    ['approval-requested', 'reminded-2', 'requested', 'timed-out'],
  ],
}

describe.each(STORIES)('a request that is $name', (story) => {
  test('comes to the same rest wherever its process dies, before a call or after it', async () => {
    const wasThere = story.name.includes('before')
    const { w, calls } = await live(story, Number.POSITIVE_INFINITY, 'before')
    atRest(w, wasThere)
    expect(calls).toBeGreaterThan(10)
    for (const when of ['before', 'after'] as const)
      for (let cut = 1; cut <= calls; cut++) {
        const lived = await live(story, cut, when)
        try {
          atRest(lived.w, wasThere)
        } catch (error) {
          throw new Error(`Died ${when} call ${cut} of ${calls}: ${(error as Error).message}`)
        }
      }
  })

  test('told once, where nobody died', async () => {
    const { w } = await live(story, Number.POSITIVE_INFINITY, 'before')
    const keys = w.post.mails.map(({ key }) => key)
    expect(keys).toEqual([...new Set(keys)])
    expect(keys.length).toBeGreaterThan(0)
  })
})
