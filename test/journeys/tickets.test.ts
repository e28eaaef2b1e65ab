import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accepted } from '../support/actor.ts'
import { Endpoint } from '../support/endpoint.ts'
import { story, TRAIL } from '../support/story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()
const desk = new Endpoint()
beforeAll(() => desk.listen())
afterAll(() => desk.stop())

const says = (evaluationOutcome: string, ...reason: string[]) => {
  desk.answer = {
    status: 200,
    body: { evaluationId: `eval-${evaluationOutcome}`, evaluationOutcome, reason },
  }
}
const asked = () => desk.arrivals.splice(0).map(({ body }) => JSON.parse(body.toString()))
const ticket = { ticketInfo: { ticketNumber: 'CHG0042', ticketSystem: 'Desk' } }

async function checked(more: object = {}) {
  const told = await story(world, 'helpdeskAdministrator', { approval: true })
  const rule = {
    '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyEnablementRule',
    id: 'Enablement_EndUser_Assignment',
    enabledRules: ['Justification', 'Ticketing'],
    ticketPattern: 'CHG\\d{4}',
    ticketCheck: { targetUrl: desk.url, mayAutoApprove: true, maximumRetries: 0, ...more },
  }
  const change = (fields: object) =>
    told.katherine.calls('PATCH', `/api/roles/${told.role.id}/settings`, { rules: [{ ...rule, ...fields }] })
  await accepted(200, change({}))
  desk.arrivals.length = 0
  return { ...told, change }
}

describe.skipIf(isForeign)('a desk that checks tickets', () => {
  test('refuses, lets an approver decide, or approves at once; and the trail has its number', async () => {
    const { ada, grace, becomes, recorded, trail } = await checked()
    says('Denied', 'CHG0042 is closed.')
    const refused = await ada.triesToAsk(ticket)
    expect([refused.status, refused.body.error.details]).toEqual([
      400,
      [
        expect.objectContaining({
          code: 'TicketingRule',
          target: 'ticketInfo',
          message: 'The ticket was refused: CHG0042 is closed.',
        }),
      ],
    ])
    expect(asked()).toMatchObject([{ id: null, action: 'selfActivate', principalId: ada.id, ...ticket }])

    says('Approved')
    expect((await ada.triesToAsk({ ...ticket, isValidationOnly: true })).status).toBe(201)
    expect(asked()).toMatchObject([{ isValidationOnly: true }])
    const first = await ada.asks(ticket)
    expect(first.status).toBe('PendingApproval')
    says('Denied', 'Called off.')
    expect((await grace.triesToDecide(first, 'Approve')).status).toBe(400)
    await grace.denies(first)

    says('AutoApproved', 'Planned change.')
    const second = await ada.asks(ticket)
    expect((await becomes(second, 'Provisioned')).status).toBe('Provisioned')
    expect(await recorded(second, 3)).toEqual([
      TRAIL.asked,
      TRAIL.approved.replace('Grace Hopper', 'Interim'),
      TRAIL.given,
    ])
    const events = await trail(second)
    const [opened, approved] = ['requested', 'decided'].map((step) =>
      events.find(({ id }) => id === `${second.id}.${step}`),
    )
    expect(opened?.additionalDetails).toContainEqual({ key: 'ticketCheck', value: 'eval-AutoApproved' })
    expect(approved?.resultReason).toBe('Ticket check: Planned change.')
    await world.advance('PT1H')
    expect(await ada.holds()).toBe(false)
  })

  test('is asked again while it is away: nothing is given before, and it ends when it would have', async () => {
    const { ada, becomes } = await checked()
    says('AutoApproved')
    const startDateTime = await world.inMinutes(30)
    const scheduleInfo = { startDateTime, expiration: { type: 'afterDuration', duration: 'PT1H' } }
    const request = await ada.asks({ ...ticket, scheduleInfo })
    desk.answer = { status: 503 }
    await world.advance('PT33M')
    expect([(await ada.sees(request)).status, await ada.holds()]).toEqual(['Granted', false])
    expect(asked().length).toBeGreaterThan(2)
    says('AutoApproved')
    await world.advance('PT2M')
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    expect(await ada.holds()).toBe(true)
    await world.advance('PT56M')
    expect([(await ada.sees(request)).status, await ada.holds()]).toEqual(['Expired', false])
  })

  test('is sent a token of the app where it is named as itself, and nobody is sent one of Graph', async () => {
    const { ada, change } = await checked()
    const named = (resourceId: string) => change({ ticketCheck: { targetUrl: desk.url, resourceId } })
    for (const other of ['00000003-0000-0000-c000-000000000000', 'https://graph.microsoft.com']) {
      const { status, body } = await named(other)
      expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('resourceId')])
    }
    await accepted(200, named('api://127.0.0.1/11111111-2222-4333-8444-555555555555'))
    says('Approved')
    await ada.asks(ticket)
    expect(desk.arrivals.map(({ headers }) => headers.authorization)).toEqual([
      expect.stringMatching(/^Bearer .{20,}/),
    ])
  })
})
