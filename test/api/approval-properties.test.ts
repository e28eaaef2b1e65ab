import fc from 'fast-check'
import { expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { decide } from '../../src/api/approvals.ts'
import { delegate, delegationsOf, takeBack } from '../../src/api/delegations.ts'
import { endEarly } from '../../src/api/endings.ts'
import { Refused } from '../../src/api/refused.ts'
import { cancelRequest, deactivate } from '../../src/api/withdrawals.ts'
import { approvalFaults } from '../../src/domain/approval-faults.ts'
import type { Approver } from '../../src/domain/approver.ts'
import { isOpen, type Request } from '../../src/domain/request.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  dorothy,
  engineers,
  exchangeRole,
  grace,
  group,
  linus,
  mallory,
  user,
} from '../fakes/people.ts'
import { approvalRule, type World, world } from '../fakes/world.ts'
import { isThorough } from '../support/daily.ts'

const PEOPLE = [ada, grace, linus, alan, dorothy, mallory]
const who = fc.constantFrom(...PEOPLE)
const MANAGER = (managerLevel: number): Approver => ({
  '@odata.type': '#microsoft.graph.requestorManager',
  managerLevel,
})
const approver = fc.oneof(
  { weight: 3, arbitrary: who.map(({ id }) => user(id)) },
  { weight: 2, arbitrary: fc.constantFrom(group(approversGroup), group(engineers)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Approver>(
      MANAGER(1),
      MANAGER(2),
      { '@odata.type': '#interim.scopeOwners' },
      { '@odata.type': '#interim.roleHolders' },
    ),
  },
)
const lists = fc.array(approver, { minLength: 1, maxLength: 3 })
const stage = fc
  .record({
    primaryApprovers: lists,
    fallbackPrimaryApprovers: fc.option(lists),
    escalationApprovers: lists,
    isEscalationEnabled: fc.boolean(),
    approvalsRequired: fc.constantFrom(1, 1, 2),
    isEarlierApproverExcluded: fc.boolean(),
    isDecisionByLinkAllowed: fc.boolean(),
    timeOutAction: fc.constantFrom('Deny' as const, 'Deny' as const, 'Approve' as const),
    approvalStageTimeOutInMinutes: fc.constantFrom(60, 240),
  })
  .map((each) => ({
    ...approvalRule().setting.approvalStages[0],
    ...each,
    escalationTimeInMinutes: 30,
  }))
type StageRule = ReturnType<typeof approvalRule>['setting']['approvalStages'][number]
const setting = fc
  .record({
    stages: fc.array(stage, { minLength: 1, maxLength: 3 }),
    mode: fc.constantFrom('Serial' as const, 'Parallel' as const),
    isApprovalRequired: fc.constantFrom(true, true, true, false),
  })
  .map(({ stages, mode, isApprovalRequired }) => ({
    ...approvalRule().setting,
    isApprovalRequired,
    approvalMode: mode,
    approvalStages: stages.map(({ fallbackPrimaryApprovers, ...each }) => ({
      ...each,
      ...(each.primaryApprovers.some((one) => one['@odata.type'].endsWith('requestorManager')) && {
        fallbackPrimaryApprovers,
      }),
    })) as StageRule[],
  }))
  .filter((each) => approvalFaults('Approval_EndUser_Assignment', each, false).length === 0)

const nth = fc.nat(5)
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      who,
      extend: fc.constantFrom(false, false, true),
      later: fc.constantFrom(0, 0, 90),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      who,
      nth,
      yes: fc.constantFrom(true, true, true, true, false),
      via: fc.constantFrom('api' as const, 'link' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(5, 30, 60, 240) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delegate' as const), who, to: who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('takeBack' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settings' as const), setting }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('manager' as const), who, of: who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('members' as const),
      group: fc.constantFrom(approversGroup, engineers),
      members: fc.uniqueArray(who),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('enable' as const), who, enabled: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), who, nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), who, nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deactivate' as const), who }) },
)
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

/** Who is named by a stage of the settings, found out by other means than the product's. */
function namedIn(w: World, { principal }: Request, rule: StageRule, isEscalated: boolean): string[] {
  const manager = (level: number): string | undefined => {
    let id: string | undefined = principal.id
    for (let n = 0; n < level && id; n++) id = w.tenant.managers.get(id)
    const isAskable = id && id !== principal.id && w.tenant.people.get(id)?.accountEnabled
    return isAskable ? id : undefined
  }
  const behind = (each: Approver): string[] => {
    switch (each['@odata.type']) {
      case '#microsoft.graph.singleUser':
        return [each.userId]
      case '#microsoft.graph.groupMembers':
        return w.tenant.groups.get(each.groupId)?.members ?? []
      case '#microsoft.graph.requestorManager':
        return [manager(each.managerLevel) ?? []].flat()
      case '#interim.scopeOwners':
        return [alan.id]
      default:
        return PEOPLE.map(({ id }) => id).filter((id) => w.tenant.holds(id, exchangeRole))
    }
  }
  const isManagerless = rule.primaryApprovers.some(
    (each) => each['@odata.type'] === '#microsoft.graph.requestorManager' && !manager(each.managerLevel),
  )
  return [
    ...rule.primaryApprovers,
    ...(isManagerless ? (rule.fallbackPrimaryApprovers ?? []) : []),
    ...(isEscalated && rule.isEscalationEnabled ? rule.escalationApprovers : []),
  ].flatMap(behind)
}

type Setting = ReturnType<typeof approvalRule>['setting']

async function play(first: Setting, actions: readonly Action[]) {
  const w = world()
  const current = { setting: first }
  const askedUnder = new Map<string, Setting>()
  const change = async (setting: Setting) => {
    current.setting = setting
    await w.changeRules([{ ...approvalRule(), setting }])
  }
  w.tenant.groups.set(engineers, { id: engineers, displayName: 'Engineers', members: [ada.id, mallory.id] })
  await w.ports.views.noteGroups([approversGroup, engineers])
  for (const each of [ada, grace]) await w.makeEligible(each.id)
  w.tenant.managers.set(ada.id, grace.id).set(grace.id, linus.id).set(linus.id, ada.id)
  await change(first)
  const all = () => [...w.rows.values()].map(({ value }) => value)
  const some = (n: number) => all()[n % Math.max(1, all().length)]
  const rest = async () => {
    for (const each of all())
      if (isOpen(each)) await advance(w.ports, { requestId: each.id, turn: each.turn })
  }

  /** Named then and now in a stage that this counts for, and neither the requester nor somebody who has had their say. */
  async function expectSeat(before: Request, after: Request, speaker: (typeof PEOPLE)[number]) {
    const votes = (after.approval?.votes ?? []).slice(before.approval?.votes.length)
    const signers = votes.length > 0 ? votes : [after.approval?.decision]
    for (const one of signers) {
      if (!one) throw new Error('Nothing was decided.')
      const owner = one.onBehalfOf?.id ?? one.reviewedBy.id
      expect(one.reviewedBy.id).toBe(speaker.id)
      expect([one.reviewedBy.id, owner]).not.toContain(after.principal.id)
      if (owner !== speaker.id) {
        const given = await delegationsOf(w.ports, caller(speaker))
        expect(
          given.some(({ delegator, delegate }) => delegator.id === owner && delegate.id === speaker.id),
        ).toBe(true)
      }
      const begun = (before.approval?.stages ?? []).flatMap(({ begunAt, escalatedAt }, index) =>
        begunAt ? [[index, escalatedAt !== null] as const] : [],
      )
      const then = askedUnder.get(after.id) as Setting
      const now = current.setting
      const isNamed = begun.some(([index, isEscalated]) => {
        const nowStages = now.approvalStages[index] ? [now.approvalStages[index]] : now.approvalStages
        return (
          namedIn(
            w,
            before,
            then.approvalStages[index] ?? (now.approvalStages[index] as StageRule),
            isEscalated,
          ).includes(owner) &&
          (!now.isApprovalRequired ||
            nowStages.some((each) => namedIn(w, before, each as StageRule, isEscalated).includes(owner)))
        )
      })
      // A stage that the settings have gained begins in the very look that counts a vote for it.
      const isNew = now.approvalStages.length > (before.approval?.stages.length ?? 0)
      expect(isNamed || isNew, JSON.stringify(one)).toBe(true)
    }
  }

  async function take(each: Action): Promise<void> {
    const request = 'nth' in each ? some(each.nth) : undefined
    switch (each.do) {
      case 'ask': {
        const start = new Date(w.clock.now.getTime() + each.later * 60_000).toISOString()
        const expiration = { type: 'afterDuration', duration: 'PT2H' }
        const made = await w.ask(
          each.extend
            ? {
                action: 'selfExtend',
                scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT4H' } },
              }
            : { scheduleInfo: { ...(each.later && { startDateTime: start }), expiration } },
          each.who,
        )
        askedUnder.set(made.id, current.setting)
        return
      }
      case 'decide': {
        if (!request) return
        const review = { reviewResult: each.yes ? 'Approve' : 'Deny', justification: 'x' } as const
        const after = await decide(w.ports, w.workflows, each.who, request.id, review, each.via)
        if (JSON.stringify(after.approval) === JSON.stringify(request.approval)) return // said already
        await expectSeat(request, after, each.who)
        return
      }
      case 'wait':
        w.at(new Date(w.clock.now.getTime() + each.minutes * 60_000).toISOString())
        return
      case 'delegate': {
        const endDateTime = new Date(w.clock.now.getTime() + 120 * 60_000).toISOString()
        await delegate(w.ports, caller(each.who), { delegateId: each.to.id, endDateTime })
        return
      }
      case 'takeBack':
        for (const { id } of await delegationsOf(w.ports, caller(each.who)))
          await takeBack(w.ports, caller(each.who), id)
        return
      case 'settings':
        return change(each.setting)
      case 'manager':
        w.tenant.managers.set(each.of.id, each.who.id)
        return
      case 'members':
        w.tenant.groups.set(each.group, {
          id: each.group,
          displayName: 'x',
          members: each.members.map(({ id }) => id),
        })
        return
      case 'enable': {
        const person = w.tenant.people.get(each.who.id)
        if (person) person.accountEnabled = each.enabled
        return
      }
      case 'cancel':
        if (request) await cancelRequest(w.ports, w.workflows, caller(each.who), request.id)
        return
      case 'end':
        if (request)
          await endEarly(w.ports, w.workflows, caller(each.who), request.id, { justification: 'x' })
        return
      case 'deactivate':
        await deactivate(w.ports, w.workflows, caller(each.who), exchangeRole)
    }
  }

  const ask: Action = { do: 'ask', who: ada, extend: false, later: 0 }
  for (const each of [ask, ...actions]) {
    const before = w.rows.size
    try {
      await take(each)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      expect(w.rows.size).toBe(before)
    }
    await rest()
    for (const request of all()) holds(request, askedUnder.get(request.id))
  }
  for (let days = 0; days < 4; days++) {
    w.at(new Date(w.clock.now.getTime() + 86_400_000).toISOString())
    for (let times = 0; times < 4; times++) await rest()
  }
  return { ...w, all }
}

/** Of every request, whatever has happened to it. */
function holds(request: Request, setting: Setting | undefined): void {
  const { approval, principal, status, id } = request
  for (const { reviewedBy, onBehalfOf } of [
    ...(approval?.votes ?? []),
    ...(approval?.decision ? [approval.decision] : []),
  ])
    expect([reviewedBy.id, onBehalfOf?.id]).not.toContain(principal.id)
  const voices = (approval?.votes ?? []).map(({ reviewedBy, onBehalfOf, stages }) => ({
    ids: [reviewedBy.id, onBehalfOf?.id],
    stages,
  }))
  voices.forEach((one, n) => {
    for (const other of voices.slice(n + 1))
      if (one.ids.some((each) => each && other.ids.includes(each)))
        expect(
          one.stages.filter((each) => other.stages.includes(each)),
          id,
        ).toEqual([])
  })
  if (!['Provisioned', 'Granted', 'PendingProvisioning'].includes(status) || !setting?.isApprovalRequired)
    return
  expect(approval?.decision?.reviewResult).toBe('Approved')
  const counted = setting.approvalStages.filter((stage, index) => {
    const given = approval?.stages[index]
    if (given?.isUnanswered) return stage.timeOutAction === 'Approve'
    return voices.filter(({ stages }) => stages.includes(index)).length >= (stage.approvalsRequired ?? 1)
  })
  expect(counted.length, id).toBe(setting.approvalStages.length)
}

test('whatever people do: nobody helps themselves, every voice has a seat and counts once, and every request ends', async () => {
  await fc.assert(
    fc.asyncProperty(setting, fc.array(action, { minLength: 8, maxLength: 30 }), async (first, actions) => {
      const w = await play(first, actions)
      expect(
        w
          .all()
          .filter(isOpen)
          .map(({ status }) => status),
      ).toEqual([])
      for (const who of [ada, grace]) expect(w.tenant.holds(who.id, exchangeRole)).toBe(false)
    }),
    { numRuns: isThorough ? 2500 : 150 },
  )
})
