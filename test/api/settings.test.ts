import { describe, expect, test } from 'vitest'
import { deliver } from '../../src/activities/deliver.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { changeRoleSettings, getRoleSettings, resetRoleSettings } from '../../src/api/role-settings.ts'
import { settingsAnswer } from '../../src/api/settings-answers.ts'
import { decideSettingsChange, listSettingsChanges } from '../../src/api/settings-changes.ts'
import { applyTier, getTier, listTiers, putTier, removeTier } from '../../src/api/tiers.ts'
import { ADMINISTRATORS, type Role } from '../../src/domain/role.ts'
import { defaultRules, type Rule } from '../../src/domain/role-settings.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  dorothy,
  exchange,
  exchangeRole,
  grace,
  group,
  helpdeskRole,
  linus,
  mallory,
  user,
} from '../fakes/people.ts'
import { approvalRule, enablement, lasting, type World, world } from '../fakes/world.ts'

const refused = (status: number, code: string) => ({ name: 'Refused', status, code })
const longest = (maximumDuration: string): Rule => ({
  '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
  id: 'Expiration_EndUser_Assignment',
  isExpirationRequired: true,
  maximumDuration,
})
const page = { top: 50, after: null }
const change = (w: World, rules: Rule[], more: object = {}, who = alan, role: Role = exchangeRole) =>
  changeRoleSettings(w.ports, caller(who), role, { rules, ...more })

const ROOT = '/providers/microsoft.management/managementgroups/root'
const SUB = '/subscriptions/55555555-0000-4000-8000-000000000001'
const GROUP = `${SUB}/resourcegroups/web`
const ABOVE: Record<string, string[]> = { [GROUP]: [SUB, ROOT], [SUB]: [ROOT], [ROOT]: [] }
const at = (scope: string): Role => ({ ...exchangeRole, provider: 'azure', scope })

/** Azure in memory: the same role at three scopes, one in the other. */
function azureWorld() {
  const w = world()
  const reads: string[] = []
  const { read } = w.ports.settings
  w.ports.settings.read = (role, fresh) => {
    reads.push(role.scope)
    return read(role, fresh)
  }
  w.ports.providers.azure = {
    ...w.ports.providers.directory,
    scopesAbove: async (scope) => ABOVE[scope] ?? [],
  }
  return { ...w, reads }
}

describe('settings of an Azure role', () => {
  test('come from the nearest scope that sets them, rule by rule, with one read for each level', async () => {
    const w = azureWorld()
    await change(w, [longest('PT2H'), enablement('Ticketing')], {}, alan, at(ROOT))
    await change(w, [longest('PT1H')], {}, alan, at(SUB))
    w.reads.length = 0
    const answer = await settingsAnswer(w.ports, await getRoleSettings(w.ports, at(GROUP)))
    expect(w.reads).toEqual([GROUP, SUB, ROOT])
    expect([answer.ownRules, answer.version, answer.rules.length]).toEqual([[], 2, 17])
    expect(answer.rules).toEqual(expect.arrayContaining([longest('PT1H'), enablement('Ticketing')]))
    expect(answer.origins).toEqual(
      expect.arrayContaining([
        { id: 'Expiration_EndUser_Assignment', from: 'inherited', scope: SUB },
        { id: 'Enablement_EndUser_Assignment', from: 'inherited', scope: ROOT },
        { id: 'Approval_EndUser_Assignment', from: 'default', scope: null },
      ]),
    )
  })

  test('are what an activation is measured by', async () => {
    const w = azureWorld()
    await change(w, [longest('PT1H')], {}, alan, at(ROOT))
    await w.makeEligible(ada.id, at(GROUP))
    const where = { provider: 'azure', scope: GROUP }
    await expect(w.ask({ ...where, ...lasting('PT2H') })).rejects.toMatchObject({
      details: [{ code: 'ExpirationRule' }],
    })
    await change(w, [longest('PT3H')], {}, alan, at(SUB))
    expect(await w.ask({ ...where, ...lasting('PT2H') })).toMatchObject({
      status: 'Granted',
      settingsVersion: 2,
    })
  })

  test('are changed at exactly one scope, and return to what is inherited, recorded', async () => {
    const w = azureWorld()
    await change(w, [longest('PT2H')], {}, alan, at(SUB))
    const own = await change(w, [longest('PT1H')], {}, alan, at(GROUP))
    expect(own.settings.origins.find(({ id }) => id === 'Expiration_EndUser_Assignment')?.from).toBe('own')
    const reset = await resetRoleSettings(w.ports, caller(alan), at(GROUP), { isValidationOnly: false })
    expect(reset).toMatchObject({
      outcome: 'changed',
      settings: { version: 3, own: { rules: [], version: 2 } },
    })
    expect(reset.settings.rules).toContainEqual(longest('PT2H'))
    expect((await getRoleSettings(w.ports, at(SUB))).settings.own.rules).toEqual([longest('PT2H')])
    expect([...w.events.values()].at(-1)?.additionalDetails).toEqual([
      { key: 'version', value: '2' },
      { key: 'Expiration_EndUser_Assignment', value: '"inherited"' },
    ])
    expect(
      (await resetRoleSettings(w.ports, caller(alan), at(GROUP), { isValidationOnly: false })).outcome,
    ).toBe('unchanged')
  })

  test.each([
    ['above, which is taken over', GROUP, ROOT],
    ['below, where it may be activated too', ROOT, GROUP],
  ])('are not loosened by whoever is eligible, at a scope %s', async (_, eligible, scope) => {
    const w = azureWorld()
    await w.makeEligible(alan.id, at(eligible))
    await expect(change(w, [enablement()], {}, alan, at(scope))).rejects.toMatchObject({ status: 403 })
    const beside = { ...at(scope), roleDefinitionId: helpdeskRole.roleDefinitionId }
    expect((await change(w, [enablement()], {}, alan, beside)).outcome).toBe('changed')
  })

  test('let no tickets pass by the first check of them, set by whoever is eligible further down, where another rule asks', async () => {
    const w = azureWorld()
    const rule = approvalRule([user(grace.id)])
    const autoApproval = [{ description: 'With a ticket', isTicketRequired: true }]
    const byTicket = { ...rule, setting: { ...rule.setting, autoApproval } }
    await change(w, [byTicket], {}, alan, at(GROUP))
    await w.makeEligible(alan.id, at(GROUP))
    const first = { ...enablement('Justification', 'Ticketing'), ticketPattern: '.+' } as Rule
    await expect(change(w, [first], {}, alan, at(ROOT))).rejects.toMatchObject({ status: 403 })
    const without = enablement('Justification', 'Ticketing')
    expect((await change(w, [without], {}, alan, at(ROOT))).outcome).toBe('changed')
  })

  test('are refused where what is inherited makes a conflict', async () => {
    const w = azureWorld()
    await change(w, [enablement('MultiFactorAuthentication')], {}, alan, at(ROOT))
    const context: Rule = {
      '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule',
      id: 'AuthenticationContext_EndUser_Assignment',
      isEnabled: true,
      claimValue: 'c1',
    }
    await expect(change(w, [context], {}, alan, at(GROUP))).rejects.toMatchObject(
      refused(400, 'MfaAndAcrsConflict'),
    )
  })
})

describe('a change', () => {
  test('that changes nothing makes no version and no event', async () => {
    const w = world()
    await change(w, [longest('PT2H')])
    expect(await change(w, [longest('PT2H')])).toMatchObject({
      outcome: 'unchanged',
      settings: { version: 1 },
    })
    expect(w.events.size).toBe(1)
  })

  test('of the whole tenant is not for who administers nothing', async () => {
    await expect(change(world(), [longest('PT2H')], {}, mallory)).rejects.toMatchObject(
      refused(403, 'InsufficientPermissions'),
    )
  })
})

describe('a request is judged by what it was made under and by what holds now:', () => {
  async function waiting(...rules: Rule[]) {
    const w = world()
    await w.makeEligible(ada.id)
    await w.changeRules([approvalRule([user(grace.id), user(linus.id)]), ...rules])
    return { w, request: await w.ask() }
  }

  test('it keeps what was asked for', async () => {
    const { w, request } = await waiting(enablement('Justification'))
    expect(w.row(request.id).madeUnder).toMatchObject({
      version: 1,
      justification: true,
      approval: { stages: [{ people: [{ approvers: [user(grace.id), user(linus.id)] }] }] },
    })
  })

  test('what is asked for only since refuses the approval', async () => {
    const { w, request } = await waiting()
    await w.changeRules([enablement('Ticketing')])
    await expect(w.decide(request, 'Approve')).rejects.toMatchObject({ details: [{ code: 'TicketingRule' }] })
  })

  test('an approver of only one of the two lists is none, and where no one is on both, nobody can approve', async () => {
    const { w, request } = await waiting()
    await w.changeRules([approvalRule([user(linus.id)])])
    await expect(w.decide(request, 'Approve', grace)).rejects.toMatchObject({ status: 403 })
    expect(await w.decide(request, 'Approve', linus)).toMatchObject({ status: 'Granted' })
  })

  test('an approver’s reason that is asked for only since is asked for', async () => {
    const { w, request } = await waiting(
      approvalRule([user(grace.id)], { isApproverJustificationRequired: false }),
    )
    await w.changeRules([approvalRule([user(grace.id)])])
    const { decide } = await import('../../src/api/approvals.ts')
    await expect(
      decide(w.ports, w.workflows, grace, request.id, { reviewResult: 'Approve' }, 'api'),
    ).rejects.toMatchObject({ details: [{ code: 'JustificationRule' }] })
  })
})

describe('a dry run', () => {
  test('says what would change, for whom it gets harder, who loses a say, and changes nothing', async () => {
    const w = world()
    await w.ports.views.listEligibility(await w.makeEligible(ada.id))
    await w.ports.views.listEligibility(await w.makeEligible(grace.id))
    await w.changeRules([approvalRule([user(linus.id)]), longest('PT1H')])
    const request = await w.ask()
    const wanted = [longest('PT4H'), enablement('Justification', 'Ticketing'), approvalRule([user(grace.id)])]
    const { outcome, effect, settings } = await change(w, wanted, { isValidationOnly: true })
    expect([outcome, settings.version, w.events.size]).toEqual(['validated', 1, w.steps(request.id).length])
    expect(effect?.rules).toEqual([
      'Expiration_EndUser_Assignment',
      'Enablement_EndUser_Assignment',
      'Approval_EndUser_Assignment',
    ])
    expect(effect?.differences).toEqual([
      { what: 'maximumDuration', effect: 'easier', from: 'PT1H', to: 'PT4H' },
      { what: 'ticket', effect: 'harder', from: 'no', to: 'yes' },
      { what: 'approvers', effect: 'other', from: linus.id, to: grace.id },
    ])
    expect(effect?.approvers).toEqual({ gain: [user(grace.id)], lose: [user(linus.id)] })
    expect(effect?.principals).toEqual([
      expect.objectContaining({
        id: ada.id,
        harder: ['ticket'],
        easier: ['maximumDuration'],
        isBlocked: false,
      }),
      expect.objectContaining({ id: grace.id, isBlocked: true }),
    ])
    expect(effect?.requests).toMatchObject([{ id: request.id, principalId: ada.id, outcome: 'refused' }])
    expect(effect?.isComplete).toBe(true)
  })

  test('names the requests that nobody could decide any more', async () => {
    const w = world()
    await w.ports.views.listEligibility(
      await w.makeEligible(approversGroup, exchangeRole, { principalType: 'Group' }),
    )
    await w.changeRules([approvalRule([user(alan.id)])])
    const request = await w.ask({}, linus)
    const { effect } = await change(w, [approvalRule([user(grace.id)])], { isValidationOnly: true })
    expect(effect?.requests).toMatchObject([
      { id: request.id, principalId: linus.id, outcome: 'undecidable' },
    ])
    const same = await change(w, [approvalRule([user(grace.id), user(alan.id)])], { isValidationOnly: true })
    expect(same.effect?.requests).toEqual([])
  })

  test('is refused as the change would be', async () => {
    const attempt = change(world(), [longest('P2D')], { isValidationOnly: true })
    await expect(attempt).rejects.toMatchObject(refused(400, 'InvalidPolicy'))
  })
})

describe('tiers', () => {
  const body = (...rules: Rule[]) => ({ displayName: 'High', description: '', rules })
  const apply = (w: World, roles: Role[], more: object = {}, who = alan) =>
    applyTier(w.ports, caller(who), 'high', { roles, isValidationOnly: false, ...more })

  test('are made, replaced, listed and taken back, each with its event; and counted on after that', async () => {
    const w = world()
    expect(await putTier(w.ports, caller(alan), 'high', body(longest('PT1H')))).toMatchObject({ version: 1 })
    expect(await putTier(w.ports, caller(alan), 'high', body(longest('PT1H')))).toMatchObject({ version: 1 })
    expect(await putTier(w.ports, caller(alan), 'high', body(longest('PT2H')))).toMatchObject({ version: 2 })
    expect((await listTiers(w.ports)).map(({ name }) => name)).toEqual(['high'])
    await removeTier(w.ports, caller(alan), 'high')
    expect(await listTiers(w.ports)).toEqual([])
    await expect(getTier(w.ports, 'high')).rejects.toMatchObject({ status: 404 })
    expect((await putTier(w.ports, caller(alan), 'high', body(longest('PT2H')))).version).toBe(4)
    expect(w.events.size).toBe(4)
  })

  test.each<[string, Rule[], string]>([
    ['too long', [longest('P2D')], 'InvalidPolicy'],
    ['an approval by nobody', [approvalRule([])], 'InvalidPolicy'],
  ])('are refused: %s', async (_name, rules, code) => {
    await expect(putTier(world().ports, caller(alan), 'high', body(...rules))).rejects.toMatchObject(
      refused(400, code),
    )
  })

  test('are applied to many roles, each with its own outcome; what a role sets besides stays', async () => {
    const w = world()
    await putTier(w.ports, caller(alan), 'high', body(longest('PT1H')))
    await change(w, [enablement('Ticketing')])
    const nobody = { ...exchangeRole, roleDefinitionId: mallory.id }
    const outcomes = await apply(w, [exchangeRole, helpdeskRole, nobody])
    expect(outcomes).toMatchObject([
      { changed: { outcome: 'changed' } },
      { changed: { outcome: 'changed' } },
      { refused: { status: 404 } },
    ])
    expect((await getRoleSettings(w.ports, exchangeRole)).settings.own).toMatchObject({
      rules: [longest('PT1H'), enablement('Ticketing')],
      tier: { name: 'high', version: 1 },
    })
    expect(await apply(w, [exchangeRole])).toMatchObject([{ changed: { outcome: 'unchanged' } }])
    expect(await apply(w, [exchangeRole], {}, mallory)).toMatchObject([{ refused: { status: 403 } }])
    expect(await apply(w, [exchangeRole], { isValidationOnly: true })).toMatchObject([
      { changed: { outcome: 'validated' } },
    ])
  })

  test('show which roles have drifted from them, and which are behind', async () => {
    const w = world()
    const tierOf = async () =>
      (await settingsAnswer(w.ports, await getRoleSettings(w.ports, exchangeRole))).tier
    await putTier(w.ports, caller(alan), 'high', body(longest('PT1H')))
    expect(await tierOf()).toBeNull()
    await apply(w, [exchangeRole])
    expect(await tierOf()).toEqual({ name: 'high', version: 1, driftedRules: [], isOutdated: false })
    await change(w, [longest('PT8H')])
    expect(await tierOf()).toMatchObject({
      driftedRules: ['Expiration_EndUser_Assignment'],
      isOutdated: false,
    })
    await apply(w, [exchangeRole])
    await putTier(w.ports, caller(alan), 'high', body(longest('PT2H')))
    expect(await tierOf()).toMatchObject({
      driftedRules: ['Expiration_EndUser_Assignment'],
      isOutdated: true,
    })
    await removeTier(w.ports, caller(alan), 'high')
    expect(await tierOf()).toMatchObject({ version: 1, isOutdated: true })
  })

  test('can be applied together with a role’s own rules, in one change; one that is not there is refused', async () => {
    const w = world()
    await putTier(w.ports, caller(alan), 'high', body(longest('PT1H'), enablement('Ticketing')))
    const { settings } = await change(w, [longest('PT3H')], { tier: 'high' })
    expect(settings.own).toMatchObject({
      version: 1,
      rules: [longest('PT3H'), enablement('Ticketing')],
      tier: { name: 'high' },
    })
    expect((await change(w, [], { tier: null })).settings.own.tier).toBeNull()
    await expect(change(w, [], { tier: 'low' })).rejects.toMatchObject(refused(400, 'InputPolicyNotFound'))
  })
})

describe('where settings need two', () => {
  const deciding = (w: World, who: typeof alan, id: string | null, reviewResult: 'Approve' | 'Deny') =>
    decideSettingsChange(w.ports, caller(who), id as string, { reviewResult, justification: 'seen' })

  async function asked() {
    const w = world()
    w.ports.settingsNeedTwo = true
    w.tenant.give(dorothy.id, { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[1] as string })
    const { outcome, changeId, settings } = await change(w, [longest('PT2H')], { justification: 'policy 7' })
    expect([outcome, settings.version]).toEqual(['pending', 0])
    return { w, id: changeId }
  }
  const waiting = async (w: World, who = dorothy) =>
    (await listSettingsChanges(w.ports, caller(who), page)).items.map(({ id }) => id)

  test('a change waits, is seen by those who may decide, and is made when another confirms it; both are recorded', async () => {
    const { w, id } = await asked()
    expect([await waiting(w), await waiting(w, mallory)]).toEqual([[id], []])
    w.at('2030-01-01T09:01:00.000Z')
    expect(await deciding(w, dorothy, id, 'Approve')).toMatchObject({
      status: 'Applied',
      decidedBy: { id: dorothy.id },
    })
    expect((await getRoleSettings(w.ports, exchangeRole)).settings).toMatchObject({
      version: 1,
      own: { rules: [longest('PT2H')], pendingChangeId: null, lastModifiedBy: { id: alan.id } },
    })
    expect(await waiting(w)).toEqual([])
    expect(await w.ports.store.eventsOf(id as string)).toMatchObject([
      { activityDisplayName: 'Update role setting in PIM requested', initiatedBy: { id: alan.id } },
      { activityDisplayName: 'Update role setting in PIM approved', initiatedBy: { id: dorothy.id } },
      {
        activityDisplayName: 'Update role setting in PIM',
        initiatedBy: { id: alan.id },
        resultReason: 'policy 7',
      },
    ])
  })

  test('nobody confirms their own; they may take it back', async () => {
    const { w, id } = await asked()
    await expect(deciding(w, alan, id, 'Approve')).rejects.toMatchObject({ status: 403 })
    expect((await getRoleSettings(w.ports, exchangeRole)).settings.version).toBe(0)
    expect((await deciding(w, alan, id, 'Deny')).status).toBe('Canceled')
    await expect(deciding(w, dorothy, id, 'Approve')).rejects.toMatchObject({ status: 409 })
  })

  test('who administers nothing decides nothing', async () => {
    const { w, id } = await asked()
    for (const result of ['Approve', 'Deny'] as const)
      await expect(deciding(w, mallory, id, result)).rejects.toMatchObject({ status: 403 })
  })

  test('the same answer again is answered as the first was; another is too late', async () => {
    const { w, id } = await asked()
    const first = await deciding(w, dorothy, id, 'Deny')
    expect(first.status).toBe('Denied')
    expect(await deciding(w, dorothy, id, 'Deny')).toEqual(first)
    await expect(deciding(w, dorothy, id, 'Approve')).rejects.toMatchObject({ status: 409 })
    expect((await getRoleSettings(w.ports, exchangeRole)).settings.own).toMatchObject({
      version: 0,
      pendingChangeId: null,
    })
  })

  test('a second change waits for the first to be decided', async () => {
    const { w, id } = await asked()
    await expect(change(w, [longest('PT1H')], {}, dorothy)).rejects.toMatchObject({ status: 409 })
    await deciding(w, dorothy, id, 'Deny')
    expect((await change(w, [longest('PT1H')], {}, dorothy)).outcome).toBe('pending')
  })

  test('what has been overtaken, or names approvers who have left, is not applied', async () => {
    const { w, id } = await asked()
    w.ports.settingsNeedTwo = false
    await change(w, [longest('PT1H')])
    await expect(deciding(w, dorothy, id, 'Approve')).rejects.toMatchObject(refused(409, 'ConcurrentUpdate'))
    w.ports.settingsNeedTwo = true
    await deciding(w, dorothy, id, 'Deny')
    const { changeId } = await change(w, [approvalRule([group(approversGroup)])])
    w.tenant.groups.delete(approversGroup)
    await expect(deciding(w, dorothy, changeId, 'Approve')).rejects.toMatchObject(
      refused(400, 'InvalidPolicy'),
    )
  })

  test('what a role may not have that has come to be privileged meanwhile is not applied', async () => {
    const { w, id } = await asked()
    await deciding(w, dorothy, id, 'Deny')
    const silent = approvalRule([user(grace.id)], { timeOutAction: 'Approve' })
    const { changeId } = await change(w, [silent])
    w.tenant.definitions.set(exchange.id, { ...exchange, isPrivileged: true })
    await expect(deciding(w, dorothy, changeId, 'Approve')).rejects.toMatchObject(
      refused(400, 'InvalidPolicy'),
    )
  })

  const mailed = async (w: World) => {
    w.post.mails.length = 0
    for (const notice of w.post.settings.splice(0)) await deliver(w.ports, notice)
    return w.post.mails.map(({ to, subject }) => `${to.displayName.split(' ')[0]}: ${subject}`)
  }

  test('the other administrators are told that it waits, and who asked for it what became of it, whatever the rules say', async () => {
    const { w, id } = await asked()
    await w.changeRules(
      defaultRules().flatMap((rule) =>
        'notificationLevel' in rule ? [{ ...rule, notificationLevel: 'None' as const }] : [],
      ),
      helpdeskRole.roleDefinitionId,
    )
    expect(await mailed(w)).toEqual([
      'Dorothy: PIM: Alan Turing asks to change the settings of Exchange Administrator',
    ])
    await deciding(w, dorothy, id, 'Deny')
    expect(await mailed(w)).toEqual([
      'Alan: PIM: Your change of the settings of Exchange Administrator was turned down by Dorothy Vaughan',
    ])
  })

  test('nobody is told of what was taken back, nor asked once it is decided', async () => {
    const { w, id } = await asked()
    await deciding(w, alan, id, 'Deny')
    expect(await mailed(w)).toEqual([])
  })

  test('what a dying process has told nobody is told by the sweep, once', async () => {
    const { w } = await asked()
    w.post.settings.length = 0
    w.at('2030-01-01T09:05:00.000Z')
    await sweep(w.ports, w.workflows)
    expect(await mailed(w)).toHaveLength(1)
    await sweep(w.ports, w.workflows)
    expect(await mailed(w)).toEqual([])
  })

  test('the sweep keeps it on the list as long as it waits, and not longer', async () => {
    const { w, id } = await asked()
    w.at('2030-01-01T09:05:00.000Z')
    await sweep(w.ports, w.workflows)
    expect([await waiting(w), w.views.due.size]).toEqual([[id], 0])
    await deciding(w, dorothy, id, 'Approve')
    w.at('2030-01-01T09:10:00.000Z')
    await sweep(w.ports, w.workflows)
    expect([await waiting(w), w.views.due.size, w.views.awaiting.size]).toEqual([[], 0, 0])
  })

  test('a tier that is applied waits too', async () => {
    const w = world()
    w.ports.settingsNeedTwo = true
    await putTier(w.ports, caller(alan), 'high', {
      displayName: '',
      description: '',
      rules: [longest('PT1H')],
    })
    const roles = [exchangeRole, helpdeskRole]
    const outcomes = await applyTier(w.ports, caller(alan), 'high', { roles, isValidationOnly: false })
    expect(outcomes).toMatchObject([{ changed: { outcome: 'pending' } }, { changed: { outcome: 'pending' } }])
  })
})

test('a dry run for a role that is to be assigned for good says who gains and who loses, and nothing of the assigned', async () => {
  const w = world()
  await w.ports.views.listEligibility(await w.makeEligible(ada.id))
  const startDateTime = '2030-01-02T09:00:00.000Z'
  await w.assign(ada.id, { scheduleInfo: { startDateTime, expiration: { type: 'noExpiration' } } })
  const { effect } = await change(w, [enablement('Ticketing')], { isValidationOnly: true })
  expect(effect).toMatchObject({ principals: [{ id: ada.id, harder: ['ticket'] }], requests: [] })
})
