import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { groups, people, roles, servicePrincipals } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'
import { secretTokens } from '../../../src/adapters/entra/app-token.ts'
import { callerReader, NotAuthenticated } from '../../../src/adapters/entra/caller.ts'
import { graphClient } from '../../../src/adapters/graph/client.ts'
import { graphDirectory } from '../../../src/adapters/graph/directory.ts'
import { directoryRoles } from '../../../src/adapters/graph/directory-roles.ts'
import { acsMailer } from '../../../src/adapters/mailer.ts'
import { ADMINISTRATORS, type Role } from '../../../src/domain/role.ts'
import { type Directory, type RoleProvider, Throttled, Unavailable } from '../../../src/ports.ts'

let tenant: TenantProcess
let directory: Directory
let assignments: RoleProvider
let settings: Record<string, string>
const entra = () => ({
  authority: settings.ENTRA_AUTHORITY as string,
  tenantId: settings.ENTRA_TENANT_ID as string,
  clientId: settings.ENTRA_CLIENT_ID as string,
  clientSecret: settings.ENTRA_CLIENT_SECRET as string,
  scope: 'access_as_user',
})
const role: Role = { provider: 'directory', roleDefinitionId: roles.exchangeAdministrator.id, scope: '/' }
const NOBODY = '00000000-0000-4000-8000-00000000dead'

beforeAll(async () => {
  tenant = await spawnTenant()
  settings = tenant.settings()
  const tokens = secretTokens(entra(), 'https://graph.microsoft.com/.default', () => Date.now())
  const graph = graphClient(settings.GRAPH_URL as string, tokens)
  directory = graphDirectory(graph)
  assignments = directoryRoles(graph, directory, () => Date.now())
  await directory.person(people.ada.id) // the token is there from now on
})
afterEach(async () => {
  await tenant.clearFaults()
  await tenant.lag({ ms: 0 })
})
afterAll(() => tenant.stop())

describe('the directory', () => {
  test('knows people, and whether they may sign in', async () => {
    expect(await directory.person(people.ada.id)).toEqual({
      id: people.ada.id,
      displayName: people.ada.displayName,
      mail: 'ada@contoso.example',
      accountEnabled: true,
    })
    expect(await directory.person(people.ken.id)).toMatchObject({ accountEnabled: false })
    expect(await directory.person(NOBODY)).toBeUndefined()
    expect(await directory.group(groups.sre.id)).toMatchObject({
      id: groups.sre.id,
      displayName: groups.sre.displayName,
    })
    expect(await directory.group(NOBODY)).toBeUndefined()
  })

  test('names principals of every kind, fifteen at a time, and leaves out who is gone', async () => {
    const asked = [
      ...Object.values(people).map(({ id }) => ({ id, type: 'User' as const })), // as many as one filter may name
      { id: people.ada.id, type: 'User' as const },
      { id: groups.sre.id, type: null },
      { id: servicePrincipals.deployer.id, type: null },
      { id: NOBODY, type: null },
    ]
    const found = new Map((await directory.principals(asked)).map((each) => [each.id, each]))
    expect(found.size).toBe(Object.values(people).length + 2)
    const seen = (id: string) => {
      const { type, isEnabled, isGuest } = found.get(id) ?? {}
      return [type, isEnabled, isGuest]
    }
    expect(seen(people.ken.id)).toEqual(['User', false, false])
    expect(seen(people.gina.id)).toEqual(['User', true, true])
    expect(seen(groups.sre.id)).toEqual(['Group', null, false])
    expect(seen(servicePrincipals.deployer.id)).toEqual(['ServicePrincipal', true, false])
  })

  const callsOf = async (work: () => Promise<unknown>): Promise<number> => {
    await tenant.control('DELETE', '/calls')
    await work()
    return ((await tenant.control('GET', '/calls?service=graph')) as { calls: unknown[] }).calls.length
  }

  test('finds many people in few calls, and no groups among them', async () => {
    const crowd = Array.from({ length: 70 }, (_, n) => ({ short: `q${n}`, displayName: `Person ${n}` }))
    const made = (await tenant.control('POST', '/people', crowd)) as { id: string }[]
    const ids = made.map(({ id }) => id)
    const asked = [...ids, groups.sre.id, NOBODY]
    expect(await callsOf(() => directory.people(asked))).toBeLessThanOrEqual(5)
    expect((await directory.people(asked)).map(({ id }) => id).sort()).toEqual([...ids].sort())
    expect(await directory.people([])).toEqual([])
    expect((await directory.people([people.ken.id]))[0]).toEqual(await directory.person(people.ken.id))
    await tenant.control('POST', '/reset')
  })

  test('asks about many groups in one call, and twenty at a time about somebody who is in too many', async () => {
    const asked = Array.from({ length: 500 }, (_, n) => `99999999-0000-4000-8000-${`${n}`.padStart(12, '0')}`)
    asked.splice(250, 0, groups.sreOncall.id)
    expect(await callsOf(() => directory.groupsOf(people.radia.id, asked))).toBe(1)
    expect(await directory.groupsOf(people.radia.id, asked)).toEqual([groups.sreOncall.id])
    await tenant.fault({
      match: { service: 'graph', method: 'POST', path: 'getMemberGroups' },
      kind: 'status',
      status: 400,
      body: { error: { code: 'Directory_ResultSizeLimitExceeded', message: 'Too many.' } },
    })
    expect(await directory.groupsOf(people.radia.id, asked)).toEqual([groups.sreOncall.id])
  })

  test('asks for memberships twenty at a time, nested ones included', async () => {
    const many = Array.from({ length: 45 }, (_, n) => `99999999-0000-4000-8000-${`${n}`.padStart(12, '0')}`)
    const asked = [
      ...many.slice(0, 21),
      groups.sreOncall.id,
      ...many.slice(21),
      groups.sre.id,
      groups.allStaff.id,
    ]
    expect((await directory.groupsOf(people.radia.id, asked)).sort()).toEqual(
      [groups.sreOncall.id, groups.sre.id, groups.allStaff.id].sort(),
    )
    expect(await directory.groupsOf(people.mallory.id, [groups.sre.id])).toEqual([])
    expect(await directory.groupsOf(NOBODY, [groups.sre.id])).toEqual([])
  })

  test('knows which groups a group is nested in, of few and of many, and of none that is gone', async () => {
    const many = Array.from({ length: 45 }, (_, n) => `99999999-0000-4000-8000-${`${n}`.padStart(12, '0')}`)
    for (const asked of [
      [groups.sre.id, groups.tierZero.id],
      [...many, groups.sre.id],
    ])
      expect(await directory.groupsAbove(groups.sreOncall.id, asked)).toEqual([groups.sre.id])
    expect(await directory.groupsAbove(groups.sre.id, [groups.sreOncall.id])).toEqual([])
    expect(await directory.groupsAbove(NOBODY, [groups.sre.id])).toEqual([])
  })

  test('knows which groups somebody owns', async () => {
    const { id } = await tenant.control('POST', '/groups', { short: 'owned', owners: ['mallory'] })
    expect(await directory.groupsOwnedBy(people.mallory.id)).toEqual([id])
    expect(await directory.groupsOwnedBy(people.radia.id)).toEqual([])
    expect(await directory.groupsOwnedBy(NOBODY)).toEqual([])
  })

  test('lists members through nested groups, over many pages, and no more than asked for', async () => {
    const names = async (id: string, top: number) =>
      (await directory.membersOf(id, top)).map(({ displayName }) => displayName)
    expect((await names(groups.sre.id, 20)).sort()).toEqual(
      [people.barbara.displayName, people.radia.displayName].sort(),
    )
    const crowd = Array.from({ length: 1200 }, (_, n) => ({ short: `p${n}`, displayName: `Person ${n}` }))
    await tenant.control('POST', '/people', crowd)
    await tenant.control('POST', '/groups', { short: 'crowd', members: crowd.map(({ short }) => short) })
    const { groups: all } = (await tenant.control('GET', '/state')) as {
      groups: { id: string; short: string }[]
    }
    const id = all.find(({ short }) => short === 'crowd')?.id as string
    expect(new Set((await directory.membersOf(id, 5000)).map((each) => each.id)).size).toBe(1200)
    expect(await directory.membersOf(id, 30)).toHaveLength(30)
    await tenant.control('POST', '/reset')
  })

  test('says who administers, directly or through a group, and who does not', async () => {
    expect(await directory.rolesHeldBy(people.alan.id)).toContain(roles.globalAdministrator.id)
    expect(await directory.rolesHeldBy(people.mallory.id)).toEqual([])
    const names = (await directory.holdersOf(ADMINISTRATORS)).map(({ displayName }) => displayName)
    expect(names).toEqual(expect.arrayContaining([people.alan.displayName, people.katherine.displayName]))
    await tenant.control('POST', '/role-assignments', {
      principal: 'tier-zero',
      role: 'Privileged Role Administrator',
    })
    await tenant.control('PUT', '/groups/tier-zero/members/mallory')
    expect(await directory.rolesHeldBy(people.mallory.id)).toContain(roles.privilegedRoleAdministrator.id)
    expect((await directory.holdersOf(ADMINISTRATORS)).map(({ id }) => id)).toContain(people.mallory.id)
    await tenant.control('POST', '/reset')
  })

  test('knows the roles, and which are privileged', async () => {
    expect((await assignments.roles('/')).length).toBe(Object.keys(roles).length)
    expect(
      await assignments.describe({ ...role, roleDefinitionId: roles.exchangeAdministrator.id }),
    ).toMatchObject({
      isPrivileged: false,
      isBuiltIn: true,
    })
    expect(
      await assignments.describe({ ...role, roleDefinitionId: roles.globalAdministrator.id }),
    ).toMatchObject({ isPrivileged: true })
    expect(await assignments.describe({ ...role, roleDefinitionId: NOBODY })).toBeUndefined()
  })
})

describe('whose token it is', () => {
  const read = async (who: string, options: Record<string, string | number | boolean | object> = {}) =>
    callerReader(entra())(await tenant.token(who, options))

  test.each<[string, string, Record<string, string | number | boolean | object>, object]>([
    [
      'a person’s',
      'ada',
      {},
      {
        id: people.ada.id,
        displayName: people.ada.displayName,
        kind: 'user',
        proof: { mfa: false, contexts: [] },
        canAnswerClaims: false,
      },
    ],
    ['with a context', 'ada', { acrs: 'c1' }, { proof: { contexts: ['c1'] } }],
    [
      'of the older shape, with a second factor',
      'ada',
      { ver: '1.0', mfa: true },
      { id: people.ada.id, proof: { mfa: true } },
    ],
    ['of a client that can answer', 'ada', { cp1: true }, { canAnswerClaims: true }],
    ['of an application', 'reporting', { app: true }, { kind: 'app' }],
    ['just expired, within the tolerance', 'ada', { exp: '-30s' }, { id: people.ada.id }],
  ])('%s', async (_name, who, options, caller) => {
    expect(await read(who, options)).toMatchObject(caller)
  })

  test.each<[string, Record<string, string | number | boolean | object>]>([
    ['expired', { exp: '-1h' }],
    ['for another audience', { aud: 'https://graph.microsoft.com' }],
    ['for several audiences', { set: { aud: ['aaaaaaaa-0000-4000-8000-00000000c11d', 'another'] } }],
    ['of another tenant', { tid: NOBODY }],
    ['of another issuer', { iss: 'https://evil.example/v2.0' }],
    ['not signed', { alg: 'none' }],
    ['signed with the public key as a secret', { alg: 'HS256' }],
    ['signed by another algorithm', { alg: 'RS384' }],
    ['signed by a stranger', { key: 'other' }],
    ['signed by a stranger under our key’s id', { key: 'impostor' }],
    ['without an oid', { omit: 'oid' }],
    ['without a tid', { omit: 'tid' }],
    ['with an oid that is none', { set: { oid: "x' or true" } }],
    ['not yet valid', { set: { nbf: 4_000_000_000 } }],
    ['of another scope', { set: { scp: 'User.Read' } }],
  ])('not one that is %s', async (_name, options) => {
    await expect(read('ada', options)).rejects.toThrow(NotAuthenticated)
  })

  test.each(['', 'x', 'a.b.c', 'a'.repeat(10_000)])('not %j', async (text) => {
    await expect(callerReader(entra())(text)).rejects.toThrow(NotAuthenticated)
  })
})

describe('mails', () => {
  const mail = (subject: string) => ({
    to: { ...people.ada, mail: 'ada@contoso.example' },
    subject,
    text: 'text',
    html: '<p>html</p>',
    isPressing: true,
  })
  const mailer = () =>
    acsMailer(
      { connectionString: settings.MAIL_CONNECTION as string },
      settings.MAIL_FROM as string,
      { perMinute: 30, perHour: 100 },
      Date.now,
    )
  const subjects = async () => (await tenant.mails('ada')).map(({ subject }) => subject)

  test('go out', async () => {
    await mailer().send(mail('plain'), 'key 1')
    expect(await subjects()).toContain('plain')
  })

  test('that were taken have gone out, though nobody can say what became of them', async () => {
    await tenant.fault({
      match: { service: 'mail', method: 'GET' },
      kind: 'status',
      status: 503,
      times: 'forever',
    })
    await mailer().send(mail('taken'), 'key 2')
    expect((await subjects()).filter((subject) => subject === 'taken')).toHaveLength(1)
  })

  test.each([429, 503, 400])('that were not taken (%i) have not gone out', async (status) => {
    await tenant.fault({
      match: { service: 'mail', method: 'POST' },
      kind: 'status',
      status,
      times: 'forever',
    })
    await expect(mailer().send(mail(`refused ${status}`), `key ${status}`)).rejects.toThrow(Unavailable)
    expect(await subjects()).not.toContain(`refused ${status}`)
  })

  test('when the service wants fewer it is left alone until it takes them again', async () => {
    await tenant.fault({
      match: { service: 'mail', method: 'POST' },
      kind: 'status',
      status: 429,
      retryAfter: 120,
    })
    const clock = { now: Date.now() }
    const patient = acsMailer(
      { connectionString: settings.MAIL_CONNECTION as string },
      settings.MAIL_FROM as string,
      { perMinute: 30, perHour: 100 },
      () => clock.now,
    )
    const sends = async () =>
      (await tenant.control('GET', '/calls?service=mail')).calls.filter(
        ({ method }: { method: string }) => method === 'POST',
      ).length
    const before = await sends()
    for (let n = 0; n < 5; n++)
      await expect(patient.send(mail('throttled'), 'key 3')).rejects.toThrow(Throttled)
    expect((await sends()) - before).toBe(1)
    expect(patient.opensAt(true)).toEqual(new Date(clock.now + 120_000))
    clock.now += 120_000
    expect(patient.opensAt(true)).toBeNull()
    await patient.send(mail('throttled'), 'key 3')
    expect((await subjects()).filter((subject) => subject === 'throttled')).toHaveLength(1)
  })

  test('more than the quota of a minute are not sent, nor asked for', async () => {
    const thrifty = acsMailer(
      { connectionString: settings.MAIL_CONNECTION as string },
      settings.MAIL_FROM as string,
      { perMinute: 5, perHour: 10 },
      () => 0,
    )
    const ordinary = { ...mail('thrifty'), isPressing: false }
    for (let n = 0; n < 4; n++) await thrifty.send(ordinary, `ordinary ${n}`)
    await expect(thrifty.send(ordinary, 'ordinary 5')).rejects.toThrow(Throttled)
    await thrifty.send(mail('thrifty'), 'pressing') // what cannot wait has a share of its own
    await expect(thrifty.send(mail('thrifty'), 'pressing 2')).rejects.toThrow(Throttled)
    expect((await subjects()).filter((subject) => subject === 'thrifty')).toHaveLength(5)
  })
})
