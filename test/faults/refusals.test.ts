import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { daily, isThorough } from '../support/daily.ts'
import type { Call } from '../support/harness/call.ts'
import { ask, type Journey, passes, type Step } from '../support/harness/journeys.ts'
import type { Fate, Meddler } from '../support/harness/proxy.ts'
import { run } from '../support/harness/run.ts'
import { Stage } from '../support/harness/stage.ts'
import { LOOKING_AROUND } from '../support/world.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.start({ env: LOOKING_AROUND })
})
afterAll(async () => {
  await stage.stop()
  process.stderr.write('refusals for good: role gone, person deleted, 403, licence, removal refused\n')
})

const isGrant = ({ what }: Call) => what === 'POST /roleManagement/directory/roleAssignments'
const isRemoval = ({ what }: Call) => what.startsWith('DELETE /roleManagement/directory/roleAssignments')
const isRole = ({ what }: Call) => what.startsWith('GET /roleManagement/directory/roleDefinitions')

const says = (status: number, code: string, message: string): Fate => ({
  status,
  body: JSON.stringify({ error: { code, message } }),
})

const personIsDeleted: Step = async (story) => {
  await story.stage.tenant.control('DELETE', `/people/${story.person.id}`)
  story.isGone = true
}

/** What is to go wrong does so only after it was asked for. */
let hasChanged = false
const thingsChange: Step = async () => {
  hasChanged = true
}

const failing = (...between: Step[]): Journey => ({
  name: 'start in the future, refused for good',
  role: 'open',
  steps: [ask({ minutes: 30, startsIn: 10 }), passes(5), thingsChange, ...between, passes(15)],
  end: 'Failed',
  overAfter: 60,
})

const ADMINISTRATOR = /katherine@.*(fail|could not|not be given)/i

describe('what the tenant refuses for good ends the request, says why, tells the administrators and leaves nothing', () => {
  type Refusal = {
    name: string
    journey: Journey
    before?: Meddler['before']
    reason: RegExp
    asksTenant: boolean
  }
  /** Every day one before the tenant is asked and one by the tenant; what becomes of each: test/activities/grant. */
  const REFUSALS: Refusal[] = [
    {
      name: 'the role is gone',
      journey: failing(),
      before: (call) =>
        isRole(call) ? says(404, 'Request_ResourceNotFound', 'Resource does not exist.') : 'pass',
      reason: /There is no such role/,
      asksTenant: false,
    },
    {
      name: 'the person is deleted',
      journey: failing(personIsDeleted),
      reason: /not in the directory/,
      asksTenant: false,
    },
    {
      name: 'our identity may not',
      journey: failing(),
      before: (call) =>
        isGrant(call) ? says(403, 'Authorization_RequestDenied', 'Insufficient privileges.') : 'pass',
      reason: /Authorization_RequestDenied.*Insufficient privileges/,
      asksTenant: true,
    },
    {
      name: 'the tenant lacks the licence',
      journey: failing(),
      before: (call) =>
        isGrant(call)
          ? says(400, 'Request_BadRequest', 'The tenant needs a Microsoft Entra ID Premium license.')
          : 'pass',
      reason: /Premium license/,
      asksTenant: true,
    },
  ]
  test.each(daily(REFUSALS, 2))('$name', async ({ journey, before, reason, asksTenant }) => {
    let asked = 0
    hasChanged = false
    let because = ''
    const result = await run(stage, journey, {
      meddler: () => ({
        before: (call) => {
          if (isGrant(call)) asked++
          return (hasChanged && before?.(call)) || 'pass'
        },
      }),
      afterSteps: async ({ person }) => {
        const rows = await stage.rows('InterimTruth', person.id)
        because = JSON.stringify(rows.map(({ doc }) => JSON.parse(doc).resultReason ?? ''))
      },
    })
    expect(result.wrong).toEqual([])
    expect(result.status).toBe('Failed')
    expect(because).toMatch(reason)
    expect(asked).toBe(asksTenant ? 1 : 0)
    expect(
      result.mails.some((mail) => ADMINISTRATOR.test(mail)),
      `${result.mails}`,
    ).toBe(true)
  })
})

// Every day with a group: test/journeys/groups.
test.runIf(isThorough)(
  'a person who is deleted while holding a role leaves a request that ends, and nothing else',
  async () => {
    const result = await run(stage, {
      name: 'deleted while holding',
      role: 'open',
      steps: [ask({ minutes: 30 }), passes(10), personIsDeleted],
      end: 'Revoked', // what a deleted person held went with them, and the comparison finds that
      overAfter: 60,
    })
    expect(result.wrong).toEqual([])
    expect(result.status).toBe('Revoked')
  },
)

test('a removal that is refused is tried until it is allowed, and the administrators are told', async () => {
  let isAllowed = false
  let pastDue = 0
  const result = await run(
    stage,
    {
      name: 'removal refused',
      role: 'open',
      steps: [ask({ minutes: 30 }), passes(80)],
      end: 'Expired',
      overAfter: 110,
    },
    {
      meddler: () => ({
        before: (call) =>
          isRemoval(call) && !isAllowed
            ? says(403, 'Authorization_RequestDenied', 'Insufficient privileges.')
            : 'pass',
      }),
      afterSteps: async ({ person }) => {
        expect(await stage.holds(person.id, 'open')).toBe(true)
        pastDue = (await stage.api('dorothy', 'GET', '/api/health')).body.pastDue
        isAllowed = true
        await stage.moveTo(new Date((await stage.now()).getTime() + 20 * 60_000))
        expect(await stage.holds(person.id, 'open')).toBe(false)
      },
    },
  )
  expect(result.wrong).toEqual([])
  expect(result.status).toBe('Expired')
  expect(pastDue).toBe(1)
  expect(
    result.mails.some((mail) => /^katherine@/.test(mail)),
    `${result.mails}`,
  ).toBe(true)
})
