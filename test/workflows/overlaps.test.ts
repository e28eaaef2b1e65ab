import { describe, expect, test } from 'vitest'
import { createActivities } from '../../src/activities/index.ts'
import { removeAssignment } from '../../src/api/assignments.ts'
import type { Request } from '../../src/domain/request.ts'
import { activation } from '../../src/workflows/activation.ts'
import { type Doing, runWorkflow } from '../fakes/durable.ts'
import { ada, alan, caller, exchangeRole } from '../fakes/people.ts'
import { lasting, NINE, world } from '../fakes/world.ts'
import { replay } from '../support/replay-host.ts'

const at = (clock: string) => `2030-01-01T${clock}:00.000Z`

describe.each([
  ['in memory', runWorkflow],
  ['on the durable-functions engine', replay],
])('assigned and activated, %s:', (_name, engine) => {
  function contoso() {
    const w = world()
    const { advanceRequest } = createActivities(w.ports)
    return {
      ...w,
      advanceRequest,
      holds: () => w.tenant.holds(ada.id, exchangeRole),
      /** The workflow of a request, as it is started with it, or again. */
      run: ({ id }: Request, until = NINE, doings: Doing[] = []) =>
        engine(
          activation,
          { requestId: id, turn: w.row(id).turn, until },
          {
            activities: { advanceRequest },
            announced: w.announced.filter(({ requestId }) => requestId === id),
            clock: w.clock,
            doings,
          },
        ),
    }
  }

  test('what starts later is given then, and ends', async () => {
    const w = contoso()
    const request = await w.assign(ada.id, lasting('PT1H', at('10:00')))
    const held: unknown[] = []
    const outcome = await w.run(request, at('10:00'), [
      [at('09:59'), async () => held.push(w.holds())],
      [at('10:01'), async () => held.push(w.holds())],
    ])
    expect([outcome, held, w.holds()]).toMatchObject([{ status: 'Expired' }, [false, true], false])
    expect(w.clock.now.toISOString()).toBe(at('11:00'))
  })

  test('for good: the workflow ends with the grant, and once more with the removal', async () => {
    const w = contoso()
    const request = await w.assign(ada.id)
    expect(await w.run(request)).toMatchObject({ until: null, status: 'Provisioned' })
    w.at(at('12:00'))
    await removeAssignment(w.ports, w.workflows, caller(alan), {
      action: 'adminRemove',
      targetScheduleId: request.id,
    })
    expect(await w.run(request, at('12:00'))).toMatchObject({ until: null, status: 'Revoked' })
    expect(w.holds()).toBe(false)
  })

  test('an activation ends while its extension goes on: held all the time', async () => {
    const w = contoso()
    await w.makeEligible(ada.id)
    const first = await w.ask()
    const longer: { value?: Request } = {}
    const held: boolean[] = []
    const minutes = Array.from(
      { length: 59 },
      (_, minute): Doing => [
        at(`09:${`${minute + 1}`.padStart(2, '0')}`),
        async () => {
          if (minute === 29) {
            longer.value = await w.ask({ action: 'selfExtend', ...lastingFromNow('PT1H') })
            await w.advanceRequest({ requestId: longer.value.id, turn: 2 })
          }
          held.push(w.holds())
        },
      ],
    )
    expect(await w.run(first, NINE, minutes)).toMatchObject({ status: 'Expired' })
    expect([held.every(Boolean), held.length, w.holds()]).toEqual([true, 59, true])
    expect(await w.run(longer.value as Request, at('10:30'))).toMatchObject({ status: 'Expired' })
    expect(w.holds()).toBe(false)
    expect(w.tenant.calls.filter((call) => call !== 'find')).toEqual(['add', 'remove'])
  })
})

const lastingFromNow = (duration: string) => ({
  scheduleInfo: { expiration: { type: 'afterDuration', duration } },
})
