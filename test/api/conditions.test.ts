import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { eligibilityAnswer, requestAnswer } from '../../src/api/answers.ts'
import { updateAssignment } from '../../src/api/assignments.ts'
import { Conversion, convertAll } from '../../src/api/conversions.ts'
import { createEligibility } from '../../src/api/eligibilities.ts'
import { removeEligibility } from '../../src/api/eligibility-removal.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { AdminAssign, AdminUpdate } from '../../src/domain/assignment.ts'
import { NewEligibility } from '../../src/domain/eligibility.ts'
import type { Role } from '../../src/domain/role.ts'
import type { RoleProvider } from '../../src/ports.ts'
import { ada, alan, caller, exchange, grace, user } from '../fakes/people.ts'
import { approvalRule, lasting, world } from '../fakes/world.ts'
import { andThen, butFirst, onlyThe } from '../support/meanwhile.ts'

const scope = '/subscriptions/99999999-0000-4000-8000-000000000001'
const reader: Role = { provider: 'azure', roleDefinitionId: exchange.id, scope }
const ONLY_LOGS = "@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'logs'"
const ONLY_DATA = "@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'data'"
const YEAR = lasting('P365D')
const MONTH = lasting('P30D')

/** Azure as far as conditions go: what was given under which. */
function azure() {
  const w = world()
  const given = new Map<string, string | null>()
  const { directory } = w.ports.providers
  w.ports.providers.azure = {
    ...directory,
    add: async (principal, role, name, condition = null) => {
      const added = await directory.add(principal, role, name)
      if (added.outcome === 'added') given.set(added.id, condition)
      return added
    },
    conditionOf: async (id) => given.get(id) ?? null,
  }
  const conditions = () =>
    w.tenant.rows.flatMap(({ id, removedAt, role }) =>
      role.provider === 'azure' && removedAt === null ? [given.get(id) ?? null] : [],
    )
  const eligible = (condition: string | null, more: object = {}) =>
    createEligibility(
      w.ports,
      caller(alan),
      NewEligibility.parse({
        ...reader,
        ...YEAR,
        principalId: ada.id,
        justification: 'for the logs',
        condition,
        ...(condition && { conditionVersion: '2.0' }),
        ...more,
      }),
    )
  const step = ({ id }: { id: string }) => advance(w.ports, { requestId: id, turn: w.row(id).turn + 1 })
  return { ...w, w, given, conditions, eligible, step }
}

describe('a condition', () => {
  test.each([
    [NewEligibility, { principalId: ada.id }],
    [AdminAssign, { action: 'adminAssign', principalId: ada.id }],
  ])('is for Azure roles only, and of version 2.0', (schema, body) => {
    const problems = (more: object) =>
      schema.safeParse({ ...body, ...more }).error?.issues.map(({ path }) => path.join('.')) ?? []
    const directory = { roleDefinitionId: exchange.id }
    expect(problems({ ...directory, condition: ONLY_LOGS })).toEqual(['condition'])
    expect(problems({ ...reader, condition: ONLY_LOGS, conditionVersion: '1.0' })).toEqual([
      'conditionVersion',
    ])
    expect(problems({ ...reader, conditionVersion: '2.0' })).toEqual(['conditionVersion'])
    expect(problems({ ...reader, condition: 'x'.repeat(4001) })).toEqual(['condition'])
    expect(problems({ ...reader, condition: ONLY_LOGS, conditionVersion: '2.0' })).toEqual([])
    expect(problems({ ...directory, condition: null })).toEqual([])
  })

  test('of an eligibility is that of each activation: recorded, shown and given', async () => {
    const it = azure()
    const eligibility = await it.eligible(ONLY_LOGS)
    expect(eligibilityAnswer(it.ports.now())(eligibility)).toMatchObject({
      condition: ONLY_LOGS,
      conditionVersion: '2.0',
    })
    const asked = await it.ask({ ...reader })
    await it.step(asked)
    expect(it.conditions()).toEqual([ONLY_LOGS])
    expect(requestAnswer(it.row(asked.id))).toMatchObject({ condition: ONLY_LOGS, conditionVersion: '2.0' })
    for (const event of [`${eligibility.id}.added`, `${asked.id}.requested`])
      expect(it.events.get(event)?.additionalDetails).toContainEqual({ key: 'condition', value: ONLY_LOGS })
  })

  test('under which nothing may be given beside another: also where that came between the looks', async () => {
    const it = azure()
    await it.eligible(ONLY_LOGS)
    let assigned = { id: '' }
    const { person } = it.ports.directory
    const assignsMeanwhile = onlyThe(1, async () => {
      assigned = await it.assign(ada.id, { ...reader, ...MONTH })
    })
    const directory = { ...it.ports.directory, person: andThen(person, assignsMeanwhile) }
    const asked = await it.ask({ ...reader }, ada, { ports: { ...it.ports, directory } })

    const azureRoles = it.ports.providers.azure as RoleProvider
    const { find } = azureRoles
    azureRoles.find = butFirst(
      onlyThe(1, () => it.step(assigned)),
      find,
    )
    await it.step(asked)
    expect(it.row(asked.id)).toMatchObject({ status: 'Failed', failure: { code: 'RoleAssignmentExists' } })
    it.at('2030-01-01T10:00:00.000Z')
    await it.step(asked)
    expect([it.row(assigned.id).status, it.conditions()]).toEqual(['Provisioned', [null]])
  })

  test('of an assignment is given with it, and comes again with its renewal', async () => {
    const it = azure()
    const assigned = await it.assign(ada.id, { ...reader, ...MONTH, condition: ONLY_DATA })
    await it.step(assigned)
    expect(it.conditions()).toEqual([ONLY_DATA])
    expect(it.events.get(`${assigned.id}.requested`)?.additionalDetails).toContainEqual({
      key: 'condition',
      value: ONLY_DATA,
    })
    it.at('2030-02-01T09:00:00.000Z')
    await it.step(assigned)
    expect(it.conditions()).toEqual([])
    const renewed = await updateAssignment(
      it.ports,
      it.w.workflows,
      caller(alan),
      AdminUpdate.parse({
        action: 'adminRenew',
        targetScheduleId: assigned.id,
        justification: 'again',
        scheduleInfo: { expiration: { type: 'afterDuration', duration: 'P30D' } },
      }),
    )
    await it.step(renewed)
    expect(it.conditions()).toEqual([ONLY_DATA])
  })

  test('that came since an activation was asked for: what was asked for without it is refused', async () => {
    const it = azure()
    const rule = approvalRule([user(grace.id)])
    await it.ports.settings.write(
      { role: reader, version: 1, rules: [rule], lastModifiedDateTime: null, lastModifiedBy: null },
      undefined,
      [],
    )
    const wide = await it.eligible(null)
    const asked = await it.ask({ ...reader })
    it.at('2030-01-01T09:10:00.000Z')
    await removeEligibility(it.ports, caller(alan), wide.id)
    await it.eligible(ONLY_LOGS)
    await expect(it.decide(asked, 'Approve')).rejects.toMatchObject({
      details: [{ code: 'EligibilityRule' }],
    })
  })

  test('keeps two grants apart: under another one nothing is given beside, and none is left to the other', async () => {
    const it = azure()
    await it.eligible(ONLY_LOGS)
    const wide = await it.assign(ada.id, { ...reader, ...MONTH })
    await it.step(wide)
    await expect(it.ask({ ...reader })).rejects.toMatchObject({
      code: 'RoleAssignmentExists',
      message: expect.stringContaining('condition'),
    })
  })

  test('keeps apart what is asked for at the same instant, too', async () => {
    const it = azure()
    await it.eligible(ONLY_LOGS)
    const narrow = await it.ask({ ...reader })
    const { readLive } = it.ports.store
    it.ports.store.readLive = async (id) => ({ ...(await readLive(id)), requests: [] }) // it looked before the other was written
    const wide = await it.assign(ada.id, { ...reader, ...MONTH })
    it.ports.store.readLive = readLive
    await it.step(wide)
    await it.step(narrow)
    expect(it.row(narrow.id)).toMatchObject({ status: 'Failed', failure: { code: 'RoleAssignmentExists' } })
    expect([it.row(wide.id).status, it.conditions()]).toEqual(['Provisioned', [null]])
  })

  test('of what is being taken away: another waits until that is gone, and does not take it over', async () => {
    const it = azure()
    await it.eligible(ONLY_LOGS)
    const wide = await it.assign(ada.id, { ...reader, ...lasting('PT1H') })
    await it.step(wide)
    it.at('2030-01-01T10:00:00.000Z')
    it.tenant.always.remove = 'down'
    await it.step(wide)
    await it.step(wide).catch(() => undefined)
    expect(it.conditions()).toEqual([null])
    const narrow = await it.ask({ ...reader }).catch((error) => error)
    it.tenant.always.remove = 'fine'
    it.at('2030-01-01T10:05:00.000Z')
    await it.step(wide)
    expect([it.row(wide.id).status, it.conditions()]).toEqual(['Expired', []])
    const again = narrow.id ? narrow : await it.ask({ ...reader })
    await it.step(again)
    expect(it.conditions()).toEqual([ONLY_LOGS])
    it.at('2030-01-01T10:30:00.000Z')
    await deactivate(it.ports, it.w.workflows, caller(ada), reader)
    await it.step(again)
    expect(it.conditions()).toEqual([])
  })

  test('of what stands goes with it, to an eligibility and back', async () => {
    const it = azure()
    const id = it.tenant.give(ada.id, reader, 1)
    it.given.set(id, ONLY_LOGS)
    const convert = (action: string) =>
      convertAll(
        it.ports,
        caller(alan),
        Conversion.parse({ action, justification: 'cleaning', items: [{ principalId: ada.id, ...reader }] }),
      )
    expect(await convert('makeEligible')).toMatchObject([{ outcome: 'done' }])
    expect([...it.eligibilities.values()]).toMatchObject([{ condition: ONLY_LOGS }])
    it.at('2030-01-01T09:10:00.000Z')
    await it.ports.settings.write(
      {
        role: reader,
        version: 1,
        rules: [
          {
            '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
            id: 'Expiration_Admin_Assignment',
            isExpirationRequired: false,
            maximumDuration: 'P365D',
          },
        ],
        lastModifiedDateTime: null,
        lastModifiedBy: null,
      },
      undefined,
      [],
    )
    expect(await convert('makeActive')).toMatchObject([{ outcome: 'done' }])
    expect(it.conditions()).toEqual([ONLY_LOGS])
  })
})
