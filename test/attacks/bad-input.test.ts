import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { daily } from '../support/daily.ts'
import { APPROVERS, activation, groups, type Heard, indecency, people, roles, useGround } from './ground.ts'
import { rubbish } from './rubbish.ts'

const ground = useGround(({ tried }) => `bad input: tried ${tried} malformed requests`)
const ROLE = roles.userAdministrator.id
const OPEN_ROLE = roles.groupsAdministrator.id
const base = '#microsoft.graph.unifiedRoleManagementPolicy'
const hour = { expiration: { type: 'afterDuration', duration: 'PT1H' } }

let document: any
let tokens: Record<string, string>
let waiting: string
let eligibility: string

beforeAll(async () => {
  const { it } = ground
  eligibility = (await it.makeEligible(people.ada.id, ROLE)).id
  await it.makeEligible(people.ada.id, OPEN_ROLE)
  await it.demandApproval(ROLE)
  waiting = (await it.asks('ada', ROLE)).body.id
  await it.host.advance('PT10M') // whatever was begun is finished: nothing is written any more but by the attacks
  const names = ['ada', 'grace', 'katherine', 'dorothy', 'mallory']
  tokens = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await it.token(name)] as const)),
  )
  document = (await it.send({ path: '/api/openapi.json' })).body
})

/** Bodies that would be accepted, by operation; each tells who would send it. Together they visit every field. */
const examples: [who: string, method: string, path: () => string, template: string, body: object][] = [
  [
    'ada',
    'post',
    () => '/api/requests',
    '/api/requests',
    activation(OPEN_ROLE, {
      provider: 'directory',
      scope: '/',
      principalId: people.ada.id,
      ticketInfo: { ticketNumber: '1', ticketSystem: 's' },
      isValidationOnly: false,
      scheduleInfo: { startDateTime: '2032-01-01T09:00:00Z', ...hour },
    }),
  ],
  [
    'ada',
    'post',
    () => '/api/requests',
    '/api/requests',
    activation(OPEN_ROLE, {
      scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime: '2032-01-01T09:00:00Z' } },
    }),
  ],
  [
    'ada',
    'post',
    () => '/api/requests',
    '/api/requests',
    {
      action: 'selfDeactivate',
      roleDefinitionId: ROLE,
      principalId: people.ada.id,
      scope: '/',
      justification: 'done',
    },
  ],
  ...(['post', 'patch'] as const).map((method): (typeof examples)[number] => [
    'grace',
    method,
    () => `/api/approvals/${waiting}`,
    '/api/approvals/{id}',
    { reviewResult: 'Approve', justification: 'Known change.' },
  ]),
  ...[
    { expiration: { type: 'noExpiration' } },
    { startDateTime: '2032-01-01T09:00:00Z', expiration: { type: 'afterDuration', duration: 'P1M' } },
    { expiration: { type: 'afterDateTime', endDateTime: '2032-01-01T09:00:00Z' } },
  ].map((scheduleInfo): (typeof examples)[number] => [
    'katherine',
    'post',
    () => '/api/eligibilities',
    '/api/eligibilities',
    {
      principalId: people.linus.id,
      provider: 'directory',
      roleDefinitionId: roles.reportsReader.id,
      scope: '/',
      justification: 'joined',
      scheduleInfo,
    },
  ]),
  ...[
    {
      '@odata.type': `${base}ExpirationRule`,
      id: 'Expiration_EndUser_Assignment',
      isExpirationRequired: true,
      maximumDuration: 'PT2H',
    },
    {
      '@odata.type': `${base}EnablementRule`,
      id: 'Enablement_EndUser_Assignment',
      enabledRules: ['Justification'],
    },
    {
      '@odata.type': `${base}AuthenticationContextRule`,
      id: 'AuthenticationContext_EndUser_Assignment',
      isEnabled: false,
      claimValue: 'c1',
    },
    {
      '@odata.type': `${base}ApprovalRule`,
      id: 'Approval_EndUser_Assignment',
      setting: {
        isApprovalRequired: false,
        isApprovalRequiredForExtension: false,
        isRequestorJustificationRequired: true,
        approvalMode: 'SingleStage',
        approvalStages: [
          {
            approvalStageTimeOutInDays: 1,
            approvalStageTimeOutInMinutes: 60,
            isApproverJustificationRequired: true,
            isDecisionByLinkAllowed: false,
            escalationTimeInMinutes: 0,
            isEscalationEnabled: false,
            primaryApprovers: [{ ...APPROVERS, description: 'all of them' }],
            escalationApprovers: [],
          },
        ],
      },
    },
    {
      '@odata.type': `${base}NotificationRule`,
      id: 'Notification_Admin_EndUser_Assignment',
      notificationType: 'Email',
      recipientType: 'Admin',
      notificationLevel: 'All',
      isDefaultRecipientsEnabled: true,
      notificationRecipients: ['soc@contoso.example'],
    },
  ].map((rule): (typeof examples)[number] => [
    'katherine',
    'patch',
    () => `/api/roles/${roles.reportsReader.id}/settings`,
    '/api/roles/{roleDefinitionId}/settings',
    { rules: [rule], justification: 'stricter' },
  ]),
]

describe('bodies made from the OpenAPI document', () => {
  test.each(examples.map((each, index) => [`${each[1]} ${each[3]} (${index})`, each] as const))(
    '%s: whatever is wrong is refused by its name, and nothing is stored',
    async (_, [who, method, path, template, body]) => {
      const { it } = ground
      const { schema: shown } = document.paths[template][method].requestBody.content['application/json']
      const schema = document.components.schemas[shown.$ref?.split('/').at(-1)] ?? shown
      const all = [...rubbish(schema, body)]
      expect(all.length).toBeGreaterThan(50)
      await refusesEach(daily(all, 5), async ({ json }) =>
        it.send({
          method: method.toUpperCase(),
          path: path(),
          headers: ['Authorization', `Bearer ${tokens[who]}`, 'Content-Type', 'application/json'],
          body: json,
        }),
      )
    },
  )
})

test('the examples themselves are well-formed, so it is the rubbish that was refused', async () => {
  const { it } = ground
  for (const [who, method, path, template, body] of examples) {
    if (template === '/api/approvals/{id}') continue
    const dry = template === '/api/requests' && 'scheduleInfo' in body ? { isValidationOnly: true } : {}
    const heard = await it.with(tokens[who] as string, method.toUpperCase(), path(), { ...body, ...dry })
    const malformed = heard.body?.error?.code === 'BadRequest'
    expect([template, malformed], heard.text).toEqual([template, false])
  }
})

type Named = { what: string; field: string }

/** Sends all, some at a time; afterwards each was refused decently, by its field, and every row is as it was. */
async function refusesEach<R extends Named>(
  all: readonly R[],
  send: (each: R) => Promise<Heard>,
): Promise<void> {
  const { it } = ground
  const before = await it.stored()
  const wrong: string[] = []
  const queue = [...all]
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let each = queue.shift(); each; each = queue.shift()) {
        const heard = await send(each)
        const fault = indecency(heard) ?? (namesField(heard, each.field) ? null : 'does not name the field')
        if (fault) wrong.push(`${each.field} ${each.what}: ${fault}: ${heard.text.slice(0, 300)}`)
      }
    }),
  )
  expect(wrong).toEqual([])
  expect(await it.stored()).toEqual(before)
}

/** A detail is about the field itself, or what it is in or what is in it; the message names what has no field. */
function namesField({ body }: Heard, field: string): boolean {
  const { details = [] } = body?.error ?? {}
  const plain = field.replaceAll(/\.\d+/g, '')
  return details.some(({ target }: { target: string }) => {
    const named = target.replaceAll(/\.\d+/g, '')
    return (
      named === plain ||
      plain.startsWith(`${named}.`) ||
      named.startsWith(`${plain}.`) ||
      plain === '' ||
      (named === 'body' && !plain.includes('.'))
    )
  })
}

describe('parameters made from the OpenAPI document', () => {
  const HOSTILE = [
    '',
    ' ',
    '0',
    '-1',
    '1.5',
    '201',
    '1e2',
    '0x10',
    'NaN',
    'Infinity',
    'true',
    'null',
    '[object Object]',
    '99999999999999999999',
    "' or 1 eq 1",
    "x' or PartitionKey ne '",
    '../../../etc/passwd',
    '..\\..\\host.json',
    '<svg onload=alert(1)>',
    'a\r\nSet-Cookie: a=b',
    '\u0000',
    '\u202e',
    '%',
    '%00',
    '%2e%2e%2f',
    '😀',
    '2030-02-30T00:00:00Z',
    '2030-01-01',
    'x'.repeat(2001),
  ]

  type Operation = { method: string; path: string; name: string; where: string; value: string }

  function operations(where: 'query' | 'path'): Operation[] {
    const found: Operation[] = []
    for (const [path, methods] of Object.entries<any>(document.paths))
      for (const [method, operation] of Object.entries<any>(methods))
        for (const parameter of operation.parameters ?? [])
          if (parameter.in === where && operation.security.length > 0)
            for (const value of HOSTILE)
              found.push({ method: method.toUpperCase(), path, name: parameter.name, where, value })
    return found
  }

  /** What a list must be asked by, so that it is the parameter tried that is wrong. */
  const needed = (path: string, tried: string) => {
    if (path === '/api/assignments' && tried !== 'roleDefinitionId' && tried !== 'principalId')
      return `roleDefinitionId=${ROLE}&`
    if (path === '/api/me/eligible-children' && tried !== 'scope')
      return 'scope=/subscriptions/66666666-0000-4000-8000-000000000001&'
    return ''
  }

  const A_WEBHOOK = `hook-${'0'.repeat(32)}-0000000000000000000`

  test('in the query', async () => {
    const all = operations('query').filter(({ value, name }) => name !== 'scope' || value !== '/')
    expect(all.length).toBeGreaterThan(300)
    await refusesEach(
      daily(all, 7).map((each) => ({ ...each, what: `${each.path} ${each.value}`, field: each.name })),
      ({ method, path, name, value }) =>
        ground.it.send({
          method,
          path: `${path.replace('{roleDefinitionId}', ROLE).replace('{id}', A_WEBHOOK)}?${needed(path, name)}${name}=${encodeURIComponent(value)}`,
          headers: [
            'Authorization',
            `Bearer ${path.includes('webhooks') ? tokens.katherine : tokens.dorothy}`,
          ],
        }),
    )
  })

  test('unknown ones, doubled ones and OData where none is understood', async () => {
    const surprises = [
      'surprise=1',
      '$filter=1%20eq%201',
      '%24top=5',
      'TOP=5',
      'top=5&top=6',
      'constructor=1',
      'top[]=5',
      'top=5&=',
    ]
    const lists = ['/api/requests', '/api/approvals', '/api/eligibilities', '/api/audit']
    const all = lists.flatMap((path) => surprises.map((query) => ({ what: `${path}?${query}`, field: '' })))
    await refusesEach(all, ({ what }) =>
      ground.it.send({ path: what, headers: ['Authorization', `Bearer ${tokens.dorothy}`] }),
    )
  })

  test('in the path, also encoded so that it would be another path', async () => {
    const encodings = [encodeURIComponent, (text: string) => encodeURIComponent(encodeURIComponent(text))]
    const all = operations('path')
      .filter(({ value }) => value !== '')
      .flatMap((each) => encodings.map((encode) => ({ ...each, encode })))
    expect(all.length).toBeGreaterThan(900)
    const before = await ground.it.stored()
    const wrong: string[] = []
    for (const { method, path, name, value, encode } of daily(all, 17)) {
      const heard = await ground.it.send({
        method,
        path: path.replace(`{${name}}`, encode(value)),
        headers: ['Authorization', `Bearer ${tokens.katherine}`, 'Content-Type', 'application/json'],
        body: method === 'GET' || method === 'DELETE' ? undefined : '{}',
      })
      const fault = indecency(heard)
      if (fault) wrong.push(`${method} ${path} ${value}: ${fault} ${heard.text.slice(0, 200)}`)
    }
    expect(wrong).toEqual([])
    expect(await ground.it.stored()).toEqual(before)
  })

  test('ids of another kind, of nobody, and nearly right', async () => {
    const others = [
      eligibility,
      waiting.replace('req-', 'set-'),
      waiting.toUpperCase(),
      `${waiting}/`.slice(0, -2),
      `${waiting}0`,
      waiting.replace(/-[0-9a-f]{32}-/, '-00000000000000000000000000000000-'),
      people.ada.id,
      `${waiting}.requested`,
      `${waiting}%00`,
      `${waiting}%0a`,
      `${waiting}%20`,
      `..%2frequests%2f${waiting}`,
      `${waiting}?id=${waiting}`.replace('?', '%3f'),
    ]
    for (const id of others)
      for (const [method, path] of [
        ['GET', `/api/requests/${id}`],
        ['POST', `/api/requests/${id}/cancel`],
        ['POST', `/api/approvals/${id}`],
        ['DELETE', `/api/eligibilities/${id.replace('elig-', 'req-')}`],
      ] as const) {
        const heard = await ground.it.send({
          method,
          path,
          headers: ['Authorization', `Bearer ${tokens.katherine}`, 'Content-Type', 'application/json'],
          body: path.includes('approvals') ? '{"reviewResult":"Approve","justification":"x"}' : undefined,
        })
        expect([method, path, indecency(heard)]).toEqual([method, path, null])
      }
    expect(await ground.it.statusOf(waiting)).toBe('PendingApproval')
  })

  test('page tokens that were not handed out for this very list', async () => {
    const { it } = ground
    const list = (path: string, token?: string) =>
      it.with(
        tokens.dorothy as string,
        'GET',
        `${path}${path.includes('?') ? '&' : '?'}top=1${token === undefined ? '' : `&pageToken=${encodeURIComponent(token)}`}`,
      )
    const next = (heard: Heard) => new URL(heard.body.nextLink).searchParams.get('pageToken') as string
    const ofAudit = next(await list('/api/audit'))
    const ofRole = next(await list(`/api/audit?roleDefinitionId=${ROLE}`))
    const ofEligibilities = next(await list('/api/eligibilities'))
    expect((await list('/api/audit', ofAudit)).status).toBe(200)
    const [body = '', signature = ''] = ofAudit.split('.')
    const forged = Buffer.from(JSON.stringify(['audit', '{"x":1}'])).toString('base64url')
    const link = (await it.link('grace')).split('/').at(-1) as string
    const bad = [
      ofRole,
      ofEligibilities,
      link,
      `${body}.`,
      `.${signature}`,
      body,
      `${forged}.${signature}`,
      `${body}.${signature.split('').reverse().join('')}`,
      `${body}.${signature}.${signature}`,
      `${body}.${signature}A`,
      `${body}.${signature}!`,
      `${body}=.${signature}`,
      `${body}.${signature}=`,
      `${body} .${signature}`,
      '.',
      'null',
      '[]',
      'eyJhbGciOiJub25lIn0.e30.',
    ]
    await refusesEach(
      bad.map((what) => ({ what, field: 'pageToken' })),
      ({ what }) => list('/api/audit', what),
    )
  })
})

describe('what is wrapped around it', () => {
  const good = () => JSON.stringify(activation(OPEN_ROLE))
  const auth = () => ['Authorization', `Bearer ${tokens.ada}`]
  const posts = (headers: string[], body: string | Buffer, chunked = false) =>
    ground.it.send({ method: 'POST', path: '/api/requests', headers: [...auth(), ...headers], body, chunked })
  const JSON_TYPE = ['Content-Type', 'application/json']

  test('other content types, or none, are 415', async () => {
    const before = await ground.it.stored()
    for (const type of [
      'text/plain',
      'text/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
      'application/jsonp',
      'application/json-patch+json',
      'application/json, text/plain',
      'application',
      '*/*',
      "application/json'",
      '',
    ])
      expect([type, (await posts(['Content-Type', type], good())).status]).toEqual([type, 415])
    expect((await posts([], good())).status).toBe(415)
    expect(await ground.it.stored()).toEqual(before)
  })

  test('bodies that are no JSON in UTF-8 are 400, and say so', async () => {
    const text = good()
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
    const bodies: [string, string | Buffer][] = [
      ['empty', ''],
      ['space', ' '],
      ['cut off', text.slice(0, -1)],
      ['twice', text + text],
      ['single quotes', text.replaceAll('"', "'")],
      ['a comment', `/* */${text}`],
      ['a trailing comma', `${text.slice(0, -1)},}`],
      ['NaN', '{"action":NaN}'],
      ['a prefix', `)]}',\n${text}`],
      ['a raw control character', text.replace('INC', 'I\u0001C')],
      ['a raw line break', text.replace('INC', 'I\nC')],
      [
        'a lone byte',
        Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xff]), Buffer.from('"}')]),
      ],
      ['an overlong slash', Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])],
      ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
      ['UTF-16', utf16],
      ['Latin-1', Buffer.from(text.replace('mail', 'm\u00e4il'), 'latin1')],
      ['gzip', gzipSync(text)],
      ['a deep nest', '['.repeat(30_000)],
      ['a form', 'action=selfActivate&roleDefinitionId=x'],
      ['XML', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'],
    ]
    const before = await ground.it.stored()
    for (const [what, body] of bodies) {
      const heard = await posts(JSON_TYPE, body)
      expect([what, heard.status, indecency(heard)]).toEqual([what, 400, null])
      expect([what, heard.body.error.code]).toEqual([what, 'InvalidRequestBody'])
    }
    const deep = await posts(JSON_TYPE, `${'['.repeat(30_000)}${']'.repeat(30_000)}`)
    expect([deep.status, deep.body.error.code]).toEqual([400, 'BadRequest'])
    expect(await ground.it.stored()).toEqual(before)
  })

  test('a compressed body is not taken for a plain one, nor the other way round', async () => {
    const before = await ground.it.stored()
    for (const coding of ['gzip', 'deflate', 'br', 'gzip, identity', 'aws-chunked'])
      for (const body of [gzipSync(good()), good()]) {
        const heard = await posts([...JSON_TYPE, 'Content-Encoding', coding], body)
        expect([coding, heard.status, indecency(heard)]).toEqual([coding, 415, null])
      }
    expect(await ground.it.stored()).toEqual(before)
  })

  test('64 KiB and one byte are too much; without a length nothing is read', async () => {
    const before = await ground.it.stored()
    const padded = (bytes: number) => good().padEnd(bytes, ' ')
    const tooLarge = await posts(JSON_TYPE, padded(64 * 1024 + 1))
    expect([tooLarge.status, tooLarge.body.error.code]).toEqual([413, 'RequestTooLarge'])
    expect((await posts(JSON_TYPE, padded(2_000_000))).status).toBe(413)
    const chunked = await posts(JSON_TYPE, good(), true)
    expect([chunked.status, chunked.body.error.message]).toEqual([
      400,
      expect.stringContaining('Content-Length'),
    ])
    expect(await ground.it.stored()).toEqual(before)
    const just = await posts(
      JSON_TYPE,
      JSON.stringify(activation(OPEN_ROLE, { isValidationOnly: true })).padEnd(64 * 1024, ' '),
    )
    expect(just.status, just.text).toBe(201)
  })

  test('what may be left out is left out, or read: a scan of one scope is none of everything', async () => {
    const scan = (headers: string[], body = '', chunked = false) =>
      ground.it.send({
        method: 'POST',
        path: '/api/drift/scan',
        headers: ['Authorization', `Bearer ${tokens.katherine}`, ...headers],
        body,
        chunked,
      })
    const one = JSON.stringify({ scope: '/' })
    expect((await scan(JSON_TYPE, one, true)).status).toBe(400)
    expect((await scan([], one, true)).status).toBe(400)
    expect((await scan([], one)).status).toBe(415)
    expect((await scan(JSON_TYPE)).status).toBe(400)
    expect((await scan([])).status).toBe(200)
  })

  test('of doubled keys the last one counts, for the checks as for the deed', async () => {
    const before = await ground.it.stored()
    const doubled = (first: string, second: string) =>
      good().replace('{', `{${first},`).replace(/}$/, `,${second}}`)
    const foreign = doubled(`"principalId":"${people.ada.id}"`, `"principalId":"${people.linus.id}"`)
    expect((await posts(JSON_TYPE, foreign)).status).toBe(403)
    const odd = doubled('"isValidationOnly":false', '"isValidationOnly":"yes"')
    expect((await posts(JSON_TYPE, odd)).body.error.details[0].target).toBe('isValidationOnly')
    const dry = doubled('"isValidationOnly":false', '"isValidationOnly":true')
    expect((await posts(JSON_TYPE, dry)).body.id).toBe('')
    expect(await ground.it.stored()).toEqual(before)
  })

  test('headers that nobody should send change nothing and are not echoed', async () => {
    const odd: string[][] = [
      ['client-request-id', '<script>'],
      ['client-request-id', 'x'.repeat(65)],
      ['client-request-id', 'a', 'client-request-id', 'b'],
      ['X-HTTP-Method-Override', 'DELETE'],
      ['X-Original-URL', '/api/health'],
      ['X-Forwarded-Host', 'evil.example'],
      ['Forwarded', 'host=evil.example'],
      ['Accept', 'text/html'],
      ['Prefer', 'respond-async'],
      ['If-Match', '*'],
      ['Range', 'bytes=0-1'],
    ]
    for (const headers of odd) {
      const heard = await ground.it.send({
        path: `/api/audit?top=1&principalId=${people.ada.id}`,
        headers: [...auth(), ...headers],
      })
      expect([headers, heard.status]).toEqual([headers, 200])
      expect(heard.headers['client-request-id']).toMatch(/^[0-9a-f-]{36}$/)
      expect(`${JSON.stringify(heard.headers)}${heard.text}`).not.toMatch(/evil\.example|<script>/)
    }
  })

  test('methods that a route does not have do nothing', async () => {
    const before = await ground.it.stored()
    for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND', 'MERGE'])
      for (const path of ['/api/requests', `/api/requests/${waiting}`, '/api/audit', '/api/health']) {
        const heard = await ground.it.send({ method, path, headers: auth() })
        expect([method, path, heard.status]).toEqual([method, path, 404])
      }
    expect(await ground.it.stored()).toEqual(before)
  })

  test('header blocks without end are cut off', async () => {
    const long = ground.it.send({ path: '/api/health', headers: ['X-Long', 'x'.repeat(100_000)] })
    expect(
      await long.then(
        ({ status }) => status,
        () => 431,
      ),
    ).toBe(431) // or the connection is
  })
})

describe('well-formed, and still not acceptable', () => {
  const refuses = async (who: string, method: string, path: string, body: unknown, status = 400) => {
    const before = await ground.it.stored()
    const heard = await ground.it.as(who, method, path, body)
    expect([heard.status, indecency(heard)], heard.text).toEqual([status, null])
    expect(await ground.it.stored()).toEqual(before)
    return heard.body.error
  }
  const settingsPath = `/api/roles/${ROLE}/settings`
  const notification = (id: string, recipients: string[], recipientType = 'Admin') => ({
    '@odata.type': `${base}NotificationRule`,
    id,
    recipientType,
    notificationLevel: 'All',
    isDefaultRecipientsEnabled: true,
    notificationRecipients: recipients,
  })

  test('settings larger than a row can hold are the caller’s to mend, not an error of ours', async () => {
    const address = (n: number) => `${'x'.repeat(60)}${n}@${'y'.repeat(40)}.example`
    const recipients = Array.from({ length: 50 }, (_, n) => address(n))
    const rules = ['Admin', 'Requestor', 'Approver'].flatMap((whom) =>
      ['Admin_Eligibility', 'Admin_Assignment', 'EndUser_Assignment'].map((when) =>
        notification(`Notification_${whom}_${when}`, recipients, whom),
      ),
    )
    expect(JSON.stringify({ rules }).length).toBeLessThan(64 * 1024)
    const error = await refuses('katherine', 'PATCH', settingsPath, { rules })
    expect(error.details[0].target).toMatch(/^rules/)
  })

  test('the same rule twice in one change', async () => {
    const rule = (maximumDuration: string) => ({
      '@odata.type': `${base}ExpirationRule`,
      id: 'Expiration_EndUser_Assignment',
      isExpirationRequired: true,
      maximumDuration,
    })
    await refuses('katherine', 'PATCH', settingsPath, { rules: [rule('PT1H'), rule('PT24H')] })
  })

  test('settings that nobody could satisfy, or that would let everybody', async () => {
    const approvers = (primaryApprovers: object[]) => ({
      rules: [
        {
          '@odata.type': `${base}ApprovalRule`,
          id: 'Approval_EndUser_Assignment',
          setting: { isApprovalRequired: true, approvalStages: [{ primaryApprovers }] },
        },
      ],
    })
    await refuses('katherine', 'PATCH', settingsPath, approvers([]))
    const nobody = { '@odata.type': '#microsoft.graph.singleUser', userId: groups.sre.id }
    await refuses('katherine', 'PATCH', settingsPath, approvers([nobody]))
    for (const maximumDuration of ['PT29M', 'PT24H1S', 'P1M', 'PT0.001S'])
      await refuses('katherine', 'PATCH', settingsPath, {
        rules: [
          {
            '@odata.type': `${base}ExpirationRule`,
            id: 'Expiration_EndUser_Assignment',
            isExpirationRequired: true,
            maximumDuration,
          },
        ],
      })
  })

  test('roles, people and scopes that are not there', async () => {
    const nowhere = '99999999-9999-4999-8999-999999999999'
    const eligible = (more: object) => ({
      principalId: people.linus.id,
      roleDefinitionId: roles.reportsReader.id,
      ...more,
    })
    await refuses('katherine', 'POST', '/api/eligibilities', eligible({ principalId: nowhere }))
    await refuses('katherine', 'POST', '/api/eligibilities', eligible({ roleDefinitionId: nowhere }))
    await refuses('ada', 'POST', '/api/requests', activation(nowhere))
    await refuses('katherine', 'GET', `/api/roles/${nowhere}/settings`, undefined, 404)
    await refuses(
      'katherine',
      'PATCH',
      `/api/roles/${nowhere}/settings`,
      { rules: [notification('Notification_Admin_Admin_Eligibility', [])] },
      404,
    )
  })

  test('windows that end before they begin, lie behind, or are no window', async () => {
    const eligible = (scheduleInfo: object) => ({
      principalId: people.linus.id,
      roleDefinitionId: roles.reportsReader.id,
      scheduleInfo,
    })
    const until = (endDateTime: string) => ({ type: 'afterDateTime', endDateTime })
    for (const schedule of [
      { startDateTime: '2031-01-01T00:00:00Z', expiration: until('2030-12-31T23:59:59Z') },
      { startDateTime: '2031-01-01T00:00:00Z', expiration: until('2031-01-01T00:04:59Z') },
      { expiration: until('2001-01-01T00:00:00Z') },
      { startDateTime: '2001-01-01T00:00:00Z', expiration: { type: 'afterDuration', duration: 'P1D' } },
      { expiration: { type: 'afterDuration', duration: 'PT4M59S' } },
    ])
      await refuses('katherine', 'POST', '/api/eligibilities', eligible(schedule))
    for (const scheduleInfo of [
      { expiration: until('2001-01-01T00:00:00Z') },
      { startDateTime: '2099-01-01T00:00:00Z', expiration: { type: 'afterDuration', duration: 'PT1H' } },
      { expiration: { type: 'afterDuration', duration: 'P20Y' } },
      { startDateTime: '2199-12-31T23:59:59Z', expiration: { type: 'afterDuration', duration: 'P19Y' } },
      { startDateTime: '2000-01-01T00:00:00Z', expiration: until('2199-12-31T00:00:00Z') },
    ])
      await refuses('ada', 'POST', '/api/requests', activation(OPEN_ROLE, { scheduleInfo }))
  })

  test('a request for somebody else', async () => {
    await refuses(
      'mallory',
      'POST',
      '/api/requests',
      activation(OPEN_ROLE, { principalId: people.ada.id }),
      403,
    )
    await refuses(
      'mallory',
      'POST',
      '/api/requests',
      { action: 'selfDeactivate', roleDefinitionId: ROLE, principalId: people.ada.id },
      403,
    )
  })
})

test('through all of it nothing was unexpected, and nobody got or lost anything', async () => {
  const { it } = ground
  expect(it.host.output()).not.toMatch(/Unexpected\./)
  expect(await it.statusOf(waiting)).toBe('PendingApproval')
  expect(await it.tenant.holds('ada', ROLE)).toBe(false)
  expect(await it.tenant.holds('ada', OPEN_ROLE)).toBe(false)
})
