import { describe, expect, test } from 'vitest'
import { administer } from '../../src/api/eligibilities.ts'
import { removeEligibility } from '../../src/api/eligibility-removal.ts'
import { EligibilityAction } from '../../src/domain/eligibility.ts'
import { ADMINISTRATORS } from '../../src/domain/role.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  dorothy,
  exchange,
  exchangeRole,
  grace,
  mallory,
} from '../fakes/people.ts'
import { world } from '../fakes/world.ts'

const DAY = 86_400_000
const NOW = Date.parse('2030-01-01T09:00:00.000Z')
const at = (days: number) => new Date(NOW + days * DAY).toISOString()
const until = (days: number) => ({ expiration: { type: 'afterDateTime', endDateTime: at(days) } })
const refused = (status: number, code: string) => ({ name: 'Refused', status, code })

/** What an eligibility is at the moment, by when it ends (days from now). */
const STATES = {
  'is permanent': null,
  'runs for long': 100,
  'ends soon': 7,
  'has ended': -7,
  'ended long ago': -30,
} as const
type State = keyof typeof STATES

const TOO_LATE = 'InvalidRoleAssignmentRequestSchedule'
const OK = 'done'

/** The whole of what an administrator may do with an eligibility in each state, with an end a year ahead. */
const TABLE: Record<'adminUpdate' | 'adminExtend' | 'adminRenew' | 'adminRemove', Record<State, string>> = {
  adminUpdate: {
    'is permanent': OK,
    'runs for long': OK,
    'ends soon': OK,
    'has ended': TOO_LATE,
    'ended long ago': TOO_LATE,
  },
  adminExtend: {
    'is permanent': TOO_LATE,
    'runs for long': OK,
    'ends soon': OK,
    'has ended': TOO_LATE,
    'ended long ago': TOO_LATE,
  },
  adminRenew: {
    'is permanent': TOO_LATE,
    'runs for long': TOO_LATE,
    'ends soon': TOO_LATE,
    'has ended': OK,
    'ended long ago': TOO_LATE,
  },
  adminRemove: {
    'is permanent': OK,
    'runs for long': OK,
    'ends soon': OK,
    'has ended': OK,
    'ended long ago': OK,
  },
}
const action = (name: string, targetScheduleId: string, more: object = {}) =>
  EligibilityAction.parse({
    action: name,
    targetScheduleId,
    ...(name !== 'adminRemove' && { scheduleInfo: until(365) }),
    ...more,
  })
const inState = (w: ReturnType<typeof world>, state: State, principalId = ada.id, more: object = {}) => {
  const days = STATES[state]
  return w.makeEligible(principalId, exchangeRole, { endDateTime: days === null ? null : at(days), ...more })
}

const CASES = Object.entries(TABLE).flatMap(([name, row]) =>
  Object.entries(row).map(([state, outcome]) => [name, state as State, outcome] as const),
)

describe.each(CASES)('%s of one that %s', (name, state, outcome) => {
  test(`by an administrator: ${outcome}`, async () => {
    const w = world()
    const { id } = await inState(w, state)
    const before = structuredClone(w.eligibilities.get(id))
    const done = administer(w.ports, caller(alan), action(name, id, { justification: 'because' }))
    if (outcome !== OK) {
      await expect(done).rejects.toMatchObject(refused(400, outcome))
      expect([w.eligibilities.get(id), w.events.size]).toEqual([before, 0])
      return
    }
    await done
    expect(w.events.size).toBe(1)
    expect([...w.events.values()][0]).toMatchObject({ initiatedBy: { id: alan.id }, resultReason: 'because' })
    if (name === 'adminRemove') expect([w.eligibilities.has(id), w.gone.has(id)]).toEqual([false, true])
    else expect(w.eligibilities.get(id)).toMatchObject({ endDateTime: at(365), changes: 1 })
  })

  test.each([
    ['Dorothy, who only looks on', dorothy],
    ['its own principal', ada],
    ['Mallory', mallory],
  ])('not by %s', async (_name, who) => {
    const w = world()
    const { id } = await inState(w, state)
    await expect(administer(w.ports, caller(who), action(name, id))).rejects.toMatchObject(
      refused(403, 'InsufficientPermissions'),
    )
    expect(w.events.size).toBe(0)
  })

  test('not by an administrator whose own it is, nor that of a group they are in', async () => {
    const w = world()
    w.tenant.give(grace.id, { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[0] as string }, DAY)
    for (const [principalId, principalType] of [
      [grace.id, 'User'],
      [approversGroup, 'Group'],
    ] as const) {
      const { id } = await inState(w, state, principalId, { principalType })
      await expect(administer(w.ports, caller(grace), action(name, id))).rejects.toMatchObject(
        refused(403, 'InsufficientPermissions'),
      )
    }
    expect(w.events.size).toBe(0)
  })
})

describe('an eligibility', () => {
  test('that is not there cannot be moved', async () => {
    const w = world()
    const id = 'elig-11111111000040008000000000000001-0kabcdefg0000000001'
    await expect(administer(w.ports, caller(alan), action('adminExtend', id))).rejects.toMatchObject(
      refused(400, 'RoleAssignmentDoesNotExist'),
    )
  })

  test('is not moved over another of the same role, only up to it', async () => {
    const w = world()
    const { id } = await inState(w, 'ends soon')
    await w.makeEligible(ada.id, exchangeRole, { startDateTime: at(20), endDateTime: at(30) })
    const extend = (days: number) =>
      administer(w.ports, caller(alan), action('adminExtend', id, { scheduleInfo: until(days) }))
    await expect(extend(21)).rejects.toMatchObject(refused(400, 'RoleAssignmentExists'))
    expect(await extend(20)).toMatchObject({ endDateTime: at(20) })
  })

  test('is extended to a later end only, and updated to an earlier one too', async () => {
    const w = world()
    const { id } = await inState(w, 'ends soon')
    await expect(
      administer(w.ports, caller(alan), action('adminExtend', id, { scheduleInfo: until(7) })),
    ).rejects.toMatchObject(refused(400, TOO_LATE))
    const shorter = action('adminUpdate', id, { scheduleInfo: until(3) })
    expect(await administer(w.ports, caller(alan), shorter)).toMatchObject({ endDateTime: at(3) })
  })

  test('is not taken away in its first five minutes', async () => {
    const w = world()
    const made = await administer(
      w.ports,
      caller(alan),
      EligibilityAction.parse({ principalId: ada.id, roleDefinitionId: exchange.id }),
    )
    w.at('2030-01-01T09:04:59.999Z')
    await expect(removeEligibility(w.ports, caller(alan), made.id)).rejects.toMatchObject(
      refused(400, 'ActiveDurationTooShort'),
    )
    w.at('2030-01-01T09:05:00.000Z')
    await removeEligibility(w.ports, caller(alan), made.id)
    expect(w.steps(made.id)).toEqual(['added', 'removed'])
  })

  test('is for people and groups: applications and managed identities cannot activate anything', async () => {
    const w = world()
    const robot = '33333333-0000-4000-8000-000000000001'
    w.tenant.applications.set(robot, { id: robot, displayName: 'Backup' })
    await expect(
      administer(
        w.ports,
        caller(alan),
        EligibilityAction.parse({ principalId: robot, roleDefinitionId: exchange.id }),
      ),
    ).rejects.toMatchObject(refused(400, 'InvalidRoleAssignmentRequest'))
  })

  test('asks of those who give it what the role’s settings say, of an extension too', async () => {
    const w = world()
    const base = '#microsoft.graph.unifiedRoleManagementPolicy'
    await w.changeRules([
      {
        '@odata.type': `${base}ExpirationRule`,
        id: 'Expiration_Admin_Eligibility',
        isExpirationRequired: true,
        maximumDuration: 'P15D',
      },
      {
        '@odata.type': `${base}EnablementRule`,
        id: 'Enablement_Admin_Eligibility',
        enabledRules: ['Justification', 'MultiFactorAuthentication'],
      },
    ])
    const { id } = await inState(w, 'ends soon')
    const rules = ['ExpirationRule', 'JustificationRule', 'MfaRule'].map((code) => ({ code }))
    for (const body of [
      EligibilityAction.parse({ principalId: mallory.id, roleDefinitionId: exchange.id }),
      action('adminExtend', id),
    ])
      await expect(administer(w.ports, caller(alan), body)).rejects.toMatchObject({
        ...refused(400, 'RoleAssignmentRequestPolicyValidationFailed'),
        details: rules,
      })
    const strong = caller(alan, { proof: { mfa: true, contexts: [] } })
    const fine = action('adminExtend', id, { scheduleInfo: until(15), justification: 'project X' })
    expect(await administer(w.ports, strong, fine)).toMatchObject({ endDateTime: at(15) })
  })

  test('that others move at the same instant is judged and moved again, and each move is recorded', async () => {
    const w = world()
    const { id } = await inState(w, 'ends soon')
    await Promise.all(
      [20, 21, 22].map((days) =>
        administer(w.ports, caller(alan), action('adminUpdate', id, { scheduleInfo: until(days) })),
      ),
    )
    expect(w.eligibilities.get(id)?.changes).toBe(3)
    expect(w.steps(id)).toEqual(['adminUpdate-1', 'adminUpdate-2', 'adminUpdate-3'])
  })
})
