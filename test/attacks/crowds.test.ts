import { beforeAll, describe, expect, test } from 'vitest'
import { atOnce } from '../../src/live/at-once.ts'
import { daily, isThorough } from '../support/daily.ts'
import { APPROVERS, activation, people, roles, useGround } from './ground.ts'
import { loadWaiting } from './waiting.ts'

let grants = 0
let waiting = 0
const ground = useGround(
  ({ tried }) =>
    `crowds: tried ${tried} calls; ${grants} grants begun and ended together, ${waiting} requests waiting at once`,
)
const FREE = roles.groupsAdministrator.id
const APPROVED = roles.reportsReader.id
/** What is shared and what happens in one instant is the same for a hundred, which cost as much more: those with JOURNEYS_THOROUGH=1. */
const CROWD = isThorough ? 100 : 12

type Somebody = { id: string; short: string; displayName: string }
let crowd: Somebody[]

const makeCrowd = (prefix: string, count: number): Promise<Somebody[]> =>
  ground.it.tenant.control(
    'POST',
    '/people',
    Array.from({ length: count }, (_, n) => ({ short: `${prefix}${n}`, displayName: `${prefix} ${n}` })),
  )

/** At most so many at a time, as so many browsers would. */
const each = <T, R>(all: readonly T[], most: number, work: (item: T) => Promise<R>) => atOnce(most, all, work)

beforeAll(async () => {
  const { it } = ground
  crowd = await makeCrowd('crowd', CROWD)
  const everybody = await it.tenant.control('POST', '/groups', {
    short: 'crowd',
    members: crowd.map(({ short }) => short),
    isAssignableToRole: true,
  })
  await it.makeEligible(everybody.id, FREE)
})

test('many people activate at once, and all their grants end in one instant', async () => {
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
  for (const _ of daily([1, 2, 3], 2)) {
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

describe('while a crowd of requests waits for approval', () => {
  /** Several of the largest pages; every day of smaller ones. */
  const MANY = isThorough ? 1000 : 50
  const [TOP, OTHER_TOP] = isThorough ? [200, 170] : [20, 18]
  const OVER_HTTP = isThorough ? 20 : 10
  /** Half of what came over HTTP is decided, and as many of the oldest. */
  const SOME = OVER_HTTP / 2
  let many: Somebody[]
  let waitingIds: string[]
  let decided: string[]

  /** All that awaits somebody's decision, as a program that follows the links sees it. */
  async function pagesOf(who: string, top: number): Promise<string[][]> {
    const { it } = ground
    const token = await it.token(who)
    const pages: string[][] = []
    for (let next: string | undefined = `/api/approvals?top=${top}`; next; ) {
      const { status, text, body } = await it.with(token, 'GET', next)
      expect(status, text).toBe(200)
      pages.push(body.value.map(({ id }: { id: string }) => id))
      const link: URL | undefined = body.nextLink && new URL(body.nextLink)
      next = link && `${link.pathname}${link.search}`
      if (pages.length > (2 * MANY) / top + 1) throw new Error('The pages do not end.')
    }
    return pages
  }

  beforeAll(async () => {
    const { it } = ground
    many = await makeCrowd('many', MANY)
    const members = many.map(({ short }) => short)
    const group = await it.tenant.control('POST', '/groups', {
      short: 'many',
      members,
      isAssignableToRole: true,
    })
    await it.makeEligible(group.id, APPROVED)
    // Grace is asked by name and through the group, Linus through the group only.
    const grace = { '@odata.type': '#microsoft.graph.singleUser', userId: people.grace.id }
    await it.demandApproval(APPROVED, { primaryApprovers: [grace, APPROVERS] })
    const asked = await each(many.slice(0, OVER_HTTP), 10, ({ short }) => it.asks(short, APPROVED))
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 201))
    const own = asked.map(({ body }) => body.id)
    const { connectionString } = it.stack.azurite
    const loaded = await loadWaiting(connectionString, own[0], many.slice(OVER_HTTP))
    waitingIds = [...own, ...loaded]
    waiting = waitingIds.length
    await it.host.idle()
  })

  test('ten people use the thing and see their own, and approvers page through all of them, each once', async () => {
    const { it } = ground
    expect(waiting).toBe(MANY)
    const uses = async ({ short, id }: Somebody) => {
      const mine = await it.as(short, 'GET', '/api/me/roles')
      expect(mine.body.pending.map((one: { principal: { id: string } }) => one.principal.id)).toEqual([id])
      const again = await it.asks(short, APPROVED)
      expect([again.status, again.body.error.code]).toEqual([400, 'RoleAssignmentRequestExists'])
      const list = await it.as(short, 'GET', '/api/requests?top=1')
      expect(list.body.value.map((one: { id: string }) => one.id)).toEqual([mine.body.pending[0].id])
    }
    const ten = [...many.slice(0, 5), ...many.slice(-5)]
    const [byName, byGroup] = await Promise.all([
      pagesOf('grace', TOP),
      pagesOf('linus', OTHER_TOP),
      ...ten.map(uses),
    ])
    for (const [pages, top] of [
      [byName, TOP],
      [byGroup, OTHER_TOP],
    ] as const) {
      expect(pages.flat().toSorted()).toEqual(waitingIds.toSorted())
      expect(new Set(pages.flat()).size).toBe(MANY)
      expect(Math.max(...pages.map((page) => page.length))).toBe(top)
      expect(pages.length).toBeLessThanOrEqual(Math.floor(MANY / top) + 1) // no page is for nothing but the last
    }
    expect(byGroup.flat()).toEqual(byName.flat()) // one order, whoever asks
    const someoneElse = await it.as('ada', 'GET', '/api/approvals')
    expect(someoneElse.body).toEqual({ value: [] })
    // A place in Grace's list is no place in anybody else's.
    const { nextLink } = (await it.as('grace', 'GET', '/api/approvals?top=1')).body
    const { pathname, search } = new URL(nextLink)
    expect((await it.as('linus', 'GET', `${pathname}${search}`)).status).toBe(400)
  })

  test('some are decided, oldest and newest: they are carried out, and what is left is the rest', async () => {
    const { it } = ground
    decided = [...waitingIds.slice(0, SOME), ...waitingIds.slice(-SOME)]
    const answers = await each(decided, 5, (id) => it.decides('grace', id, 'Approve'))
    for (const { status, text } of answers) expect(status, text).toBe(200)
    await it.host.idle()
    // No workflow was ever started for what was loaded: the sweep sees to it.
    await it.host.advance('PT6M')
    const short = many.map(({ short }) => short)
    const held = await each([...short.slice(0, 2 * SOME), ...short.slice(-2 * SOME)], 10, (who) =>
      it.tenant.holds(who, APPROVED),
    )
    expect(held).toEqual(Array.from({ length: 4 * SOME }, (_, n) => n < SOME || n >= 3 * SOME))
    const left = (await pagesOf('linus', 200)).flat()
    expect(left.toSorted()).toEqual(waitingIds.filter((id) => !decided.includes(id)).toSorted())
  })

  test('those whose time is over time out, and nobody got anything; the others still wait', async () => {
    const { it } = ground
    await it.host.jump('P1DT10M')
    await it.host.advance('PT10M')
    const left = (await pagesOf('grace', 200)).flat()
    expect(left.toSorted()).toEqual(
      waitingIds
        .slice(OVER_HTTP)
        .filter((id) => !decided.includes(id))
        .toSorted(),
    )
    const timedOut = waitingIds.slice(0, OVER_HTTP).filter((id) => !decided.includes(id))
    expect(new Set(await each(timedOut, 10, (id) => it.statusOf(id)))).toEqual(new Set(['TimedOut']))
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
