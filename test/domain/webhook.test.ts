import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../src/domain/audit.ts'
import { shownUrl, WebhookBody, type WebhookFilter, WebhookPatch, wants } from '../../src/domain/webhook.ts'
import { ada, exchange, exchangeRole, grace, linus } from '../fakes/people.ts'

const event: AuditEvent = {
  id: 'req-11111111000040008000000000000001-0kabcdefg0000000001.provisioned',
  activityDateTime: '2030-01-01T09:00:00.000Z',
  activityDisplayName: 'Add member to role completed (PIM activation)',
  category: 'RoleManagement',
  loggedByService: 'PIM',
  result: 'success',
  resultReason: 'INC-42',
  initiatedBy: { id: grace.id, displayName: grace.displayName },
  principal: { id: ada.id, displayName: ada.displayName },
  role: { ...exchangeRole, displayName: exchange.displayName },
  correlationId: 'req-11111111000040008000000000000001-0kabcdefg0000000001',
  additionalDetails: [],
}
const SUB = '/subscriptions/55555555-0000-4000-8000-000000000001'
const inAzure: AuditEvent = {
  ...event,
  result: 'failure',
  role: {
    provider: 'azure',
    roleDefinitionId: exchange.id,
    scope: `${SUB}/resourcegroups/web`,
    displayName: 'Owner',
  },
}

const FILTERS: [what: string, filter: WebhookFilter, directory: boolean, azure: boolean][] = [
  ['nothing asked', {}, true, true],
  ['the activity', { activities: ['Add member to role completed (PIM activation)'] }, true, true],
  [
    'the activity in other letters',
    { activities: ['ADD member to role COMPLETED (pim activation)'] },
    true,
    true,
  ],
  ['how it begins', { activities: ['Add member to role*'] }, true, true],
  ['how another begins', { activities: ['Remove member*'] }, false, false],
  ['a part of its name only', { activities: ['Add member to role'] }, false, false],
  ['one of several', { activities: ['Add webhook', 'Add member*'] }, true, true],
  ['everything', { activities: ['*'] }, true, true],
  ['one provider', { providers: ['azure'] }, false, true],
  ['two providers', { providers: ['azure', 'directory'] }, true, true],
  ['the role anywhere', { roles: [{ roleDefinitionId: exchange.id }] }, true, true],
  ['another role', { roles: [{ roleDefinitionId: ada.id }] }, false, false],
  ['the role in the directory', { roles: [{ roleDefinitionId: exchange.id, scope: '/' }] }, true, true],
  ['the role in a subscription', { roles: [{ roleDefinitionId: exchange.id, scope: SUB }] }, false, true],
  [
    'a resource group whose name begins alike',
    { roles: [{ roleDefinitionId: exchange.id, scope: `${SUB}/resourcegroups/we` }] },
    false,
    false,
  ],
  ['whom it concerns', { principals: [ada.id] }, true, true],
  ['who did it', { principals: [grace.id] }, true, true],
  ['somebody else', { principals: [linus.id] }, false, false],
  ['failures', { result: 'failure' }, false, true],
  ['all of these at once', { providers: ['azure'], result: 'failure', principals: [ada.id] }, false, true],
  ['all but one of these', { providers: ['azure'], result: 'success', principals: [ada.id] }, false, false],
]

describe('a webhook that asks for', () => {
  test.each(FILTERS)('%s', (_, filter, directory, azure) => {
    expect(WebhookBody.safeParse({ name: 'x', url: 'https://siem.example/', filter }).error).toBeUndefined()
    expect(wants({ state: 'enabled', filter }, event)).toBe(directory)
    expect(wants({ state: 'enabled', filter }, inAzure)).toBe(azure)
    expect(wants({ state: 'disabled', filter }, event)).toBe(false)
  })
})

const accepts = (body: object) =>
  WebhookBody.safeParse({ name: 'x', url: 'https://siem.example/in', ...body })

describe('what an administrator sends', () => {
  test('needs a name and an address; the rest has its defaults', () => {
    expect(accepts({}).data).toEqual({
      name: 'x',
      url: 'https://siem.example/in',
      format: 'cloudevents',
      filter: {},
      state: 'enabled',
    })
    expect(WebhookPatch.safeParse({ state: 'disabled' }).data).toEqual({ state: 'disabled' })
  })

  test.each([
    'https://siem.example',
    'https://siem.example:8443/in?key=1',
    'https://hooks.slack.com/services/T0/B0/x-Y_z',
    'https://prod-00.westeurope.logic.azure.com:443/workflows/a/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sig=a-b_c',
    'https://[2606:4700::1111]/in',
    'http://127.0.0.1:9000/in',
    'http://localhost/in',
    'http://[::1]:9000/in',
  ])('may name %s', (url) => expect(accepts({ url }).error).toBeUndefined())

  test.each([
    'http://siem.example/in',
    'http://10.0.0.1/in',
    'http://localhost.evil.example/in',
    'https://user:password@siem.example/in',
    'https://siem.example@evil.example/in',
    'https://siem.example/in#part',
    'https:\\\\siem.example\\in',
    'https://siem.example/a b',
    'https://siem.example/a\nHost: x',
    'ftp://siem.example/in',
    'javascript:alert(1)',
    'file:///etc/passwd',
    '//siem.example/in',
    'siem.example',
    '',
    `https://siem.example/${'x'.repeat(2000)}`,
  ])('may not name %s, and is told why', (url) => {
    const [issue] = accepts({ url }).error?.issues ?? []
    expect(issue?.path).toEqual(['url'])
    expect(issue?.message).toMatch(/^(must|Too big)/)
  })

  test.each([
    ['an unknown field', { secret: 'mine' }],
    ['an unknown format', { format: 'smtp' }],
    ['no name', { name: '' }],
    ['an empty list', { filter: { activities: [] } }],
    ['a star in the middle', { filter: { activities: ['Add * role'] } }],
    ['an unknown kind of filter', { filter: { severity: 'high' } }],
    ['a scope that is none', { filter: { roles: [{ roleDefinitionId: exchange.id, scope: 'x' }] } }],
  ])('is refused with %s', (_, body) => expect(accepts(body).success).toBe(false))

  test('cannot be a change of nothing', () => expect(WebhookPatch.safeParse({}).success).toBe(false))
})

test.each([
  ['cloudevents', 'https://siem.example:8443/in?key=secret', 'https://siem.example:8443/in?…'],
  ['cloudevents', 'https://siem.example', 'https://siem.example'],
  ['slack', 'https://hooks.slack.com/services/T0/B0/secret', 'https://hooks.slack.com/…'],
  ['teams', 'https://x.logic.azure.com:443/workflows/a?sig=secret', 'https://x.logic.azure.com:443/…'],
] as const)('of the address of a %s webhook no secret is shown', (format, url, expected) => {
  expect(shownUrl(url, format)).toBe(expected)
})

test('whatever is accepted as an address means the same to whoever sends to it', () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.constantFrom('localhost', '127.0.0.1', 'a..b', 'a_b'))
  const any = fc.tuple(
    fc.constantFrom('https://', 'http://', 'https:/', 'HTTPS://'),
    host,
    fc.string({ maxLength: 12 }),
  )
  fc.assert(
    fc.property(any, ([scheme, name, rest]) => {
      const url = `${scheme}${name}${rest}`
      if (!accepts({ url }).success) return
      const parsed = new URL(url)
      expect([parsed.username, parsed.password, parsed.hash]).toEqual(['', '', ''])
      expect(shownUrl(url, 'slack').toLowerCase()).toContain(parsed.protocol)
      if (parsed.protocol === 'http:') expect(['localhost', '127.0.0.1']).toContain(parsed.hostname)
    }),
    { numRuns: 500 },
  )
})
