import { beforeAll, describe, expect, test } from 'vitest'
import { activation, people, roles, useGround } from './ground.ts'

let grants = 0
let waiting = 0
const ground = useGround(
  ({ tried }) =>
    `crowds: tried ${tried} calls; ${grants} grants begun and ended together, ${waiting} requests waiting at once`,
)
const FREE = roles.groupsAdministrator.id
const APPROVED = roles.reportsReader.id
const CROWD = 100

let crowd: { id: string; short: string }[]

const makeCrowd = (prefix: string, count: number): Promise<{ id: string; short: string }[]> =>
  ground.it.tenant.control(
    'POST',
    '/people',
    Array.from({ length: count }, (_, n) => ({ short: `${prefix}${n}`, displayName: `${prefix} ${n}` })),
  )

/** At most so many at a time, as so many browsers would. */
async function each<T, R>(all: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = [...all.entries()]
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1])
    }),
  )
  return results
}

beforeAll(async () => {
  const { it } = ground
  crowd = await makeCrowd('crowd', CROWD)
  const everybody = await it.tenant.control('POST', '/groups', {
    short: 'crowd',
    members: crowd.map(({ short }) => short),
  })
  await it.makeEligible(everybody.id, FREE)
})

test('a hundred people activate at once, and their hundred grants end in one instant', async () => {
  const { it } = ground
  const tokens = await each(crowd, 20, ({ short }) => it.token(short))
  const end = new Date((await it.now()).getTime() + 3_600_000).toISOString()
  const body = activation(FREE, {
    scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime: end } },
  })
  const heard = await Promise.all(tokens.map((token) => it.with(token, 'POST', '/api/requests', body)))
  expect(heard.map(({ status }) => status)).toEqual(crowd.map(() => 201))
  const ids = heard.map(({ body }) => body.id)
  expect(new Set(ids).size).toBe(CROWD)
  await it.host.idle()
  expect(await each(crowd, 10, ({ short }) => it.tenant.holds(short, FREE))).toEqual(crowd.map(() => true))
  grants = CROWD
  await it.host.moveTo(new Date(Date.parse(end) + 60_000).toISOString())
  expect(await each(crowd, 10, ({ short }) => it.tenant.holds(short, FREE))).toEqual(crowd.map(() => false))
  expect(new Set(await each(ids, 10, (id) => it.statusOf(id)))).toEqual(new Set(['Expired']))
  const events = await it.as('dorothy', 'GET', `/api/audit?top=200&roleDefinitionId=${FREE}`)
  const ended = events.body.value.filter(
    ({ activityDisplayName }: { activityDisplayName: string }) =>
      activityDisplayName === 'Remove member from role (PIM activation expired)',
  )
  expect(ended).toHaveLength(CROWD)
  for (const { activityDateTime } of ended)
    expect(Date.parse(activityDateTime) - Date.parse(end)).toBeLessThan(60_000)
  expect((await it.send({ path: '/api/health' })).body).toMatchObject({ status: 'healthy', pastDue: 0 })
})

test('one person sends the same request fifty times at once: one request, one grant', async () => {
  const { it } = ground
  await it.makeEligible(people.ada.id, FREE)
  const token = await it.token('ada')
  const heard = await Promise.all(
    Array.from({ length: 50 }, () => it.with(token, 'POST', '/api/requests', activation(FREE))),
  )
  const made = heard.filter(({ status }) => status === 201)
  expect(made).toHaveLength(1)
  for (const { status, body } of heard.filter((each) => each !== made[0])) {
    expect(status).toBe(400)
    expect(['RoleAssignmentRequestExists', 'RoleAssignmentExists']).toContain(body.error.code)
  }
  await it.host.idle()
  const list = await it.as('ada', 'GET', '/api/requests')
  expect(list.body.value.map(({ id }: { id: string }) => id)).toEqual([made[0]?.body.id])
  const { assignments } = await it.tenant.control('GET', `/holds?principal=ada&role=${FREE}`)
  expect(assignments).toHaveLength(1)
  const mine = (await it.events(FREE)).filter(({ id }) => id.startsWith(made[0]?.body.id))
  expect(mine.map(({ id }) => id.split('.')[1]).sort()).toEqual(['provisioned', 'requested'])
})

test('the same person gives it back fifty times at once: it ends once', async () => {
  const { it } = ground
  await it.host.advance('PT6M')
  const token = await it.token('ada')
  const body = { action: 'selfDeactivate', roleDefinitionId: FREE }
  const heard = await Promise.all(
    Array.from({ length: 50 }, () => it.with(token, 'POST', '/api/requests', body)),
  )
  expect(new Set(heard.map(({ status }) => status))).toEqual(new Set([201, 400]))
  expect(heard.filter(({ status }) => status === 201)).toHaveLength(1)
  await it.host.idle()
  expect(await it.tenant.holds('ada', FREE)).toBe(false)
  const deactivated = (await it.events(FREE)).filter(({ id }) => id.includes('.deactivate-requested'))
  expect(deactivated).toHaveLength(1)
})

test('one request canceled, approved and denied by twenty at once has one end', async () => {
  const { it } = ground
  await it.demandApproval(APPROVED)
  await it.makeEligible(people.ada.id, APPROVED)
  for (const _ of [1, 2, 3]) {
    const { id } = (await it.asks('ada', APPROVED)).body
    const [ada, grace, linus] = await Promise.all(['ada', 'grace', 'linus'].map((who) => it.token(who)))
    const review = (reviewResult: string) => ({ reviewResult, justification: 'x' })
    const heard = await Promise.all(
      Array.from({ length: 7 }, () => [
        it.with(grace as string, 'POST', `/api/approvals/${id}`, review('Approve')),
        it.with(ada as string, 'POST', `/api/requests/${id}/cancel`),
        it.with(linus as string, 'POST', `/api/approvals/${id}`, review('Deny')),
      ]).flat(),
    )
    expect(heard.every(({ status }) => status === 200 || status === 409)).toBe(true)
    await it.host.idle()
    const status = await it.statusOf(id)
    expect(['Canceled', 'Denied', 'Provisioned']).toContain(status)
    expect(await it.tenant.holds('ada', APPROVED)).toBe(status === 'Provisioned')
    const ways = (await it.events(APPROVED)).filter(({ id: event }) => event.startsWith(id))
    const decisions = ways.filter(({ id: event }) => /\.(decided|canceled)$/.test(event))
    // An approval may still be canceled before the role is given: two steps, and no more.
    expect(decisions.length).toBeLessThanOrEqual(2)
    if (status === 'Provisioned') await it.host.advance('PT1H2M')
  }
})

describe('while a hundred and fifty requests wait for approval', () => {
  const MANY = 150

  test('ten people use the thing, and each sees their own', async () => {
    const { it } = ground
    const many = await makeCrowd('many', MANY)
    const group = await it.tenant.control('POST', '/groups', {
      short: 'many',
      members: many.map(({ short }) => short),
    })
    await it.makeEligible(group.id, APPROVED)
    const asked = await each(many, 20, async ({ short }) => (await it.asks(short, APPROVED)).status)
    expect(asked).toEqual(many.map(() => 201))
    waiting = MANY
    await it.host.idle()
    const queue = await it.as('grace', 'GET', '/api/approvals?top=200')
    expect(queue.body.value).toHaveLength(MANY)
    const users = many.slice(0, 10)
    await Promise.all(
      users.map(async ({ short, id }) => {
        const mine = await it.as(short, 'GET', '/api/me/roles')
        expect(mine.body.pending.map((each: { principal: { id: string } }) => each.principal.id)).toEqual([
          id,
        ])
        const [{ id: request }] = mine.body.pending
        const again = await it.asks(short, APPROVED)
        expect([again.status, again.body.error.code]).toEqual([400, 'RoleAssignmentRequestExists'])
        const decided = await it.decides('grace', request, 'Approve')
        expect(decided.status, decided.text).toBe(200)
      }),
    )
    await it.host.idle()
    expect(await each(many.slice(0, 20), 10, ({ short }) => it.tenant.holds(short, APPROVED))).toEqual(
      many.slice(0, 20).map((_, n) => n < 10),
    )
  })

  test('all of them time out, and nobody got anything', async () => {
    const { it } = ground
    await it.host.jump('P1DT10M')
    await it.host.advance('PT10M')
    expect((await it.as('grace', 'GET', '/api/approvals?top=200')).body.value).toEqual([])
    const { roleAssignments } = await it.tenant.control('GET', '/state')
    expect(
      roleAssignments.filter((each: { roleDefinitionId: string }) => each.roleDefinitionId === APPROVED),
    ).toEqual([])
  })
})

test('the same eligibility made twenty times at once is one', async () => {
  const { it } = ground
  const token = await it.token('katherine')
  const body = { principalId: people.radia.id, roleDefinitionId: FREE }
  const heard = await Promise.all(
    Array.from({ length: 20 }, () => it.with(token, 'POST', '/api/eligibilities', body)),
  )
  const list = await it.as('dorothy', 'GET', `/api/eligibilities?principalId=${people.radia.id}`)
  expect([heard.filter(({ status }) => status === 201).length, list.body.value.length]).toEqual([1, 1])
})
