import { describe, expect, test } from 'vitest'
import { listAudit } from '../../src/api/audit.ts'
import { admit, type Who } from '../../src/api/authority.ts'
import { createEligibility, getEligibility } from '../../src/api/eligibilities.ts'
import { removeEligibility } from '../../src/api/eligibility-removal.ts'
import { changeRoleSettings, getRoleSettings } from '../../src/api/role-settings.ts'
import { NewEligibility } from '../../src/domain/eligibility.ts'
import type { Rule } from '../../src/domain/role-settings.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  dorothy,
  engineers,
  exchange,
  exchangeRole,
  grace,
  group,
  helpdeskRole,
  mallory,
  user,
} from '../fakes/people.ts'
import { approvalRule, enablement, world } from '../fakes/world.ts'

const refused = (status: number, code: string) => ({ name: 'Refused', status, code })
const eligibility = (more: object = {}) =>
  NewEligibility.parse({ principalId: ada.id, roleDefinitionId: exchange.id, ...more })
const between = (startDateTime: string, endDateTime: string) => ({
  scheduleInfo: { startDateTime, expiration: { type: 'afterDateTime', endDateTime } },
})

describe('who is admitted', () => {
  test.each<[Who, string[]]>([
    ['anyone', ['Ada', 'Grace', 'Alan', 'Dorothy', 'an app']],
    ['user', ['Ada', 'Grace', 'Alan', 'Dorothy']],
    ['reader', ['Alan', 'Dorothy']],
    ['administrator', ['Alan']],
  ])('%s', async (who, admitted) => {
    const w = world()
    const callers = [
      ...[ada, grace, alan, dorothy].map((each) => caller(each)),
      caller({ ...alan, displayName: 'an app' }, { kind: 'app' }),
    ]
    const names: string[] = []
    for (const each of callers)
      await admit(w.ports, each, who).then(
        () => names.push(each.kind === 'app' ? 'an app' : (each.displayName.split(' ')[0] as string)),
        (error) => expect(error).toMatchObject(refused(403, 'InsufficientPermissions')),
      )
    expect(names).toEqual(admitted)
  })

  test('a role that was taken away a moment ago admits nobody', async () => {
    const w = world()
    await admit(w.ports, caller(alan), 'administrator')
    for (const { id } of [...w.tenant.rows]) await w.ports.providers.directory.remove(id)
    await expect(admit(w.ports, caller(alan), 'administrator')).rejects.toMatchObject({ status: 403 })
  })
})

describe('eligibilities', () => {
  test('are made with their event, listed, and may be used at once', async () => {
    const w = world()
    const made = await createEligibility(w.ports, caller(alan), eligibility({ justification: ' on call ' }))
    expect(made).toMatchObject({
      endDateTime: null,
      createdBy: { id: alan.id },
      justification: 'on call',
      principalType: 'User',
    })
    expect([...w.views.byRole.values()]).toEqual([made])
    expect(w.steps(made.id)).toEqual(['added'])
    expect([...w.events.values()][0]).toMatchObject({
      activityDisplayName: 'Add eligible member to role in PIM completed (permanent)',
      initiatedBy: { id: alan.id },
      principal: { id: ada.id },
    })
    expect(await w.ask()).toMatchObject({ eligibilityId: made.id })
  })

  test('for a group are noted, so that its members are looked for', async () => {
    const w = world()
    const operators = { id: approversGroup, displayName: 'Operators', members: [grace.id] }
    w.tenant.groups.set(approversGroup, { ...operators, isAssignableToRole: true })
    await createEligibility(w.ports, caller(alan), eligibility({ principalId: approversGroup }))
    expect([...w.views.groups]).toEqual([approversGroup])
    expect(await w.ask({}, grace)).toMatchObject({ status: 'Granted' })
  })

  test.each<[string, object, number, string]>([
    ['oneself', { principalId: alan.id }, 403, 'InsufficientPermissions'],
    ['nobody known', { principalId: '00000000-0000-4000-8000-00000000dead' }, 400, 'SubjectNotFound'],
    ['no known role', { roleDefinitionId: '00000000-0000-4000-8000-00000000dead' }, 400, 'RoleNotFound'],
    [
      'no time at all',
      between('2030-02-01T00:00:00Z', '2030-02-01T00:04:59Z'),
      400,
      'InvalidRoleAssignmentRequestSchedule',
    ],
    [
      'a time that is past',
      between('2029-01-01T00:00:00Z', '2029-12-31T00:00:00Z'),
      400,
      'InvalidRoleAssignmentRequestSchedule',
    ],
    [
      'a time that ends now',
      between('2029-01-01T00:00:00Z', '2030-01-01T09:00:00Z'),
      400,
      'InvalidRoleAssignmentRequestSchedule',
    ],
  ])('are not made for %s', async (_name, more, status, code) => {
    const w = world()
    await expect(createEligibility(w.ports, caller(alan), eligibility(more))).rejects.toMatchObject(
      refused(status, code),
    )
    expect([w.eligibilities.size, w.events.size, w.views.due.size]).toEqual([0, 0, 0])
  })

  test('that overlap are refused, those that touch are not', async () => {
    const w = world()
    const january = between('2030-01-01T09:00:00Z', '2030-02-01T00:00:00Z')
    const february = between('2030-02-01T00:00:00Z', '2030-03-01T00:00:00Z')
    await createEligibility(w.ports, caller(alan), eligibility(january))
    await createEligibility(w.ports, caller(alan), eligibility(february))
    for (const more of [january, {}, between('2030-01-31T00:00:00Z', '2030-02-02T00:00:00Z')])
      await expect(createEligibility(w.ports, caller(alan), eligibility(more))).rejects.toMatchObject(
        refused(400, 'RoleAssignmentExists'),
      )
    await createEligibility(w.ports, caller(alan), eligibility({ scope: `/${engineers}` }))
  })

  test('are taken away with their event, and then nothing new rests upon them', async () => {
    const w = world()
    const { id } = await createEligibility(w.ports, caller(alan), eligibility())
    w.at('2030-01-01T09:05:00.000Z')
    await removeEligibility(w.ports, caller(alan), id)
    expect([w.eligibilities.size, w.views.byRole.size, w.steps(id)]).toEqual([0, 0, ['added', 'removed']])
    await expect(w.ask()).rejects.toMatchObject({ status: 400 })
    await expect(removeEligibility(w.ports, caller(alan), id)).rejects.toMatchObject(
      refused(404, 'ResourceNotFound'),
    )
  })

  test('of one’s own are not taken away either', async () => {
    const w = world()
    const { id } = await w.makeEligible(alan.id)
    await expect(removeEligibility(w.ports, caller(alan), id)).rejects.toMatchObject(
      refused(403, 'InsufficientPermissions'),
    )
    expect(w.eligibilities.size).toBe(1)
  })
})

describe('one eligibility', () => {
  test.each<[string, typeof ada, boolean]>([
    ['whose it is', ada, true],
    ['who administers the role', alan, true],
    ['who may look on', dorothy, true],
    ['a colleague', grace, false],
    ['anybody else', mallory, false],
  ])('for %s', async (_who, who, sees) => {
    const w = world()
    const made = await w.makeEligible(ada.id, exchangeRole, {})
    const asked = getEligibility(w.ports, caller(who), made.id)
    if (sees) expect(await asked).toEqual(made)
    else await expect(asked).rejects.toMatchObject(refused(404, 'ResourceNotFound'))
  })

  test('that is not there is told to everybody in the same words', async () => {
    const w = world()
    const id = `elig-${'0'.repeat(32)}-${'0'.repeat(21)}`
    for (const who of [ada, alan, mallory])
      await expect(getEligibility(w.ports, caller(who), id)).rejects.toMatchObject(
        refused(404, 'ResourceNotFound'),
      )
  })
})

describe('the settings of a role', () => {
  const longest = (maximumDuration: string): Rule => ({
    '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
    id: 'Expiration_EndUser_Assignment',
    isExpirationRequired: true,
    maximumDuration,
  })
  const change = (w: ReturnType<typeof world>, ...rules: Rule[]) =>
    changeRoleSettings(w.ports, caller(alan), exchangeRole, { rules, justification: 'policy 7' })

  test('are Microsoft’s defaults until somebody changes them', async () => {
    const w = world()
    expect((await getRoleSettings(w.ports, exchangeRole)).settings).toMatchObject({
      version: 0,
      own: { lastModifiedBy: null },
    })
    const { settings } = await change(w, longest('PT2H'))
    expect(settings).toMatchObject({ version: 1, own: { lastModifiedBy: { id: alan.id } } })
    expect((await change(w, enablement('Ticketing'))).settings).toMatchObject({ version: 2 })
    expect((await getRoleSettings(w.ports, helpdeskRole)).settings.version).toBe(0)
    await w.makeEligible(ada.id)
    await expect(
      w.ask({ scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT3H' } } }),
    ).rejects.toMatchObject({
      details: [{ code: 'ExpirationRule' }, { code: 'TicketingRule' }],
    })
  })

  test('are changed with an event that says what, and why', async () => {
    const w = world()
    await change(w, longest('PT2H'))
    expect([...w.events.values()]).toMatchObject([
      {
        activityDisplayName: 'Update role setting in PIM',
        resultReason: 'policy 7',
        initiatedBy: { id: alan.id },
        additionalDetails: [{ key: 'version', value: '1' }, { key: 'Expiration_EndUser_Assignment' }],
      },
    ])
    expect(w.views.indexed.size).toBe(1)
  })

  test('of two changes at once none is lost', async () => {
    const w = world()
    await Promise.all([change(w, longest('PT2H')), change(w, enablement('Ticketing'))])
    const { settings } = await getRoleSettings(w.ports, exchangeRole)
    expect(settings.version).toBe(2)
    expect(settings.rules).toEqual(expect.arrayContaining([longest('PT2H'), enablement('Ticketing')]))
    expect([...w.events.values()].map(({ additionalDetails }) => additionalDetails[0]?.value).sort()).toEqual(
      ['1', '2'],
    )
  })

  test('note the groups that may approve', async () => {
    const w = world()
    await change(w, approvalRule([group(approversGroup), user(grace.id)]))
    expect([...w.views.groups]).toEqual([approversGroup])
  })

  test.each<[string, Rule[], string]>([
    ['too long', [longest('P2D')], 'InvalidPolicy'],
    ['an approval by nobody', [approvalRule([])], 'InvalidPolicy'],
    [
      'an approver who is not in the directory',
      [approvalRule([user('00000000-0000-4000-8000-00000000dead')])],
      'InvalidPolicy',
    ],
    ['a group that is not in the directory', [approvalRule([group(engineers)])], 'InvalidPolicy'],
    [
      'a context and a second factor',
      [
        enablement('MultiFactorAuthentication'),
        {
          '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule',
          id: 'AuthenticationContext_EndUser_Assignment',
          isEnabled: true,
          claimValue: 'c1',
        },
      ],
      'MfaAndAcrsConflict',
    ],
  ])('are refused: %s', async (_name, rules, code) => {
    const w = world()
    await expect(change(w, ...rules)).rejects.toMatchObject({ ...refused(400, code), details: [{ code }] })
    expect([(await getRoleSettings(w.ports, exchangeRole)).settings.version, w.events.size]).toEqual([0, 0])
  })

  test('are refused with every fault at once', async () => {
    const w = world()
    const attempt = change(
      w,
      longest('P2D'),
      approvalRule([user('00000000-0000-4000-8000-00000000dead'), group(engineers)]),
    )
    await expect(attempt).rejects.toMatchObject({ details: [{}, {}, {}] })
  })

  test('of a role that is not there are not found', async () => {
    const w = world()
    await expect(
      getRoleSettings(w.ports, { ...exchangeRole, roleDefinitionId: mallory.id }),
    ).rejects.toMatchObject(refused(404, 'ResourceNotFound'))
  })
})

describe('the audit trail', () => {
  const ALL = { role: null }
  const page = { top: 50, after: null }
  async function trail() {
    const w = world()
    await createEligibility(w.ports, caller(alan), eligibility())
    const { id } = await w.ask()
    await w.ports.views.indexEvents(await w.ports.store.eventsOf(id))
    for (const { events } of w.post.eligibilityNotices) await w.ports.views.indexEvents(events)
    return w
  }

  test.each([
    ['an administrator', alan],
    ['one who may look on', dorothy],
  ])('is all there for %s', async (_who, who) => {
    const w = await trail()
    expect((await listAudit(w.ports, caller(who), ALL, page)).items).toHaveLength(2)
    expect((await listAudit(w.ports, caller(who), { ...ALL, principalId: ada.id }, page)).items).toHaveLength(
      2,
    )
    expect((await listAudit(w.ports, caller(who), { role: exchangeRole }, page)).items).toHaveLength(2)
    expect((await listAudit(w.ports, caller(who), { role: helpdeskRole }, page)).items).toEqual([])
  })

  test('shows people what concerns them, and no more', async () => {
    const w = await trail()
    expect((await listAudit(w.ports, caller(ada), { ...ALL, principalId: ada.id }, page)).items).toHaveLength(
      2,
    )
    for (const query of [ALL, { ...ALL, principalId: alan.id }, { role: exchangeRole }])
      await expect(listAudit(w.ports, caller(ada), query, page)).rejects.toMatchObject(
        refused(403, 'InsufficientPermissions'),
      )
  })

  test('is asked by person or by role, not by both', async () => {
    const w = await trail()
    await expect(
      listAudit(w.ports, caller(alan), { principalId: ada.id, role: exchangeRole }, page),
    ).rejects.toMatchObject(refused(400, 'BadRequest'))
  })
})
