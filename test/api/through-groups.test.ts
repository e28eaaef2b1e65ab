import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { awaitingMe } from '../../src/api/awaiting-me.ts'
import { Conversion, convertAll } from '../../src/api/conversions.ts'
import { createEligibility } from '../../src/api/eligibilities.ts'
import { myRoles } from '../../src/api/my-roles.ts'
import { changeRoleSettings } from '../../src/api/role-settings.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { activationDenials } from '../../src/domain/activation.ts'
import { NewEligibility } from '../../src/domain/eligibility.ts'
import type { Person } from '../../src/domain/person.ts'
import type { Role } from '../../src/domain/role.ts'
import { circumstances } from '../../src/live/circumstances.ts'
import { memberships } from '../fakes/memberships.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  engineers,
  exchangeRole,
  grace,
  group,
  linus,
  WEAK,
} from '../fakes/people.ts'
import { enablement, world } from '../fakes/world.ts'

const at = (clock: string) => `2030-01-01T${clock}:00.000Z`
const memberOf = (groupId: string): Role => ({
  provider: 'group',
  roleDefinitionId: 'member',
  scope: `/groups/${groupId}`,
})

function withGroups() {
  const w = world()
  w.ports.providers.group = memberships(w.tenant)
  return {
    ...w,
    group: (id: string, ...members: string[]) => w.tenant.groups.set(id, { id, displayName: id, members }),
    owns: ({ id }: Person, groupId: string) => {
      const owned = w.tenant.groups.get(groupId)
      if (owned) owned.owners = [...(owned.owners ?? []), id]
    },
    eligibleGroup: (id: string, role: Role = exchangeRole) =>
      w.makeEligible(id, role, { principalType: 'Group' }),
    async activates(who: Person, role: Role, more: object = {}) {
      const { id } = await w.ask({ ...role, ...more }, who)
      await advance(w.ports, { requestId: id, turn: 2 })
      return id
    },
    ends: (id: string) => advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 }),
    sees: async (who: Person) =>
      (await myRoles(w.ports, caller(who))).eligible.map(({ roleDefinitionId }) => roleDefinitionId),
  }
}
const NOT_ELIGIBLE = { details: [{ code: 'EligibilityRule', target: 'roleDefinitionId' }] }

describe('eligible through a group', () => {
  test('is who is an active member; whoever is only eligible to become one is not, until they have', async () => {
    const w = withGroups()
    w.group(engineers)
    await w.eligibleGroup(engineers)
    await w.makeEligible(ada.id, memberOf(engineers))
    await expect(w.ask()).rejects.toMatchObject(NOT_ELIGIBLE)
    expect(await w.sees(ada)).toEqual(['member'])

    const membership = await w.activates(ada, memberOf(engineers))
    expect(await w.sees(ada)).toEqual(['member', exchangeRole.roleDefinitionId])
    const id = await w.activates(ada, exchangeRole, {
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT30M' } },
    })
    expect(w.row(id).status).toBe('Provisioned')

    w.at(at('10:00'))
    await w.ends(membership)
    await w.ends(id)
    await expect(w.ask()).rejects.toMatchObject(NOT_ELIGIBLE)
  })

  test('a group that is eligible to become a member of an eligible group is not eligible for what that one is', async () => {
    const w = withGroups()
    w.group(engineers)
    w.group('outer', ada.id)
    await w.eligibleGroup(engineers)
    await w.eligibleGroup('outer', memberOf(engineers))
    await expect(w.ask()).rejects.toMatchObject(NOT_ELIGIBLE)
  })

  test('the rule itself counts no eligibility for a group as one for what the group may have', async () => {
    const w = withGroups()
    w.group(engineers)
    await w.eligibleGroup(engineers)
    const { eligibilities } = await w.ports.store.readLive(
      (await w.makeEligible(ada.id, memberOf(engineers))).principalId,
    )
    const ask = {
      role: exchangeRole,
      justification: 'INC-42',
      ticketInfo: undefined,
      scheduleInfo: { expiration: { type: 'afterDuration' as const, duration: 'PT1H' } },
    }
    const c = await circumstances(w.ports, ada.id, ask, eligibilities, WEAK)
    expect(c.eligibilities).toHaveLength(1)
    expect(activationDenials(ask, c).map(({ rule }) => rule)).toEqual(['EligibilityRule'])
  })

  test.each([1, 2, 20])(
    'is found through %i groups one in the other, even where they go round in a circle',
    async (depth) => {
      const w = withGroups()
      const names = Array.from({ length: depth }, (_, n) => `nested-${n}`)
      names.forEach((name, n) => {
        w.group(name, names[n + 1] ?? ada.id, names[0] as string)
      })
      await w.eligibleGroup(names[0] as string)
      expect(w.row(await w.activates(ada, exchangeRole)).status).toBe('Provisioned')
      await expect(w.ask({}, grace)).rejects.toMatchObject(NOT_ELIGIBLE)
    },
  )
})

/** Ada, Grace and Linus may each become approvers by activation; only who is one decides, and only for others. */
async function approversByActivation() {
  const w = withGroups()
  w.group(approversGroup)
  for (const who of [ada, grace, linus]) {
    await w.makeEligible(who.id, exchangeRole)
    await w.makeEligible(who.id, memberOf(approversGroup))
  }
  await w.approvalBy(group(approversGroup))
  return w
}

describe('approvers who are such by activation', () => {
  test('who is only eligible to become one does not decide, sees nothing, and is not counted', async () => {
    const w = await approversByActivation()
    await expect(w.ask()).rejects.toMatchObject({ details: [{ code: 'ApprovalRule' }] })
    await w.activates(grace, memberOf(approversGroup))
    const { id } = await w.ask()
    expect((await awaitingMe(w.ports, linus.id, { top: 9, after: null })).items).toEqual([])
    await expect(w.decide({ id }, 'Approve', linus)).rejects.toMatchObject({ status: 403 })
    await w.activates(linus, memberOf(approversGroup))
    expect(await w.decide({ id }, 'Approve', linus)).toMatchObject({ status: 'Granted' })
  })

  test('a requester who becomes one does not decide his own request, and as the only one cannot even ask', async () => {
    const w = await approversByActivation()
    await w.activates(ada, memberOf(approversGroup))
    await expect(w.ask()).rejects.toMatchObject({ details: [{ code: 'ApprovalRule' }] })
    await w.activates(grace, memberOf(approversGroup))
    const { id } = await w.ask()
    await expect(w.decide({ id }, 'Approve', ada)).rejects.toMatchObject({ status: 403 })
    expect(w.row(id).status).toBe('PendingApproval')
  })

  test('who was one when it was asked, and is none any more, does not decide', async () => {
    const w = await approversByActivation()
    const membership = await w.activates(grace, memberOf(approversGroup))
    const { id } = await w.ask()
    w.at(at('10:00'))
    await w.ends(membership)
    await expect(w.decide({ id }, 'Approve', grace)).rejects.toMatchObject({ status: 403 })
  })

  const who = fc.constantFrom(ada, grace, linus)
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom('join' as const, 'leave' as const, 'ask' as const), who }),
    fc.record({ do: fc.constant('decide' as const), who, nth: fc.nat(3) }),
    fc.record({ do: fc.constant('walk' as const), minutes: fc.integer({ min: 1, max: 40 }) }),
  )

  test('whatever they do in whatever order: a member decided, and never a request of their own', async () => {
    let decided = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (sequence) => {
        const w = await approversByActivation()
        const open = () => [...w.rows.values()].map(({ value }) => value)
        for (const each of sequence) {
          const members = [...(w.tenant.groups.get(approversGroup)?.members ?? [])]
          if (each.do === 'join') await w.activates(each.who, memberOf(approversGroup)).catch(refusal)
          if (each.do === 'ask') await w.ask({}, each.who).catch(refusal)
          if (each.do === 'leave')
            await deactivate(w.ports, w.workflows, caller(each.who), memberOf(approversGroup)).catch(refusal)
          if (each.do === 'walk') w.at(new Date(w.clock.now.getTime() + each.minutes * 60_000).toISOString())
          if (each.do === 'decide') {
            const pending = open().filter(({ status }) => status === 'PendingApproval')
            const request = pending[each.nth % Math.max(1, pending.length)]
            if (!request) continue
            const done = await w.decide(request, 'Approve', each.who).catch(refusal)
            if (!done) continue
            decided++
            expect(members).toContain(each.who.id)
            expect(each.who.id).not.toBe(request.principal.id)
          }
          for (const { id, status } of open()) if (OPEN.includes(status)) await w.ends(id)
        }
        for (const { principal, approval } of open())
          expect(approval?.decision?.reviewedBy.id).not.toBe(principal.id)
      }),
      { numRuns: 60 },
    )
    expect(decided).toBeGreaterThan(0) // a crowd that decides nothing shows nothing
  }, 60_000)
})

const OPEN = ['PendingApproval', 'Granted', 'Provisioned', 'PendingRevocation']

const refusal = (error: Error) => {
  if (error.name !== 'Refused') throw error
  return undefined
}

describe('a group that an administrator may come into', () => {
  const [other, third] = ['22222222-0000-4000-8000-000000000077', '22222222-0000-4000-8000-000000000078']
  const ownerOf = (id: string): Role => ({ ...memberOf(id), roleDefinitionId: 'owner' })
  type W = ReturnType<typeof withGroups>
  const ways: [how: string, prepare: (w: W) => Promise<unknown>][] = [
    ['that they may join', (w) => w.makeEligible(alan.id, memberOf(engineers))],
    ['that they may own', (w) => w.makeEligible(alan.id, ownerOf(engineers))],
    ['that they own', async (w) => w.owns(alan, engineers)],
    [
      'in which one is nested that they own',
      async (w) => {
        w.tenant.groups.get(engineers)?.members.push(third)
        w.group(third)
        w.owns(alan, third)
      },
    ],
    [
      'that one may join which they own',
      async (w) => {
        await w.eligibleGroup(other, memberOf(engineers))
        w.owns(alan, other)
      },
    ],
    [
      'in which one is nested that they may join',
      async (w) => {
        w.tenant.groups.get(engineers)?.members.push(third)
        w.group(third, other)
        await w.makeEligible(alan.id, memberOf(other))
      },
    ],
    [
      'that another may join which they may join',
      async (w) => {
        await w.eligibleGroup(other, memberOf(engineers))
        await w.eligibleGroup(engineers, memberOf(other)) // in a circle
        await w.makeEligible(alan.id, memberOf(other), { startDateTime: at('20:00') })
      },
    ],
    [
      'that one may join which one is nested in that a group of theirs may own',
      async (w) => {
        w.group('theirs', alan.id)
        w.group(third, other)
        await w.eligibleGroup(third, memberOf(engineers))
        await w.eligibleGroup('theirs', ownerOf(other))
      },
    ],
    [
      'that may be among more than can be looked at',
      async (w) => {
        for (let n = 0; n < 201; n++) await w.makeEligible(alan.id, memberOf(`many-${n}`))
      },
    ],
  ]
  const withEngineers = () => {
    const w = withGroups()
    const group = { id: engineers, displayName: 'Engineers', members: [], isAssignableToRole: true }
    w.tenant.groups.set(engineers, group)
    w.group(other)
    return w
  }
  const eligible = NewEligibility.parse({ principalId: engineers, ...exchangeRole })

  test.each(ways)('is given no role by them, by any action: %s', async (_how, prepare) => {
    const w = withEngineers()
    await prepare(w)
    const before = w.eligibilities.size
    const items = [{ principalId: engineers, ...exchangeRole }]
    const convert = Conversion.parse({ action: 'makeActive', justification: 'x', items })
    const forbidden = { status: 403 }
    await expect(createEligibility(w.ports, caller(alan), eligible)).rejects.toMatchObject(forbidden)
    await expect(w.assign(engineers)).rejects.toMatchObject(forbidden)
    expect(await convertAll(w.ports, caller(alan), convert)).toMatchObject([
      { outcome: 'refused', code: 'InsufficientPermissions' },
    ])
    expect(w.eligibilities.size).toBe(before)
    expect(w.tenant.holds(engineers, exchangeRole)).toBe(false)
  })

  test('has a role whose settings are not loosened by who owns it', async () => {
    const w = withEngineers()
    await w.eligibleGroup(engineers)
    const loosen = () =>
      changeRoleSettings(w.ports, caller(alan), exchangeRole, {
        rules: [enablement()],
        isValidationOnly: false,
      })
    w.owns(alan, engineers)
    await expect(loosen()).rejects.toMatchObject({ status: 403 })
    w.group(engineers)
    expect(await loosen()).toMatchObject({ outcome: 'changed' })
  })

  test('is given one by them where that way is another person’s, is over, or leads elsewhere', async () => {
    const w = withEngineers()
    await w.eligibleGroup(other, memberOf(engineers))
    await w.makeEligible(ada.id, memberOf(other))
    await w.makeEligible(alan.id, memberOf(other), { endDateTime: at('08:59') })
    await w.makeEligible(alan.id, memberOf(third))
    w.group(third)
    w.owns(alan, third)
    w.owns(ada, engineers)
    expect(await createEligibility(w.ports, caller(alan), eligible)).toMatchObject({ principalId: engineers })
  })
})
