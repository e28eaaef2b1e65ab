import { describe, expect, test } from 'vitest'
import { runErrand } from '../../src/activities/run-errand.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { publishing } from '../../src/adapters/publishing.ts'
import type { Outcome } from '../../src/domain/webhook-delivery.ts'
import { watch } from '../../src/live/break-glass.ts'
import type { Errand } from '../../src/ports.ts'
import { ada, alan, exchange, exchangeRole } from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'
import { isThorough } from '../support/daily.ts'
import { dyingAt } from '../support/dying.ts'
import { DOWN, GONE, hook, NO, OK } from '../support/webhooks.ts'

const only = { filter: { activities: ['Break-glass*'] } }

/**
 * Three times something happens, and the endpoint answers as it is told to. The process dies once; a message whose errand did not end
 * well comes again, and the sweep comes every five minutes.
 */
async function live(answers: Outcome[], cut: number, when: 'before' | 'after') {
  const w = world()
  await hook(w, only)
  await hook(w, { ...only, name: 'Another' })
  let asked = 0
  w.hooks.world.answer = () => answers[asked++] ?? OK
  const mortal = dyingAt({ ...w.ports, views: w.views.views }, w.workflows, cut, when)
  mortal.ports.views = publishing(mortal.ports.views, mortal.ports)
  const ports = () => (mortal.died() ? w.ports : mortal.ports)
  const attempt = async (deed: () => Promise<unknown>) => {
    const wasAlive = !mortal.died()
    return deed().then(
      () => true,
      (error) => {
        if (!(wasAlive && mortal.died())) throw error
        return false
      },
    )
  }
  const queue = async () => {
    for (let errand = w.hooks.queue.shift(); errand; errand = w.hooks.queue.shift()) {
      const { webhookId, eventId, afterMillis } = errand
      const ran =
        afterMillis > 2000 || (await attempt(() => runErrand(ports(), { webhookId, eventId } as Errand)))
      if (!ran) w.hooks.queue.push(errand)
    }
  }
  for (let n = 0; n < 3; n++) {
    const role = { ...exchangeRole, displayName: exchange.displayName }
    await attempt(() => watch(ports(), { by: alan, principal: ada, role, what: `${n}` }))
    await queue()
    await later(w, 1)
  }
  for (let n = 0; n < 24; n++) {
    await attempt(() => sweep(ports(), w.workflows))
    await queue()
    await later(w, 5)
  }
  return { w, calls: mortal.calls() }
}

async function later(w: World, minutes: number) {
  w.at(new Date(w.clock.now.getTime() + minutes * 60_000).toISOString())
}

const STORIES: [name: string, answers: Outcome[]][] = [
  ['works', []],
  ['is away for a while', [DOWN, OK, DOWN, DOWN]],
  ['refuses some', [NO, OK, NO, NO, NO, NO]],
  ['wants no more', [OK, GONE]],
]

describe.each(STORIES)('where an endpoint %s', (_, answers) => {
  test('each event that is recorded is delivered or a dead letter, wherever a process dies', async () => {
    const whole = await live(answers, Number.POSITIVE_INFINITY, 'before')
    expect(whole.calls).toBeGreaterThan(30)
    for (const when of ['before', 'after'] as const)
      for (let cut = 1; cut <= whole.calls; cut += isThorough ? 1 : 2) {
        const { w } = await live(answers, cut, when)
        const at = `died ${when} call ${cut} of ${whole.calls}`
        const uses = [...w.events.keys()].filter((id) => id.startsWith('use-'))
        expect(uses.length, at).toBeGreaterThanOrEqual(2)
        expect([...w.views.indexed.keys()].sort(), at).toEqual([...w.events.keys()].sort())
        expect([w.hooks.parcels.size, [...w.views.due.values()]], at).toEqual([0, []])
        for (const { value: webhook } of w.hooks.rows.values())
          for (const id of uses) {
            const reached = w.hooks.sent.some((each) => each.webhookId === webhook.id && each.id === id)
            const isDead = w.hooks.dead.has(`${webhook.id}||${id}`)
            const isMissed = !reached && !isDead && webhook.state === 'enabled'
            expect([webhook.name, id, isMissed], at).toEqual([webhook.name, id, false])
          }
      }
  })

  test('nothing is sent twice to one that took it, where nobody dies', async () => {
    const { w } = await live(answers, Number.POSITIVE_INFINITY, 'before')
    const attempts = w.hooks.sent.length
    expect(attempts).toBeLessThanOrEqual(6 + answers.filter(({ verdict }) => verdict !== 'delivered').length)
  })
})
