import { beforeAll, expect, test } from 'vitest'
import { daily, isThorough } from '../support/daily.ts'
import { people, roles, useGround } from './ground.ts'

let instants = 0
const ground = useGround(({ tried }) => `time: tried ${tried} calls around ${instants} awkward instants`)
const FREE = roles.groupsAdministrator.id
const ROLE = roles.userAdministrator.id
const MINUTE = 60_000

beforeAll(async () => {
  const { it } = ground
  for (const { id } of [people.ada, people.barbara, people.radia])
    for (const role of [FREE, ROLE]) await it.makeEligible(id, role)
  await it.demandApproval(ROLE, { approvalStageTimeOutInMinutes: 60 })
})

const pastDue = (id: string) => (event: { correlationId: string; additionalDetails: { key: string }[] }) =>
  event.correlationId === id && event.additionalDetails.some(({ key }) => key === 'pastDue')

test('a host that slept for a day over ends, time-outs and starts does at once what was due, and says it is late', async () => {
  const { it } = ground
  const now = await it.now()
  const at = (minutes: number) => new Date(now.getTime() + minutes * MINUTE).toISOString()
  const running = (await it.asks('ada', FREE)).body.id
  const scheduled = (
    await it.asks('barbara', FREE, {
      scheduleInfo: { startDateTime: at(120), expiration: { type: 'afterDuration', duration: 'PT1H' } },
    })
  ).body.id
  const long = (
    await it.asks('radia', FREE, {
      scheduleInfo: { startDateTime: at(23 * 60), expiration: { type: 'afterDuration', duration: 'PT2H' } },
    })
  ).body.id
  const waiting = (await it.asks('ada', ROLE)).body.id
  await it.host.idle()
  expect(await it.tenant.holds('ada', FREE)).toBe(true)
  await it.host.jump('P1D')
  await it.host.idle()
  expect(await it.tenant.holds('ada', FREE)).toBe(false)
  expect(await it.tenant.holds('barbara', FREE)).toBe(false)
  expect(await it.tenant.holds('radia', FREE)).toBe(true)
  expect(await it.statusOf(running)).toBe('Expired')
  expect(await it.statusOf(waiting)).toBe('TimedOut')
  expect(await it.statusOf(scheduled)).toBe('Failed')
  expect(await it.statusOf(long)).toBe('Provisioned')
  const events: any[] = await it.events(FREE)
  expect(events.filter(pastDue(running))).toHaveLength(1)
  await it.host.advance('PT1H5M')
  expect(await it.tenant.holds('radia', FREE)).toBe(false)
  expect(await it.statusOf(long)).toBe('Expired')
  expect(((await it.events(FREE)) as any[]).filter(pastDue(long))).toEqual([])
  expect((await it.send({ path: '/api/health' })).body.pastDue).toBe(0)
  instants += 4
})

// Every day asleep, as above; and dead, in test/kill and test/journeys/killed.
test.runIf(isThorough)('a host that was dead for a day does the same when it is started', async () => {
  const { it } = ground
  const { id } = (await it.asks('ada', FREE)).body
  const waiting = (await it.asks('barbara', ROLE)).body.id
  await it.host.idle()
  await it.host.kill()
  const { offset } = await it.tenant.control('GET', '/clock')
  await it.tenant.control('PUT', '/clock', { offset: offset + 24 * 60 * MINUTE })
  await it.host.restart()
  await it.host.advance('PT6M')
  expect([await it.statusOf(id), await it.statusOf(waiting)]).toEqual(['Expired', 'TimedOut'])
  expect(await it.tenant.holds('ada', FREE)).toBe(false)
  expect(((await it.events(FREE)) as any[]).filter(pastDue(id))).toHaveLength(1)
  instants += 2
})

test('an end is an end to the second: there the second before, gone the second after', async () => {
  const { it } = ground
  const { body } = await it.asks('ada', FREE, {
    scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT5M' } },
  })
  await it.host.idle()
  const end = Date.parse(body.scheduleInfo.expiration.endDateTime)
  expect(end - Date.parse(body.createdDateTime)).toBe(5 * MINUTE)
  await it.host.moveTo(new Date(end - 2500).toISOString())
  expect(await it.tenant.holds('ada', FREE)).toBe(true)
  await it.host.moveTo(new Date(end + 1500).toISOString())
  await it.host.idle()
  expect(await it.tenant.holds('ada', FREE)).toBe(false)
  instants += 1
})

/** In order: the clock never goes back. Europe and America change at different instants; tenants sit everywhere. */
const AWKWARD = [
  '2027-02-28T23:59:30Z',
  '2027-03-14T06:59:30Z', // New York: 2 becomes 3
  '2027-03-28T00:59:30Z', // Stockholm: 2 becomes 3
  '2027-10-31T00:59:30Z', // Stockholm: 3 becomes 2
  '2027-12-31T23:59:30Z',
  '2028-02-28T23:59:30Z',
  '2028-02-29T23:59:30Z',
]

test('an hour is an hour over changes of the clock, month ends, years and leap days', async () => {
  const { it } = ground
  for (const instant of daily(AWKWARD, 3)) {
    await it.host.jump(instant)
    const { body, status } = await it.asks('ada', FREE)
    expect([instant, status]).toEqual([instant, 201])
    const end = Date.parse(body.scheduleInfo.expiration.endDateTime)
    expect([instant, end - Date.parse(body.createdDateTime)]).toEqual([instant, 60 * MINUTE])
    await it.host.idle()
    await it.host.moveTo(new Date(end - 30_000).toISOString())
    expect([instant, await it.tenant.holds('ada', FREE)]).toEqual([instant, true])
    await it.host.moveTo(new Date(end + 30_000).toISOString())
    expect([instant, await it.tenant.holds('ada', FREE)]).toEqual([instant, false])
    instants += 1
  }
})

test('the same instant, written in any zone, is the same instant', async () => {
  const { it } = ground
  const written = [
    '2028-03-26T12:00:00Z',
    '2028-03-26T12:00:00.000Z',
    '2028-03-26T14:00:00+02:00',
    '2028-03-27T02:00:00+14:00',
    '2028-03-26T00:00:00-12:00',
    '2028-03-26T17:45:00+05:45',
    '2028-03-26T08:30:00-03:30',
  ]
  for (const startDateTime of written) {
    const { body } = await it.asks('ada', FREE, {
      isValidationOnly: true,
      scheduleInfo: { startDateTime, expiration: { type: 'afterDuration', duration: 'PT1H' } },
    })
    expect([startDateTime, body.scheduleInfo?.startDateTime]).toEqual([
      startDateTime,
      '2028-03-26T12:00:00.000Z',
    ])
    instants += 1
  }
})

test('a month of eligibility is a month by the calendar, and its end binds what is activated', async () => {
  const { it } = ground
  const cases: [string, string, string][] = [
    ['2029-01-31T10:00:00Z', 'P1M', '2029-02-28T10:00:00.000Z'],
    ['2032-01-31T10:00:00Z', 'P1M', '2032-02-29T10:00:00.000Z'],
    ['2032-02-29T10:00:00Z', 'P1Y', '2033-02-28T10:00:00.000Z'],
    ['2031-03-31T10:00:00+14:00', 'P1M', '2031-04-30T20:00:00.000Z'],
    ['2031-10-26T00:30:00Z', 'P1D', '2031-10-27T00:30:00.000Z'],
    ['2030-12-31T23:59:59Z', 'PT1S', ''],
  ]
  for (const [startDateTime, duration, end] of cases) {
    const heard = await it.as('katherine', 'POST', '/api/eligibilities', {
      principalId: people.linus.id,
      roleDefinitionId: FREE,
      scheduleInfo: { startDateTime, expiration: { type: 'afterDuration', duration } },
    })
    expect([duration, heard.body.endDateTime ?? '']).toEqual([duration, end])
    instants += 1
  }
  await it.host.jump('2029-02-28T09:30:00Z')
  const outlasting = await it.asks('linus', FREE)
  expect([outlasting.status, outlasting.body.error.details[0].code]).toEqual([400, 'ExpirationRule'])
  const within = await it.asks('linus', FREE, {
    scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime: '2029-02-28T10:00:00Z' } },
  })
  expect(within.status, within.text).toBe(201)
  await it.host.moveTo('2029-02-28T10:00:30Z')
  expect(await it.tenant.holds('linus', FREE)).toBe(false)
  expect((await it.asks('linus', FREE)).body.error.details[0].code).toBe('EligibilityRule')
})
