import { expect, test } from 'vitest'
import type { Answer } from '../../local/demo/caller.ts'
import { accepted } from '../support/actor.ts'
import { story } from '../support/story.ts'
import { useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()

const rulesNamed = ({ body }: Answer): string[] =>
  body.error.details.map(({ code }: { code: string }) => code)

test('every rule that is not met is named at once', async () => {
  const { ada } = await story(world, 'userAdministrator', {
    enabled: ['MultiFactorAuthentication', 'Justification', 'Ticketing'],
    maximum: 'PT2H',
  })
  const bare = await ada.triesToAsk({
    justification: ' ',
    scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT3H' } },
  })
  expect(bare.status).toBe(400)
  expect(bare.body.error.code).toBe('RoleAssignmentRequestPolicyValidationFailed')
  expect(rulesNamed(bare)).toEqual(['ExpirationRule', 'JustificationRule', 'TicketingRule', 'MfaRule'])
  expect(bare.body.error.message).toBe(
    'The following policy rules failed: ["ExpirationRule","JustificationRule","TicketingRule","MfaRule"]',
  )
  expect(await ada.holds()).toBe(false)
})

test('a missing second factor is a challenge to clients that understand it, and a refusal to others', async () => {
  const { ada, becomes } = await story(world, 'userAdministrator', {
    enabled: ['MultiFactorAuthentication', 'Ticketing'],
  })
  const ticketInfo = { ticketNumber: 'INC-42', ticketSystem: 'ServiceNow' }
  const plain = await ada.triesToAsk({ ticketInfo })
  expect([plain.status, rulesNamed(plain)]).toEqual([400, ['MfaRule']])

  const challenged = await ada.triesToAsk({ ticketInfo }, { cp1: 1 })
  expect(challenged.status).toBe(401)
  const header = challenged.headers.get('www-authenticate') ?? ''
  expect(header).toContain('error="insufficient_claims"')
  const claims = /claims="([^"]+)"/.exec(header)?.[1] ?? ''
  expect(JSON.parse(Buffer.from(claims, 'base64').toString())).toEqual({
    access_token: { acrs: { essential: true, value: 'c1' } },
  })

  const request = await ada.asks({ ticketInfo }, { cp1: 1, mfa: 1 })
  expect(request.ticketInfo).toEqual(ticketInfo)
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
})

test('a role that demands an authentication context takes that one and no other', async () => {
  const { ada, becomes } = await story(world, 'helpdeskAdministrator', { context: 'c2' })
  const without = await ada.triesToAsk()
  expect([without.status, without.body.error.code]).toEqual([
    400,
    'RoleAssignmentRequestAcrsValidationFailed',
  ])
  expect((await ada.triesToAsk({}, { acrs: 'c1' })).status).toBe(400)
  expect((await ada.triesToAsk({}, { cp1: 1 })).status).toBe(401)
  const request = await ada.asks({}, { acrs: 'c2' })
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
})

test('who is not eligible is refused, whatever they send', async () => {
  const { ada } = await story(world, 'exchangeAdministrator', { eligible: false })
  const answer = await ada.triesToAsk()
  expect([answer.status, rulesNamed(answer)]).toEqual([400, ['EligibilityRule']])
  expect(await ada.holds()).toBe(false)
})

test('nobody asks in the name of another, cancels for them or makes themselves eligible', async () => {
  const { ada, linus, role } = await story(world, 'exchangeAdministrator', { approval: true })
  expect((await linus.triesToAsk({ principalId: ada.id })).status).toBe(403)
  const request = await ada.asks()
  expect((await linus.triesToCancel(request)).status).toBe(403)
  const body = { principalId: linus.id, roleDefinitionId: role.id }
  expect((await linus.calls('POST', '/api/eligibilities', body)).status).toBe(403)
})

test.each([2, 20])('of %i requests at once exactly one is opened', async (count) => {
  const { ada, becomes } = await story(world, 'intuneAdministrator')
  const answers = await Promise.all(Array.from({ length: count }, () => ada.triesToAsk()))
  const opened = answers.filter(({ status }) => status === 201)
  const refused = answers.filter(({ status }) => status !== 201)
  expect(opened).toHaveLength(1)
  expect(refused.map(({ status }) => status)).toEqual(Array(count - 1).fill(400))
  for (const { body } of refused) expect(body.error.code).toMatch(/^RoleAssignment(Request)?Exists$/)
  const [first] = opened as [Answer]
  expect((await becomes(first.body, 'Provisioned')).status).toBe('Provisioned')
  expect((await ada.triesToAsk()).body.error.code).toBe('RoleAssignmentExists')
})

test.each([2, 20])(
  'of %i requests at once that wait for an approval exactly one is opened',
  async (count) => {
    const { ada, mailed } = await story(world, 'reportsReader', { approval: true })
    const answers = await Promise.all(Array.from({ length: count }, () => ada.triesToAsk()))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const { status, body } of answers)
      if (status !== 201) expect([status, body.error.code]).toEqual([400, 'RoleAssignmentRequestExists'])
    expect(await mailed(2)).toHaveLength(2)
  },
)

test('a dry run tells what would be, and leaves nothing behind', async () => {
  const { ada, mailed } = await story(world, 'reportsReader', { approval: true })
  const answer = await accepted(201, ada.triesToAsk({ isValidationOnly: true }))
  expect(answer).toMatchObject({ id: '', status: 'PendingApproval', approvalId: null })
  const refused = await ada.triesToAsk({ isValidationOnly: true, justification: null })
  expect([refused.status, rulesNamed(refused)]).toEqual([400, ['JustificationRule']])

  expect(await accepted(200, ada.calls('GET', '/api/requests'))).toEqual({ value: [] })
  expect(await accepted(200, ada.calls('GET', '/api/me/roles'))).toMatchObject({ active: [], pending: [] })
  const own = await accepted<{ value: { correlationId: string }[] }>(
    200,
    ada.calls('GET', `/api/audit?principalId=${ada.id}`),
  )
  expect(own.value.filter(({ correlationId }) => correlationId.startsWith('req-'))).toEqual([])
  expect(await mailed(0)).toEqual([])
})
