import type { Client } from '@microsoft/microsoft-graph-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { administrativeUnits, groups, people, roles, servicePrincipals } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'
import { appToken, graphClient, plainGraph } from './graph-client.ts'

let tenant: TenantProcess
let graph: Client
let plain: ReturnType<typeof plainGraph>

beforeAll(async () => {
  tenant = await spawnTenant()
  const token = await appToken(tenant.url)
  graph = graphClient(tenant.url, token)
  plain = plainGraph(tenant.url, token)
})
beforeEach(() => tenant.control('POST', '/reset'))
afterAll(() => tenant.stop())

const assignments = '/roleManagement/directory/roleAssignments'
const grant = (more: object = {}) => ({
  '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
  principalId: people.ada.id,
  roleDefinitionId: roles.exchangeAdministrator.id,
  directoryScopeId: '/',
  ...more,
})
const nobody = '99999999-0000-4000-8000-000000000000'

describe('roles', () => {
  test('a role is granted, found, and taken away', async () => {
    const made = await graph.api(assignments).post(grant())
    expect(made).toMatchObject({
      principalId: people.ada.id,
      roleDefinitionId: roles.exchangeAdministrator.id,
      directoryScopeId: '/',
    })
    expect(await tenant.holds('ada', 'Exchange Administrator')).toBe(true)

    const filter = `principalId eq '${people.ada.id}' and roleDefinitionId eq '${roles.exchangeAdministrator.id}' and directoryScopeId eq '/'`
    expect((await graph.api(assignments).filter(filter).get()).value).toEqual([
      {
        id: made.id,
        principalId: people.ada.id,
        roleDefinitionId: roles.exchangeAdministrator.id,
        directoryScopeId: '/',
      },
    ])
    expect(
      (await graph.api(`${assignments}/${made.id}`).expand('principal').get()).principal.displayName,
    ).toBe('Ada Lovelace')
    expect(
      (await graph.api(`${assignments}/${made.id}`).expand('roleDefinition').get()).roleDefinition
        .displayName,
    ).toBe('Exchange Administrator')

    expect((await plain('DELETE', `${assignments}/${made.id}`)).status).toBe(204)
    expect((await plain('DELETE', `${assignments}/${made.id}`)).status).toBe(404)
    expect((await plain('GET', `${assignments}/${made.id}`)).status).toBe(404)
    expect(await tenant.holds('ada', 'Exchange Administrator')).toBe(false)
  })

  test('what exists conflicts, with the words that clients match', async () => {
    expect((await plain('POST', assignments, grant())).status).toBe(201)
    const again = await plain('POST', assignments, grant())
    expect(again.status).toBe(400)
    expect(again.body.error).toMatchObject({
      code: 'Request_BadRequest',
      message:
        'A conflicting object with one or more of the specified property values is present in the directory.',
    })
  })

  test.each([
    ['an unknown principal', { principalId: nobody }, 404, 'Request_ResourceNotFound'],
    ['an unknown role', { roleDefinitionId: nobody }, 404, 'Request_ResourceNotFound'],
    ['a scope that is none', { directoryScopeId: 'everywhere' }, 400, 'Request_BadRequest'],
    [
      'a unit that does not exist',
      { directoryScopeId: `/administrativeUnits/${nobody}` },
      404,
      'Request_ResourceNotFound',
    ],
    [
      'a role that knows no units',
      { directoryScopeId: `/administrativeUnits/${administrativeUnits.stockholm.id}` },
      400,
      'Request_BadRequest',
    ],
    ['a group that takes no roles', { principalId: groups.sre.id }, 400, 'Request_BadRequest'],
    ['no principal at all', { principalId: undefined }, 400, 'Request_BadRequest'],
  ])('%s is refused', async (_, more, status, code) => {
    const answer = await plain('POST', assignments, grant(more))
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
  })

  test('a role at a unit is another grant than the same role everywhere', async () => {
    const scope = `/administrativeUnits/${administrativeUnits.stockholm.id}`
    const body = grant({ roleDefinitionId: roles.userAdministrator.id, directoryScopeId: scope })
    expect((await plain('POST', assignments, body)).status).toBe(201)
    expect(await tenant.holds('ada', 'User Administrator')).toBe(false)
    expect(await tenant.holds('ada', 'User Administrator', scope)).toBe(true)
  })

  test('role definitions carry the ids that are the same in every tenant', async () => {
    const { value } = await graph
      .api('/roleManagement/directory/roleDefinitions')
      .filter('isBuiltIn eq true')
      .get()
    expect(value).toHaveLength(16)
    const one = await graph
      .api(`/roleManagement/directory/roleDefinitions/${roles.globalAdministrator.templateId}`)
      .get()
    expect(one).toMatchObject({
      displayName: 'Global Administrator',
      isPrivileged: true,
      isBuiltIn: true,
      isEnabled: true,
    })
  })

  test('a body that is no JSON is refused', async () => {
    expect((await plain('POST', assignments, '{')).status).toBe(400)
  })
})

describe('groups', () => {
  const ref = (id: string) => ({ '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` })
  const members = `/groups/${groups.sre.id}/members`

  test('a member is added once, found, and removed once', async () => {
    expect((await plain('POST', `${members}/$ref`, ref(people.ada.id))).status).toBe(204)
    expect(await tenant.holds('ada', 'sre')).toBe(true)
    const again = await plain('POST', `${members}/$ref`, ref(people.ada.id))
    expect(again.status).toBe(400)
    expect(again.body.error.message).toBe(
      "One or more added object references already exist for the following modified properties: 'members'.",
    )
    expect((await plain('GET', `${members}/${people.ada.id}/$ref`)).status).toBe(200)
    expect((await plain('DELETE', `${members}/${people.ada.id}/$ref`)).status).toBe(204)
    const gone = await plain('DELETE', `${members}/${people.ada.id}/$ref`)
    expect(gone.status).toBe(400)
    expect(gone.body.error.message).toContain("do not exist for the following modified properties: 'members'")
    expect((await plain('DELETE', `${members}/${nobody}/$ref`)).status).toBe(404)
  })

  test.each([
    ['somebody unknown', groups.sre.id, nobody, 404],
    ['to an unknown group', nobody, people.ada.id, 404],
    ['to a group that a rule fills', groups.dynamicDevices.id, people.ada.id, 400],
    ['to a group mastered elsewhere', groups.synced.id, people.ada.id, 400],
    ['a group to a role-assignable group', groups.tierZero.id, groups.sre.id, 400],
    ['to a mail-enabled security group', groups.mailSecurity.id, people.ada.id, 400],
    ['to a distribution list', groups.newsletter.id, people.ada.id, 400],
    ['to a group in a restricted unit', groups.restricted.id, people.ada.id, 403],
    ['a unit', groups.sre.id, administrativeUnits.stockholm.id, 400],
    ['somebody to a Microsoft 365 group', groups.launchTeam.id, people.ada.id, 204],
  ])('adding %s is answered', async (_, group, object, status) => {
    expect((await plain('POST', `/groups/${group}/members/$ref`, ref(object))).status).toBe(status)
  })

  test('an owner is added and removed, but the last one stays, and no group owns', async () => {
    const owners = `/groups/${groups.roleApprovers.id}/owners`
    expect((await plain('DELETE', `${owners}/${people.grace.id}/$ref`)).body.error.message).toContain(
      'must have at least one owner',
    )
    expect((await plain('POST', `${owners}/$ref`, ref(people.linus.id))).status).toBe(204)
    expect((await plain('DELETE', `${owners}/${people.grace.id}/$ref`)).status).toBe(204)
    expect((await plain('POST', `${owners}/$ref`, ref(groups.sre.id))).status).toBe(400)
  })

  test('a group that a rule fills has owners who are chosen', async () => {
    const owners = `/groups/${groups.dynamicDevices.id}/owners/$ref`
    expect((await plain('POST', owners, ref(people.ada.id))).status).toBe(204)
  })

  test('a group has a hundred owners at most', async () => {
    const crowd = Array.from({ length: 100 }, (_, n) => ({ short: `owner${n}` }))
    await tenant.control('POST', '/people', crowd)
    const short = 'owned'
    const { id } = await tenant.control('POST', '/groups', { short, owners: crowd.map((one) => one.short) })
    const answer = await plain('POST', `/groups/${id}/owners/$ref`, ref(people.ada.id))
    expect([answer.status, answer.body.error.code]).toEqual([400, 'Request_BadRequest'])
  })

  test('applications are members and owners that no list of the group shows, as in v1.0', async () => {
    for (const [kind, theirs] of [
      ['members', 'memberOf'],
      ['owners', 'ownedObjects'],
    ]) {
      const { id } = servicePrincipals.deployer
      expect((await plain('POST', `/groups/${groups.sre.id}/${kind}/$ref`, ref(id))).status).toBe(204)
      const shown = (await plain('GET', `/groups/${groups.sre.id}/${kind}`)).body.value
      expect(shown.map((one: { id: string }) => one.id)).not.toContain(id)
      const held = (await plain('GET', `/servicePrincipals/${id}/${theirs}`)).body.value
      expect(held).toMatchObject([{ '@odata.type': '#microsoft.graph.group', id: groups.sre.id }])
    }
  })

  test('lists lag behind what was written, and what decides a write does not', async () => {
    await tenant.lag({ ms: 60_000 })
    expect((await plain('POST', `${members}/$ref`, ref(people.ada.id))).status).toBe(204)
    const shown = (await plain('GET', members)).body.value.map((one: { id: string }) => one.id)
    expect(shown).not.toContain(people.ada.id)
    expect((await plain('POST', `${members}/$ref`, ref(people.ada.id))).status).toBe(400)
    await tenant.lag({ ms: 0 })
  })

  test('a role-assignable group demands the right to manage roles', async () => {
    await tenant.control('PATCH', '/applications/interim', { permissions: ['Group.ReadWrite.All'] })
    const weaker = plainGraph(tenant.url, await appToken(tenant.url))
    expect((await weaker('POST', `${members}/$ref`, ref(people.ada.id))).status).toBe(204)
    expect(
      (await weaker('POST', `/groups/${groups.tierZero.id}/members/$ref`, ref(people.ada.id))).status,
    ).toBe(403)
  })

  test('without /$ref it is the person who is deleted, when the caller may', async () => {
    const slip = `${members}/${people.barbara.id}`
    expect((await plain('DELETE', slip)).status).toBe(403)
    await tenant.control('PATCH', '/applications/interim', {
      permissions: ['User.ReadWrite.All', 'Group.ReadWrite.All'],
    })
    const mighty = plainGraph(tenant.url, await appToken(tenant.url))
    expect((await mighty('DELETE', slip)).status).toBe(204)
    const { deletions, people: left } = await tenant.control('GET', '/state')
    expect(deletions).toEqual([
      expect.objectContaining({ id: people.barbara.id, kind: 'user', by: servicePrincipals.interim.id }),
    ])
    expect(left.map((p: { short: string }) => p.short)).not.toContain('barbara')
  })
})
