import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { compare } from '../../src/activities/compare.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { removeAssignment } from '../../src/api/assignments.ts'
import { Conversion, convertAll } from '../../src/api/conversions.ts'
import { administer } from '../../src/api/eligibilities.ts'
import { endEarly } from '../../src/api/endings.ts'
import { requestExtension } from '../../src/api/extensions.ts'
import { govern, release } from '../../src/api/governed.ts'
import { changeRoleSettings } from '../../src/api/role-settings.ts'
import { decideSettingsChange } from '../../src/api/settings-changes.ts'
import { applyTier, putTier, removeTier } from '../../src/api/tiers.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { EligibilityAction } from '../../src/domain/eligibility.ts'
import { SelfExtend } from '../../src/domain/extension.ts'
import { ADMINISTRATORS } from '../../src/domain/role.ts'
import { Unavailable } from '../../src/ports.ts'
import {
  ada,
  alan,
  caller,
  dorothy,
  engineers,
  exchangeRole,
  grace,
  linus,
  mallory,
} from '../fakes/people.ts'
import { enablement, lasting, type World, world } from '../fakes/world.ts'

const at = (clock: string) => `2030-01-01T${clock}:00.000Z`
const GLOBAL = { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[0] as string }
const step = (w: World, { id }: { id: string }) =>
  advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 })
const used = (w: World) =>
  [...w.events.values()].filter(({ id }) => id.startsWith('use-')).map(({ resultReason }) => resultReason)

describe('whoever gives a role back', () => {
  test('is left with nothing of an extension that is just being given', async () => {
    const w = world()
    await w.makeEligible(ada.id)
    const first = await w.ask()
    await step(w, first)
    w.at(at('09:30'))
    const longer = await w.ask({
      action: 'selfExtend',
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT2H' } },
    })
    const { writeRequest } = w.ports.store
    w.ports.store.writeRequest = async (read, next) => {
      if (next.request.status === 'Provisioned') throw new Unavailable('It died before it could say so.')
      return writeRequest(read, next)
    }
    await expect(step(w, longer)).rejects.toThrow('It died')
    w.ports.store.writeRequest = writeRequest
    expect(w.row(longer.id).status).toBe('PendingProvisioning')

    await deactivate(w.ports, w.workflows, caller(ada), exchangeRole)
    expect([w.row(longer.id).status, w.row(first.id).status]).toEqual([
      'PendingRevocation',
      'PendingRevocation',
    ])
    for (const each of [longer, first]) await step(w, each)
    for (const clock of ['09:35', '09:40']) {
      w.at(at(clock))
      await sweep(w.ports, w.workflows)
    }
    expect([w.row(longer.id).status, w.row(first.id).status]).toEqual(['Revoked', 'Revoked'])
    expect([w.tenant.holds(ada.id, exchangeRole), w.guards.size]).toEqual([false, 0])
  })

  test('may be the last administrator by one grant of several: the other goes on', async () => {
    const w = world()
    w.tenant.definitions.set(GLOBAL.roleDefinitionId, { ...GLOBAL, ...definition })
    for (const row of w.tenant.rows) row.removedAt = row.principalId === alan.id ? null : 1
    await w.makeEligible(ada.id, GLOBAL)
    const assigned = await w.assign(ada.id, { ...GLOBAL })
    await step(w, assigned)
    const activated = await w.ask({ ...GLOBAL })
    await step(w, activated)
    for (const row of w.tenant.rows) if (row.principalId === alan.id) row.removedAt = 1
    w.at(at('09:30'))
    await deactivate(w.ports, w.workflows, caller(ada), GLOBAL)
    await step(w, activated)
    expect([w.row(activated.id).status, w.row(assigned.id).status]).toEqual(['Revoked', 'Provisioned'])
    expect(w.tenant.holds(ada.id, GLOBAL)).toBe(true)
  })
})

const definition = {
  id: ADMINISTRATORS[0] as string,
  displayName: 'Global Administrator',
  isBuiltIn: true,
  isEnabled: true,
  isPrivileged: true,
}

test.each(['removed', 'ended'])(
  'of two grants of the last administrator one is %s, and the other stays',
  async (how) => {
    const w = world()
    w.tenant.definitions.set(GLOBAL.roleDefinitionId, definition)
    const privileged = { ...GLOBAL, roleDefinitionId: ADMINISTRATORS[1] as string }
    w.tenant.give(grace.id, privileged, 1) // who administers, and holds it not
    await w.makeEligible(ada.id, GLOBAL)
    const assigned = await w.assign(ada.id, { ...GLOBAL })
    await step(w, assigned)
    const activated = await w.ask({ ...GLOBAL })
    await step(w, activated)
    for (const row of w.tenant.rows) if (row.principalId === alan.id) row.removedAt = 1
    w.at(at('09:30'))
    const remove = ({ id }: { id: string }) =>
      removeAssignment(w.ports, w.workflows, caller(grace), { action: 'adminRemove', targetScheduleId: id })
    const ends = ({ id }: { id: string }) =>
      endEarly(w.ports, w.workflows, caller(grace), id, { justification: 'no longer' })
    await (how === 'removed' ? remove(assigned) : ends(assigned))
    await step(w, assigned)
    expect([w.row(assigned.id).status, w.tenant.holds(ada.id, GLOBAL)]).toEqual(['Revoked', true])
    await expect(ends(activated)).rejects.toMatchObject({ code: 'LastAdministrator' })
    await expect(remove(activated)).rejects.toMatchObject({ code: 'LastAdministrator' })
  },
)

test.each(['taken away by an administrator', 'ended', 'given back'])(
  'the last administrator’s activation is not %s, though it is extended: what extends it would end with it',
  async (how) => {
    const w = world()
    w.tenant.definitions.set(GLOBAL.roleDefinitionId, definition)
    w.tenant.give(grace.id, { ...GLOBAL, roleDefinitionId: ADMINISTRATORS[1] as string }, 1)
    await w.makeEligible(ada.id, GLOBAL)
    const activated = await w.ask({ ...GLOBAL })
    await step(w, activated)
    const extending = await w.ask({ ...GLOBAL, action: 'selfExtend', ...lasting('PT3H') })
    await step(w, extending)
    for (const row of w.tenant.rows) if (row.principalId === alan.id) row.removedAt = 1
    w.at(at('09:30'))
    const remove = { action: 'adminRemove' as const, targetScheduleId: activated.id }
    const done =
      how === 'ended'
        ? endEarly(w.ports, w.workflows, caller(grace), activated.id, { justification: 'no longer' })
        : how === 'given back'
          ? deactivate(w.ports, w.workflows, caller(ada), GLOBAL)
          : removeAssignment(w.ports, w.workflows, caller(grace), remove)
    await expect(done).rejects.toMatchObject({ status: 400, code: 'LastAdministrator' })
    expect([w.row(activated.id).status, w.row(extending.id).status]).toEqual(['Provisioned', 'Provisioned'])
  },
)

describe('after an end whose grant was never answered', () => {
  /** Asked for and refused in the end, without anybody knowing whether it was given. */
  async function unanswered(before: (w: World) => Promise<unknown> = async () => undefined) {
    const w = world()
    await w.makeEligible(ada.id)
    await before(w)
    const { id } = await w.ask()
    w.tenant.always.add = 'down'
    await expect(step(w, { id })).rejects.toThrow()
    w.at('2030-01-01T09:59:30.000Z')
    await step(w, { id })
    expect(w.row(id).status).toBe('Failed')
    w.tenant.always.add = 'fine'
    return w
  }
  const looksAgain = async (w: World) => {
    for (const clock of ['10:05', '10:10', '10:15']) {
      w.at(at(clock))
      await sweep(w.ports, w.workflows)
    }
  }
  const convert = (w: World, action: 'makeActive' | 'acknowledge') =>
    convertAll(
      w.ports,
      caller(alan),
      Conversion.parse({
        action,
        justification: 'For good.',
        items: [{ principalId: ada.id, ...exchangeRole }],
      }),
    )

  test('what an administrator has made active for good since then stays', async () => {
    const w = await unanswered()
    expect(await convert(w, 'makeActive')).toMatchObject([{ principalId: ada.id }])
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(true)
    await looksAgain(w)
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(true)
  })

  /** It was there for long, somebody has accepted it, and then it was removed in Entra: she is not to have it any more. */
  const acceptedAndRemoved = async (w: World) => {
    const id = w.tenant.give(ada.id, exchangeRole, 86_400_000)
    w.at(at('08:00'))
    expect(await convert(w, 'acknowledge')).toMatchObject([{ outcome: 'done' }])
    await w.ports.providers.directory.remove(id)
    w.at(at('09:00'))
  }

  test('what was accepted, and taken away, before it was asked for keeps nothing that comes late', async () => {
    const w = await unanswered(acceptedAndRemoved)
    w.tenant.give(ada.id, exchangeRole)
    await looksAgain(w)
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
  })

  test('nor does it pass in a comparison, when it comes after the last look', async () => {
    const w = await unanswered(acceptedAndRemoved)
    await looksAgain(w)
    w.tenant.give(ada.id, exchangeRole)
    w.at('2030-01-02T09:00:00.000Z')
    const place = { provider: 'directory', scope: '/' } as const
    await compare(w.ports, w.workflows, place, undefined, new Date('2031-01-01T00:00:00Z'))
    const standing = await w.ports.findings.standing(exchangeRole, ada.id)
    expect(standing?.value).toMatchObject({ state: 'active', acknowledged: null })
  })

  test('what was accepted after it was asked for stays', async () => {
    const w = await unanswered()
    w.tenant.give(ada.id, exchangeRole)
    w.at(at('10:10')) // no longer expected to be on its way out
    expect(await convert(w, 'acknowledge')).toMatchObject([{ outcome: 'done' }])
    w.at(at('10:15'))
    await sweep(w.ports, w.workflows)
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(true)
  })

  test('what nobody has accepted is taken away', async () => {
    const w = await unanswered()
    w.tenant.give(ada.id, exchangeRole)
    await looksAgain(w)
    expect(w.tenant.holds(ada.id, exchangeRole)).toBe(false)
  })
})

describe('a break-glass account', () => {
  const refused = { status: 400, code: 'BreakGlassAccount' }
  const extension = (id: string) =>
    SelfExtend.parse({
      action: 'selfExtend',
      targetScheduleId: id,
      justification: 'on call',
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'P30D' } },
    })

  test('asks for no more time, and the attempt is recorded', async () => {
    const w = world()
    w.ports.breakGlass = [mallory.id]
    const { id } = await w.makeEligible(mallory.id, exchangeRole, { endDateTime: '2030-01-05T09:00:00.000Z' })
    await expect(requestExtension(w.ports, caller(mallory), extension(id))).rejects.toMatchObject(refused)
    expect(used(w)).toEqual(['extension of an eligibility asked for: refused'])
  })

  test('is given no more time that it asked for before it became one', async () => {
    const w = world()
    const { id } = await w.makeEligible(mallory.id, exchangeRole, { endDateTime: '2030-01-05T09:00:00.000Z' })
    const asked = await requestExtension(w.ports, caller(mallory), extension(id))
    w.ports.breakGlass = [mallory.id]
    await expect(w.decide(asked, 'Approve', alan)).rejects.toMatchObject(refused)
    expect(used(w)).toEqual(['extension of an eligibility approved: refused'])
    expect(await w.decide(asked, 'Deny', alan)).toMatchObject({ status: 'Denied' })
  })

  test.each([
    ['in its own name', [mallory.id], exchangeRole],
    ['by a role over it', [linus.id], { ...exchangeRole, scope: `/${linus.id}` }],
  ])('is given nothing that was assigned before it became one: %s', async (_, accounts, role) => {
    const w = world()
    const { id } = await w.assign(mallory.id, { ...role })
    w.ports.breakGlass = accounts
    await step(w, { id })
    expect(w.row(id)).toMatchObject({
      status: 'Failed',
      failure: { message: expect.stringContaining('BreakGlassRule') },
    })
  })

  test('is refused in one way by conversions, and each attempt is recorded', async () => {
    const w = world()
    w.ports.breakGlass = [mallory.id]
    w.tenant.give(mallory.id, exchangeRole, 1)
    const items = [{ principalId: mallory.id.toUpperCase(), ...exchangeRole }]
    const body = Conversion.parse({ action: 'remove', justification: 'Spring cleaning.', items })
    expect(await convertAll(w.ports, caller(alan), body)).toMatchObject([{ code: 'BreakGlassAccount' }])
    expect(used(w)).toEqual(['remove asked for: refused'])
    expect(w.tenant.holds(mallory.id, exchangeRole)).toBe(true)
  })

  test('that administers is watched when it decides on settings, writes tiers and governs', async () => {
    const w = world()
    w.ports.breakGlass = [mallory.id]
    w.tenant.give(mallory.id, GLOBAL, 1)
    w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [] })
    const by = caller(mallory)
    w.ports.settingsNeedTwo = true
    const rules = [enablement('Justification', 'Ticketing')]
    const { changeId } = await changeRoleSettings(w.ports, caller(alan), exchangeRole, { rules })
    await decideSettingsChange(w.ports, by, changeId as string, { reviewResult: 'Deny', justification: 'no' })
    w.ports.settingsNeedTwo = false
    await putTier(w.ports, by, 'zero', { displayName: 'Tier 0', description: '', rules })
    await removeTier(w.ports, by, 'zero')
    const place = { provider: 'group' as const, scope: `/groups/${engineers}` }
    await govern(w.ports, by, place)
    await release(w.ports, by, place)
    expect(used(w)).toEqual([
      `Deny of ${changeId}`,
      'tier zero changed',
      'tier zero removed',
      'brought under management',
      'taken out of management',
    ])
  })
})

describe('as long as nobody holds such a role, whoever is eligible for it', () => {
  const PRIVILEGED = { ...GLOBAL, roleDefinitionId: ADMINISTRATORS[1] as string }
  const move = (w: World, id: string, scheduleInfo: object) =>
    administer(
      w.ports,
      caller(alan),
      EligibilityAction.parse({
        action: 'adminUpdate',
        targetScheduleId: id,
        justification: 'tidying',
        scheduleInfo,
      }),
    )
  const eligible = async () => {
    const w = world()
    w.tenant.definitions.set(PRIVILEGED.roleDefinitionId, { ...definition, id: PRIVILEGED.roleDefinitionId })
    const { id } = await w.makeEligible(ada.id, PRIVILEGED)
    return { w, id }
  }

  test.each([
    ['to end soon', { expiration: { type: 'afterDuration', duration: 'PT1H' } }],
    ['to begin later', { startDateTime: '2030-02-01T00:00:00.000Z', expiration: { type: 'noExpiration' } }],
  ])('is not moved %s', async (_, schedule) => {
    const { w, id } = await eligible()
    await expect(move(w, id, schedule)).rejects.toMatchObject({ code: 'LastAdministrator' })
    w.tenant.give(dorothy.id, PRIVILEGED, 1)
    await move(w, id, schedule)
  })

  test('is given more time', async () => {
    const { w } = await eligible()
    const { id } = await w.makeEligible(grace.id, PRIVILEGED, { endDateTime: '2030-01-05T09:00:00.000Z' })
    await move(w, id, { expiration: { type: 'noExpiration' } })
    expect(w.eligibilities.get(id)?.endDateTime).toBeNull()
  })
})

describe('the very last eligibility for such a role', () => {
  const PRIVILEGED = { ...GLOBAL, roleDefinitionId: ADMINISTRATORS[1] as string }
  /** Ada's has ended an hour ago, Grace's before that. */
  const ended = async () => {
    const w = world()
    w.tenant.definitions.set(PRIVILEGED.roleDefinitionId, { ...definition, id: PRIVILEGED.roleDefinitionId })
    for (const [who, endDateTime] of [
      [ada, at('08:00')],
      [grace, at('07:00')],
    ] as const)
      await w.ports.views.listEligibility(await w.makeEligible(who.id, PRIVILEGED, { endDateTime }))
    return w
  }
  const refused = { details: [{ code: 'EligibilityRule' }] }

  test('may be used after its end while nobody holds the role; one that has ended before it may not', async () => {
    const w = await ended()
    await expect(w.ask({ ...PRIVILEGED }, grace)).rejects.toMatchObject(refused)
    const asked = await w.ask({ ...PRIVILEGED })
    await step(w, asked)
    expect([w.row(asked.id).status, w.tenant.holds(ada.id, PRIVILEGED)]).toEqual(['Provisioned', true])
  })

  test('ends at its end where somebody holds the role', async () => {
    const w = await ended()
    w.tenant.give(dorothy.id, PRIVILEGED, 1)
    await expect(w.ask({ ...PRIVILEGED })).rejects.toMatchObject(refused)
  })

  test('ends at its end where somebody else is eligible, now or later', async () => {
    const w = await ended()
    const later = { startDateTime: at('12:00') }
    await w.ports.views.listEligibility(await w.makeEligible(linus.id, PRIVILEGED, later))
    await expect(w.ask({ ...PRIVILEGED })).rejects.toMatchObject(refused)
  })

  test('is over when it could not be renewed any more, and of ordinary roles there is none', async () => {
    const w = await ended()
    w.at('2030-02-01T09:00:00.000Z')
    await expect(w.ask({ ...PRIVILEGED })).rejects.toMatchObject(refused)
    const ordinary = world()
    await ordinary.ports.views.listEligibility(
      await ordinary.makeEligible(ada.id, exchangeRole, { endDateTime: at('08:00') }),
    )
    await expect(ordinary.ask()).rejects.toMatchObject(refused)
  })
})

test('a tier for many roles is applied to each, whatever stops on the way: what is not known to be done says so', async () => {
  const w = world()
  await putTier(w.ports, caller(alan), 'zero', {
    displayName: 'Tier 0',
    description: '',
    rules: [enablement('Justification', 'Ticketing')],
  })
  const { write } = w.ports.settings
  w.ports.settings.write = async (settings, ...rest) => {
    if (settings.role.roleDefinitionId !== exchangeRole.roleDefinitionId) throw new Unavailable('away')
    return write(settings, ...rest)
  }
  const roles = [...w.tenant.definitions.keys()].map((roleDefinitionId) => ({
    ...exchangeRole,
    roleDefinitionId,
  }))
  const applied = await applyTier(w.ports, caller(alan), 'zero', {
    roles: [...roles.slice(1), ...roles.slice(0, 1)],
    justification: null,
    isValidationOnly: false,
  })
  expect(applied.map((each) => ('changed' in each ? each.changed.outcome : each.refused.code))).toEqual([
    'ServiceUnavailable',
    'changed',
  ])
})
