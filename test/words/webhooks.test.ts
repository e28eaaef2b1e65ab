import { describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../src/domain/audit.ts'
import { webhookBody } from '../../src/words/webhook-body.ts'
import { HOSTILE } from './hostile.ts'

const event = (more: Partial<AuditEvent> = {}): AuditEvent => ({
  id: 'req-11111111000040008000000000000001-0kabcdefg0000000001.decided',
  activityDateTime: '2030-01-01T09:00:00.000Z',
  activityDisplayName: 'Add member to role request approved (PIM activation)',
  category: 'RoleManagement',
  loggedByService: 'PIM',
  result: 'success',
  resultReason: 'Known change.',
  initiatedBy: { id: '2', displayName: 'Grace Hopper' },
  principal: { id: '1', displayName: 'Ada Lovelace' },
  role: { provider: 'directory', roleDefinitionId: '3', scope: '/', displayName: 'Exchange Administrator' },
  correlationId: 'req-11111111000040008000000000000001-0kabcdefg0000000001',
  additionalDetails: [],
  ...more,
})
const read = (format: 'cloudevents' | 'teams' | 'slack', more: Partial<AuditEvent> = {}) => {
  const { contentType, body } = webhookBody(format, event(more), 'https://interim.example/api/audit')
  return { contentType, body, json: JSON.parse(body) }
}
const hostile = (text: string): Partial<AuditEvent> => ({
  resultReason: text,
  initiatedBy: { id: '2', displayName: text },
  principal: { id: '1', displayName: text },
  role: { provider: 'directory', roleDefinitionId: '3', scope: '/', displayName: text },
})

/** Every text of a message, with what holds it. */
function textsIn(value: unknown, holder: any = null): { text: string; holder: any }[] {
  if (typeof value === 'string') return [{ text: value, holder }]
  if (value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap((each) => textsIn(each, Array.isArray(value) ? holder : value))
}

test('a CloudEvent has the attributes that the standard asks for, and the event as it is in the trail', () => {
  const { contentType, json } = read('cloudevents')
  expect(contentType).toBe('application/cloudevents+json; charset=utf-8')
  expect(json).toEqual({
    specversion: '1.0',
    id: event().id,
    source: 'https://interim.example/api/audit',
    type: 'interim.audit.add-member-to-role-request-approved-pim-activation',
    subject: event().correlationId,
    time: '2030-01-01T09:00:00.000Z',
    datacontenttype: 'application/json',
    data: event(),
  })
})

test('a card for Teams says what happened, to whom, by whom and why', () => {
  const { contentType, json } = read('teams')
  expect(contentType).toBe('application/json; charset=utf-8')
  expect(json).toMatchObject({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: { type: 'AdaptiveCard', version: '1.4' },
      },
    ],
  })
  const lines = json.attachments[0].content.body.map(({ type, inlines }: any) => {
    expect(type).toBe('RichTextBlock')
    return inlines.map(({ text }: any) => text).join('')
  })
  expect(lines).toEqual([
    'Add member to role request approved (PIM activation)',
    'Role: Exchange Administrator',
    'Whom: Ada Lovelace',
    'By: Grace Hopper',
    'When: 2030-01-01 09:00:00 UTC',
    'Reason: Known change.',
    `Event: ${event().id}`,
  ])
})

test('a message for Slack says the same, and its notification in one line', () => {
  const { json } = read('slack')
  expect(json.text).toBe(
    'Add member to role request approved (PIM activation): Exchange Administrator, Ada Lovelace, by Grace Hopper',
  )
  expect(json.blocks.map(({ type, text }: any) => `${type} ${text.type}: ${text.text}`)).toEqual([
    'header plain_text: Add member to role request approved (PIM activation)',
    'section plain_text: Role: Exchange Administrator',
    'section plain_text: Whom: Ada Lovelace',
    'section plain_text: By: Grace Hopper',
    'section plain_text: When: 2030-01-01 09:00:00 UTC',
    'section plain_text: Reason: Known change.',
    `section plain_text: Event: ${event().id}`,
  ])
})

test('a failure is seen at once, and what there is not takes no line', () => {
  const failure = { result: 'failure', resultReason: '' } as const
  expect(read('slack', failure).json.blocks[0].text.text).toMatch(/^Failed: /)
  expect(read('teams', failure).json.attachments[0].content.body[0].inlines[0]).toMatchObject({
    color: 'Attention',
  })
  expect(read('slack', failure).body).not.toContain('Reason')
})

/** With markup of both services, which the mails do not know. */
const MARKUP: [string, string][] = [
  ...HOSTILE,
  ['a link in markdown', '[Approve](https://evil.example/)'],
  ['a link in mrkdwn', '<https://evil.example/|Approve>'],
  ['everybody in the channel', '<!channel> <!here> @channel'],
  ['a mention', '<@U012AB3CD> <at>Ada</at>'],
  ['bold and code', '*bold* _it_ ~no~ `code` # heading'],
]

describe.each(MARKUP)('whoever is called %s', (_, text) => {
  test('is text to Teams: in runs, which know no markdown', () => {
    const { body, json } = read('teams', hostile(text))
    expect(body.length).toBeLessThan(28 * 1024)
    for (const { text: shown, holder } of textsIn(json.attachments[0].content.body)) {
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e]/u)
      if (holder.text === shown) expect(holder.type).toBe('TextRun')
    }
    expect(Object.keys(json.attachments[0].content)).not.toContain('actions')
  })

  test('is text to Slack: plain, within its limits, and escaped where it would be markup', () => {
    const { json } = read('slack', hostile(text))
    expect(json.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
    expect(json.text.length).toBeLessThan(3000)
    expect(json.blocks.length).toBeLessThanOrEqual(50)
    for (const { type, text } of json.blocks) {
      expect(text).toMatchObject({ type: 'plain_text', emoji: false })
      expect(text.text.length).toBeGreaterThan(0)
      expect(text.text.length).toBeLessThanOrEqual(type === 'header' ? 150 : 3000)
      expect(text.text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e]/u)
    }
  })

  test('is the same to whoever reads a CloudEvent', () => {
    const { json } = read('cloudevents', hostile(text))
    expect(json.data.principal.displayName).toBe(text)
  })
})
