import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_ID, TENANT_ID } from '../../local/tenant/seed.ts'
import { activation, groups, type Heard, indecency, people, roles, useGround } from './ground.ts'
import { formTokenIn, Visitor } from './visitor.ts'

const ground = useGround(({ tried }) => `authority: tried ${tried} calls by those who may not`)
const ROLE = roles.userAdministrator.id
const FREE = roles.groupsAdministrator.id

let waiting: string

beforeAll(async () => {
  const { it } = ground
  await it.makeEligible(people.ada.id, ROLE)
  await it.makeEligible(people.ada.id, FREE)
  await it.demandApproval(ROLE)
  waiting = (await it.asks('ada', ROLE)).body.id
  await it.host.advance('PT10M')
})

const bearer = (token: string, headers: string[] = []) =>
  ground.it.send({ path: '/api/requests', headers: ['Authorization', `Bearer ${token}`, ...headers] })
const refused = (what: unknown, heard: Heard, status = 401) =>
  expect([what, heard.status, indecency(heard)], heard.text).toEqual([what, status, null])

describe('tokens', () => {
  test('badly signed, of others, too old or too young: 401 with a challenge and no reason to guess from', async () => {
    const { it } = ground
    const options: Record<string, string | number>[] = [
      { alg: 'none' },
      { alg: 'HS256' },
      { alg: 'HS512' },
      { alg: 'RS384' },
      { alg: 'RS512' },
      { alg: 'PS256' },
      { key: 'other' },
      { key: 'impostor' },
      { aud: 'https://graph.microsoft.com' },
      { aud: '00000003-0000-0000-c000-000000000000' },
      { aud: `api://${CLIENT_ID}/` },
      { aud: CLIENT_ID.toUpperCase() },
      { aud: `spn:${CLIENT_ID}` },
      { aud: '' },
      { aud: '*' },
      { tid: '99999999-9999-4999-8999-999999999999' },
      { tid: 'common' },
      { iss: 'https://login.microsoftonline.com/common/v2.0' },
      { iss: `https://sts.windows.net/${TENANT_ID}` },
      { iss: `https://evil.example/${TENANT_ID}/v2.0` },
      { iss: `${it.tenant.url}/99999999-9999-4999-8999-999999999999/v2.0` },
      { iss: `${it.tenant.url}/${TENANT_ID}/v2.0/` },
      { exp: '-61s' },
      { exp: '-1h' },
      { exp: '-100d' },
    ]
    for (const option of options) {
      const heard = await bearer(await it.token('ada', option))
      refused(option, heard)
      expect(heard.headers['www-authenticate']).toMatch(
        /^Bearer realm="", authorization_uri="[^"]+", client_id="[^"]+", error="invalid_token"$/,
      )
    }
  })

  test('with claims that are missing, doubled or of another type', async () => {
    const { it } = ground
    for (const omit of ['oid', 'tid', 'exp', 'nbf', 'iat', 'iss', 'aud'])
      refused(omit, await bearer(await it.token('ada', { omit })))
    const now = Math.floor((await it.now()).getTime() / 1000)
    const sets: object[] = [
      { aud: [CLIENT_ID] },
      { aud: [CLIENT_ID, 'https://graph.microsoft.com'] },
      { aud: { '0': CLIENT_ID } },
      { tid: [TENANT_ID] },
      { tid: null },
      { tid: TENANT_ID.toUpperCase() },
      { oid: [people.katherine.id] },
      { oid: { toString: people.katherine.id } },
      { oid: '' },
      { oid: 'katherine@contoso.example' },
      { oid: `${people.ada.id}'` },
      { oid: '../users' },
      { iss: [`${it.tenant.url}/${TENANT_ID}/v2.0`] },
      { exp: 'tomorrow' },
      { exp: null },
      { exp: `${now + 3600}` },
      { nbf: now + 121 },
      { nbf: 'now' },
      { scp: '' },
      { scp: ' ' },
      { scp: 'user_impersonation' },
      { scp: 'access_as_userx' },
      { scp: 'ACCESS_AS_USER' },
      { scp: 'api://x/access_as_user' },
    ]
    for (const set of sets) refused(set, await bearer(await it.token('ada', { set })))
  })

  test('of applications, or not meant for an API: 403, whatever roles they carry', async () => {
    const { it } = ground
    const paths = [
      ['GET', '/api/me/roles'],
      ['GET', '/api/requests'],
      ['GET', '/api/approvals'],
      ['GET', '/api/roles'],
      ['GET', '/api/audit'],
      ['GET', '/api/eligibilities'],
      ['GET', `/api/requests/${waiting}`],
      ['POST', `/api/requests/${waiting}/cancel`],
    ]
    const tokens = await Promise.all([
      it.token('reporting', { app: 1 }),
      it.token('interim', { app: 1 }),
      it.token('deployer', { app: 1, set: { roles: ['access_as_user'] } }),
      it.token('interim', { app: 1, set: { oid: people.katherine.id, scp: 'access_as_user' } }),
      it.token('katherine', { omit: 'scp' }), // an id token, or one for no scope
      it.token('katherine', { set: { scp: ['access_as_user'] } }),
      it.token('katherine', { set: { idtyp: 'app' } }),
    ])
    for (const [index, token] of tokens.entries())
      for (const [method, path] of paths as [string, string][])
        refused([index, path], await it.with(token, method, path), 403)
    refused(
      'for Graph',
      await bearer(await it.token('interim', { app: 1, aud: 'https://graph.microsoft.com' })),
    )
  })

  test('59 seconds of clock skew are forgiven, 61 and more are not, on either edge', async () => {
    const { it } = ground
    expect((await bearer(await it.token('ada', { exp: '-55s' }))).status).toBe(200)
    refused('exp', await bearer(await it.token('ada', { exp: '-61s' })))
    const now = Math.floor((await it.now()).getTime() / 1000)
    expect((await bearer(await it.token('ada', { set: { nbf: now + 55, iat: now + 55 } }))).status).toBe(200)
    refused('nbf', await bearer(await it.token('ada', { set: { nbf: now + 66, iat: now + 66 } })))
  })

  test('cut, joined, re-encoded or with other headers', async () => {
    const { it } = ground
    const token = await it.token('ada')
    const [header = '', claims = '', signature = ''] = token.split('.')
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    const payload = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const katherine = part({ ...payload, oid: people.katherine.id })
    const hmac = createHmac('sha256', '').update(`${part({ alg: 'HS256', kid })}.${katherine}`)
    const bad = [
      `${header}.${katherine}.${signature}`,
      `${header}.${katherine}.`,
      `${part({ alg: 'none' })}.${katherine}.`,
      `${part({ alg: 'None', kid })}.${katherine}.${signature}`,
      `${part({ alg: 'HS256', kid })}.${katherine}.${hmac.digest('base64url')}`,
      `${part({ alg: 'RS256' })}.${claims}.${signature}`,
      `${part({ alg: 'RS256', kid: '../../keys' })}.${claims}.${signature}`,
      `${part({ alg: 'RS256', kid, jku: 'https://evil.example/keys' })}.${claims}.${signature}`,
      `${part({ alg: 'RS256', kid, crit: ['exp'] })}.${claims}.${signature}`,
      `${part({ alg: 'dir', enc: 'A256GCM' })}....`,
      `${header}.${claims}`,
      `${header}.${claims}.${signature}.`,
      `${header}.${claims}.${signature.slice(0, -4)}`,
      `${claims}.${header}.${signature}`,
      'x',
      '..',
      'null.null.null',
    ]
    for (const each of bad) refused(each.slice(0, 40), await bearer(each))
    expect((await bearer(token)).status).toBe(200)
  })

  test('of the older shape are good, and only whole', async () => {
    const { it } = ground
    expect((await bearer(await it.token('ada', { ver: '1.0' }))).status).toBe(200)
    for (const option of [
      { ver: '1.0', aud: 'https://graph.microsoft.com' },
      { ver: '1.0', iss: 'https://sts.windows.net/99999999-9999-4999-8999-999999999999/' },
      { ver: '1.0', tid: '99999999-9999-4999-8999-999999999999' },
      { ver: '1.0', omit: 'tid' },
      { ver: '1.0', alg: 'none' },
    ])
      refused(option, await bearer(await it.token('ada', option)))
    refused('app', await bearer(await it.token('reporting', { app: 1, ver: '1.0' })), 403)
  })
})

test('headers that a gateway might set name nobody', async () => {
  const { it } = ground
  const principal = Buffer.from(
    JSON.stringify({ auth_typ: 'aad', claims: [{ typ: 'oid', val: people.katherine.id }] }),
  ).toString('base64')
  const smuggled = [
    'X-MS-CLIENT-PRINCIPAL',
    principal,
    'X-MS-CLIENT-PRINCIPAL-ID',
    people.katherine.id,
    'X-MS-CLIENT-PRINCIPAL-NAME',
    'katherine@contoso.example',
    'X-MS-CLIENT-PRINCIPAL-IDP',
    'aad',
    'X-MS-TOKEN-AAD-ACCESS-TOKEN',
    await it.token('katherine'),
    'X-Forwarded-User',
    'katherine',
    'X-Functions-Key',
    'master',
    'Cookie',
    `AppServiceAuthSession=${principal}`,
  ] // prettier-ignore
  refused('alone', await it.send({ path: '/api/eligibilities', headers: smuggled }))
  refused(
    'by mallory',
    await it.send({
      path: '/api/eligibilities',
      headers: ['Authorization', `Bearer ${await it.token('mallory')}`, ...smuggled],
    }),
    403,
  )
  refused('key', await it.send({ path: '/api/eligibilities?code=master' }))
  refused(
    'token in the query',
    await it.send({ path: `/api/me/roles?access_token=${await it.token('ada')}` }),
  )
})

test('one Authorization header, one scheme, one token', async () => {
  const { it } = ground
  const [ada, katherine] = await Promise.all([it.token('ada'), it.token('katherine')])
  const send = (...headers: string[]) => it.send({ path: '/api/eligibilities', headers })
  for (const scheme of ['bearer', 'BEARER', 'Bearer'])
    expect((await send('Authorization', `${scheme} ${katherine}`)).status).toBe(200)
  for (const headers of [
    ['Authorization', `Bearer ${ada}`, 'Authorization', `Bearer ${katherine}`],
    ['Authorization', `Bearer ${katherine}`, 'authorization', `Bearer ${ada}`],
    ['Authorization', `Bearer ${ada}, Bearer ${katherine}`],
    ['Authorization', `Bearer ${ada},${katherine}`],
    ['Authorization', `Bearer ${ada} ${katherine}`],
    ['Authorization', `Bearer\t${katherine}`],
    ['Authorization', `Bearer  ${katherine}`],
    ['Authorization', `Bearer:${katherine}`],
    ['Authorization', `Bearer "${katherine}"`],
    ['Authorization', `Basic ${Buffer.from(`katherine:${katherine}`).toString('base64')}`],
    ['Authorization', `PoP ${katherine}`],
    ['Authorization', katherine],
    ['Authorization', 'Bearer'],
    ['Authorization', 'Bearer null'],
    ['Authorization', ''],
    ['Proxy-Authorization', `Bearer ${katherine}`],
    ['X-Authorization', `Bearer ${katherine}`],
  ])
    refused(
      headers.map((each) => each.slice(0, 20)),
      await send(...headers),
    )
})

/** Everything that only administrators may. */
const administration = () =>
  [
    ['POST', '/api/eligibilities', { principalId: people.mallory.id, roleDefinitionId: FREE }],
    ['DELETE', `/api/eligibilities/elig-${people.ada.id.replaceAll('-', '')}-${'0'.repeat(21)}`, undefined],
    ['PATCH', `/api/roles/${FREE}/settings`, { rules: [], inherit: ['Expiration_EndUser_Assignment'] }],
    ['POST', `/api/requests/${waiting}/cancel`, undefined],
  ] as const

test('readers look on and change nothing, and nobody else looks on', async () => {
  const { it } = ground
  const before = await it.stored()
  for (const who of ['dorothy', 'edsger', 'mallory', 'grace', 'barbara', 'gina', 'linus'])
    for (const [method, path, body] of administration())
      refused([who, method, path], await it.as(who, method, path, body), 403)
  const private_ = [
    '/api/eligibilities',
    '/api/audit',
    `/api/audit?roleDefinitionId=${ROLE}`,
    `/api/audit?principalId=${people.ada.id}`,
    `/api/requests?principalId=${people.ada.id}`,
  ]
  for (const who of ['mallory', 'gina', 'grace', 'barbara'])
    for (const path of private_) refused([who, path], await it.as(who, 'GET', path), 403)
  for (const path of private_) expect((await it.as('edsger', 'GET', path)).status).toBe(200)
  for (const who of ['mallory', 'gina', 'barbara', 'alan'].slice(0, 3))
    refused([who, 'request'], await it.as(who, 'GET', `/api/requests/${waiting}`), 404)
  for (const who of ['mallory', 'gina', 'barbara', 'dorothy', 'katherine', 'ada'])
    refused([who, 'decide'], await it.decides(who, waiting, 'Approve'), 403)
  expect(
    (await it.as('mallory', 'GET', `/api/audit?principalId=${people.mallory.id.toUpperCase()}`)).body.value,
  ).toEqual([])
  expect((await it.as('mallory', 'GET', '/api/approvals')).body.value).toEqual([])
  expect(await it.stored()).toEqual(before)
})

test('a former administrator with a live token is refused at once, and so is a disabled or a deleted one', async () => {
  const { it } = ground
  await it.tenant.control('POST', '/people', { short: 'nia', displayName: 'Nia Newcomer' })
  const token = await it.token('nia')
  const list = () => it.with(token, 'GET', '/api/eligibilities')
  refused('not yet', await list(), 403)
  const role = { principal: 'nia', role: 'Privileged Role Administrator' }
  await it.tenant.control('POST', '/role-assignments', role)
  expect((await list()).status).toBe(200)
  await it.tenant.control('DELETE', '/role-assignments', role)
  refused('former', await list(), 403)
  await it.tenant.control('POST', '/role-assignments', role)
  expect((await list()).status).toBe(200)
  await it.tenant.control('PATCH', '/people/nia', { accountEnabled: false })
  for (const [method, path, body] of administration())
    refused(['disabled', path], await it.with(token, method, path, body), 403)
  refused('disabled', await list(), 403)
  await it.tenant.control('DELETE', '/people/nia')
  refused('deleted', await list(), 403)
})

test('a role over one administrative unit administers nothing here', async () => {
  const { it } = ground
  const scope = '/administrativeUnits/44444444-0000-4000-8000-000000000001'
  await it.tenant.control('POST', '/role-assignments', {
    principal: 'mallory',
    role: roles.privilegedRoleAdministrator.id,
    scope,
  })
  refused('unit', await it.as('mallory', 'GET', '/api/eligibilities'), 403)
})

describe('approvers', () => {
  test('removed from the group between the mail and the decision', async () => {
    const { it } = ground
    const link = await it.link('linus')
    await it.tenant.control('DELETE', '/groups/role-approvers/members/linus')
    refused('api', await it.decides('linus', waiting, 'Approve'), 403)
    const visitor = new Visitor(it)
    await visitor.signIn('linus', link)
    const page = await visitor.get(link)
    expect([page.status, formTokenIn(page)]).toEqual([200, ''])
    expect(
      (await visitor.post(link, { reviewResult: 'Approve', justification: 'x', formToken: 'x' })).status,
    ).toBe(403)
    refused('may not even see it', await it.as('linus', 'GET', `/api/requests/${waiting}`), 404)
    await it.tenant.control('PUT', '/groups/role-approvers/members/linus')
  })

  test('disabled, or deleted, with a live token and a live session', async () => {
    const { it } = ground
    const link = await it.link('margaret')
    const visitor = new Visitor(it)
    await visitor.signIn('margaret', link)
    const formToken = formTokenIn(await visitor.get(link))
    expect(formToken).not.toBe('')
    const token = await it.token('margaret')
    await it.tenant.control('PATCH', '/people/margaret', { accountEnabled: false })
    const body = { reviewResult: 'Approve', justification: 'x' }
    refused('api', await it.with(token, 'POST', `/api/approvals/${waiting}`, body), 403)
    expect((await visitor.post(link, { ...body, formToken })).status).toBe(403)
    await it.tenant.control('PATCH', '/people/margaret', { accountEnabled: true })
    expect(await it.statusOf(waiting)).toBe('PendingApproval')
  })

  test('put into the group only because the request waits cannot include the requester', async () => {
    const { it } = ground
    await it.tenant.control('PUT', '/groups/role-approvers/members/ada')
    refused('self', await it.decides('ada', waiting, 'Approve'), 403)
    expect((await it.as('ada', 'GET', '/api/approvals')).body.value).toEqual([])
    refused('deny', await it.decides('ada', waiting, 'Deny'), 403)
    await it.tenant.control('DELETE', '/groups/role-approvers/members/ada')
  })
})

describe('requesters', () => {
  const schedule = (at: Date) => ({
    scheduleInfo: {
      startDateTime: at.toISOString(),
      expiration: { type: 'afterDuration', duration: 'PT1H' },
    },
  })
  const inMinutes = async (minutes: number) => new Date((await ground.it.now()).getTime() + minutes * 60_000)

  async function newcomer(short: string, role: string): Promise<{ id: string; eligibility: string }> {
    const { it } = ground
    const { id } = await it.tenant.control('POST', '/people', { short, displayName: `New ${short}` })
    return { id, eligibility: (await it.makeEligible(id, role)).id }
  }

  test('who lost the eligibility between request and approval are not approved', async () => {
    const { it } = ground
    const { eligibility } = await newcomer('n1', ROLE)
    const { body } = await it.asks('n1', ROLE)
    await it.host.advance('PT5M') // nothing is taken away sooner
    await it.must(204, 'katherine', 'DELETE', `/api/eligibilities/${eligibility}`).catch(() => undefined)
    const heard = await it.decides('grace', body.id, 'Approve')
    refused('approve', heard, 400)
    expect(heard.body.error.details[0].code).toBe('EligibilityRule')
    expect(await it.statusOf(body.id)).toBe('PendingApproval')
    expect((await it.decides('grace', body.id, 'Deny')).status).toBe(200)
    await it.host.idle()
    expect(await it.tenant.holds('n1', ROLE)).toBe(false)
  })

  test('who lost it, or were disabled, between approval and start get nothing', async () => {
    const { it } = ground
    const { eligibility } = await newcomer('n2', ROLE)
    await newcomer('n3', ROLE)
    const start = await inMinutes(30)
    const ids: string[] = []
    for (const who of ['n2', 'n3']) {
      const { body } = await it.asks(who, ROLE, schedule(start))
      expect((await it.decides('grace', body.id, 'Approve')).status).toBe(200)
      ids.push(body.id)
    }
    await it.host.advance('PT5M')
    await it.as('katherine', 'DELETE', `/api/eligibilities/${eligibility}`)
    await it.tenant.control('PATCH', '/people/n3', { accountEnabled: false })
    await it.host.advance('PT40M')
    expect(await Promise.all(ids.map((id) => it.statusOf(id)))).toEqual(['Failed', 'Failed'])
    expect([await it.tenant.holds('n2', ROLE), await it.tenant.holds('n3', ROLE)]).toEqual([false, false])
  })

  test('who are eligible through a group that they were taken out of get nothing', async () => {
    const { it } = ground
    const { id } = await it.tenant.control('POST', '/people', { short: 'n4', displayName: 'New n4' })
    const group = await it.tenant.control('POST', '/groups', {
      short: 'g4',
      members: ['n4'],
      isAssignableToRole: true,
    })
    await it.makeEligible(group.id, FREE)
    const { body, status } = await it.asks('n4', FREE, schedule(await inMinutes(15)))
    expect([status, body.principal?.id]).toEqual([201, id])
    await it.tenant.control('DELETE', '/groups/g4/members/n4')
    await it.host.advance('PT20M')
    expect([await it.statusOf(body.id), await it.tenant.holds('n4', FREE)]).toEqual(['Failed', false])
    refused('again', await it.asks('n4', FREE), 400)
  })
})

describe('administrators', () => {
  test('do not change their own eligibility, directly or through a group they are in, nested ones included', async () => {
    const { it } = ground
    const own = { principalId: people.katherine.id, roleDefinitionId: FREE }
    refused('directly', await it.as('katherine', 'POST', '/api/eligibilities', own), 403)
    refused(
      'in capitals',
      await it.as('katherine', 'POST', '/api/eligibilities', {
        ...own,
        principalId: people.katherine.id.toUpperCase(),
      }),
      403,
    )
    const staff = { principalId: groups.allStaff.id, roleDefinitionId: FREE }
    refused('by group', await it.as('katherine', 'POST', '/api/eligibilities', staff), 403)
    await it.tenant.control('POST', '/groups', { short: 'inner', members: ['katherine'] })
    const outer = await it.tenant.control('POST', '/groups', { short: 'outer', members: ['inner'] })
    refused(
      'nested',
      await it.as('katherine', 'POST', '/api/eligibilities', { ...staff, principalId: outer.id }),
      403,
    )
    const heard = await it.as('alan', 'POST', '/api/eligibilities', own)
    expect(heard.status, heard.text).toBe(201)
    refused('takes it away', await it.as('katherine', 'DELETE', `/api/eligibilities/${heard.body.id}`), 403)
    await it.host.advance('PT5M')
    expect((await it.as('alan', 'DELETE', `/api/eligibilities/${heard.body.id}`)).status).toBe(204)
  })
})

describe('the keys of the sign-in service', () => {
  test('away: what was cached still serves; an unknown key is 503 with Retry-After, and neither 401 nor 200', async () => {
    const { it } = ground
    const token = await it.token('ada')
    expect((await bearer(token)).status).toBe(200)
    await it.tenant.fault({
      match: { service: 'signin', path: 'discovery' },
      kind: 'status',
      status: 503,
      times: 'forever',
    })
    expect((await bearer(token)).status).toBe(200)
    await it.tenant.control('POST', '/keys/rotate', {})
    await it.host.advance('PT31S')
    for (const kind of ['status', 'reset'] as const) {
      await it.tenant.clearFaults()
      await it.tenant.fault({
        match: { service: 'signin', path: 'discovery' },
        kind,
        status: 500,
        times: 'forever',
      })
      const heard = await bearer(await it.token('ada'))
      expect([heard.status, heard.headers['retry-after'], heard.body.error.code], heard.text).toEqual([
        503,
        '5',
        'ServiceUnavailable',
      ])
      expect((await bearer(token)).status).toBe(200)
    }
    refused('rubbish needs no keys', await bearer('x.y.z'))
    await it.tenant.clearFaults()
    expect((await bearer(await it.token('ada'))).status).toBe(200)
  })

  test('not keys at all: 503 as well', async () => {
    const { it } = ground
    for (const body of [{}, { keys: 'x' }, { keys: [] }]) {
      await it.tenant.control('POST', '/keys/rotate', {})
      await it.host.advance('PT31S')
      await it.tenant.fault({
        match: { service: 'signin', path: 'discovery' },
        kind: 'status',
        status: 404,
        body,
        times: 'forever',
      })
      expect((await bearer(await it.token('ada'))).status).toBe(503)
      await it.tenant.clearFaults()
    }
  })

  test('rotated and the old one dropped: new tokens are good after half a minute at most, forged ones never', async () => {
    const { it } = ground
    const old = await it.token('ada')
    expect((await bearer(old)).status).toBe(200)
    await it.tenant.control('POST', '/keys/rotate', { drop: true })
    await it.host.advance('PT31S')
    expect((await bearer(await it.token('ada'))).status).toBe(200)
    refused('old', await bearer(old))
    refused('impostor', await bearer(await it.token('ada', { key: 'impostor' })))
    refused('other', await bearer(await it.token('ada', { key: 'other' })))
  })
})

test('through all of it the request that waits still waits, and nobody holds anything', async () => {
  const { it } = ground
  expect(await it.tenant.holds('ada', ROLE)).toBe(false)
  expect(['PendingApproval', 'TimedOut']).toContain(await it.statusOf(waiting))
  expect(activation(ROLE).action).toBe('selfActivate')
  expect(it.host.output()).not.toContain('Unexpected.')
})
