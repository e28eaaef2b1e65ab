import { expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { deliver, FRESH_COPY_AFTER } from '../../src/activities/deliver.ts'
import { scan } from '../../src/activities/scan.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { weeklyDigest } from '../../src/activities/weekly-digest.ts'
import { decide } from '../../src/api/approvals.ts'
import { requestAssignmentExtension } from '../../src/api/assignment-extensions.ts'
import { removeAssignment, updateAssignment } from '../../src/api/assignments.ts'
import { administer } from '../../src/api/eligibilities.ts'
import { requestExtension } from '../../src/api/extensions.ts'
import { changeRoleSettings } from '../../src/api/role-settings.ts'
import { decideSettingsChange } from '../../src/api/settings-changes.ts'
import { cancelRequest, deactivate } from '../../src/api/withdrawals.ts'
import { AdminUpdate } from '../../src/domain/assignment.ts'
import { EligibilityAction } from '../../src/domain/eligibility.ts'
import { SelfExtend, SelfExtendAssignment } from '../../src/domain/extension.ts'
import type { AnyNotice } from '../../src/domain/notice.ts'
import type { Person } from '../../src/domain/person.ts'
import { ADMINISTRATORS } from '../../src/domain/role.ts'
import { Throttled } from '../../src/ports.ts'
import {
  ada,
  alan,
  caller,
  dorothy,
  exchange,
  exchangeRole,
  grace,
  linus,
  mallory,
  user,
} from '../fakes/people.ts'
import { approvalRule, lasting, type World, world } from '../fakes/world.ts'

const DAY = 86_400_000
const START = Date.parse('2030-01-01T09:00:00.000Z')
const MINUTES = (n: number) => n * 60_000

/** Two look after roles; Ada may activate, when Grace has approved, and then Linus. */
function organisation(w: World) {
  w.tenant.give(dorothy.id, { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[1] as string }, 1000 * DAY)
  const rule = approvalRule([user(grace.id)], {
    isEscalationEnabled: true,
    escalationTimeInMinutes: 60,
    escalationApprovers: [user(linus.id)],
  })
  return w.changeRules([rule])
}

/** What the host does: whatever is due, twice, and then the mails, each of which is brought once. */
async function hour(w: World, kinds: Set<string>) {
  for (let n = 0; n < 2; n++) {
    const open = [...w.rows.values()].map(({ value }) => value)
    for (const { id, turn } of open) await advance(w.ports, { requestId: id, turn })
    await post(w, kinds)
    await sweep(w.ports, w.workflows)
    await post(w, kinds)
    await scan(w.ports, w.workflows)
    await weeklyDigest(w.ports)
    await post(w, kinds)
  }
}

async function post({ post, ports }: World, kinds: Set<string>) {
  const { notices, eligibilityNotices, incidents, settings, digests } = post
  for (const queue of [notices, eligibilityNotices, incidents, settings, digests] as AnyNotice[][])
    for (const notice of queue.splice(0)) {
      for (const kind of notice.kinds) kinds.add(kind)
      await deliver(ports, notice)
    }
}

test('in months in which everything happens nobody gets two mails of one event', async () => {
  const w = world()
  await organisation(w)
  const kinds = new Set<string>()
  let now = START
  const pass = async (millis: number) => {
    await post(w, kinds) // the queue is quicker than the next look
    now += millis
    w.clock.now = new Date(now)
    await hour(w, kinds)
  }
  const by = caller(alan)
  const make = (principalId: string, duration = 'P30D') =>
    administer(
      w.ports,
      by,
      EligibilityAction.parse({
        action: 'adminAssign',
        principalId,
        roleDefinitionId: exchange.id,
        justification: 'CHG-1',
        scheduleInfo: { expiration: { type: 'afterDuration', duration } },
      }),
    )
  const change = (id: string, days: number, how = 'adminUpdate') => ({
    action: how,
    targetScheduleId: id,
    justification: 'CHG-2',
    scheduleInfo: {
      expiration: { type: 'afterDateTime', endDateTime: new Date(now + days * DAY).toISOString() },
    },
  })
  const approve = (id: string, who: Person = alan) =>
    decide(w.ports, w.workflows, who, id, { reviewResult: 'Approve', justification: 'y' }, 'api')

  await pass(0) // the first look finds who administers
  const eligible = await make(ada.id)
  await pass(MINUTES(10))

  // Approved in time, ended by its end; denied; withdrawn; answered by nobody; given back; refused by the tenant.
  const first = await w.ask()
  await pass(MINUTES(5))
  await w.decide(first, 'Approve')
  await pass(MINUTES(5))
  await pass(MINUTES(70))
  const second = await w.ask()
  await pass(MINUTES(61)) // goes further
  await pass(MINUTES(61)) // is reminded of
  await w.decide(second, 'Deny', linus)
  await pass(MINUTES(5))
  await cancelRequest(w.ports, w.workflows, caller(ada), (await w.ask()).id)
  await pass(MINUTES(5))
  await w.ask()
  for (let n = 0; n < 6; n++) await pass(MINUTES(60))
  await w.decide(await w.ask(), 'Approve')
  await pass(MINUTES(10))
  await pass(MINUTES(6))
  await deactivate(w.ports, w.workflows, caller(ada), exchangeRole)
  await pass(MINUTES(10))
  w.tenant.always.add = 'refused'
  await w.decide(await w.ask(), 'Approve')
  await pass(MINUTES(10))
  w.tenant.always.add = 'fine'

  // Its removal fails for a while.
  await w.decide(await w.ask(), 'Approve')
  await pass(MINUTES(5))
  w.tenant.always.remove = 'down'
  for (let n = 0; n < 8; n++) await pass(MINUTES(30))
  w.tenant.always.remove = 'fine'
  await pass(MINUTES(60))

  // Assigned, moved by an administrator, extended by a wish, warned of, taken away; and somebody outside.
  const assigned = await w.assign(mallory.id, lasting('P30D'))
  await pass(MINUTES(5))
  await updateAssignment(w.ports, w.workflows, by, AdminUpdate.parse(change(assigned.id, 40)))
  await pass(MINUTES(60))
  w.tenant.give(grace.id, exchangeRole)
  for (let day = 0; day < 28; day++) await pass(DAY)
  const wish = SelfExtendAssignment.parse({ ...change(assigned.id, 30), action: 'selfExtend' })
  const more = await requestAssignmentExtension(w.ports, caller(mallory), wish)
  const longer = await requestExtension(
    w.ports,
    caller(ada),
    SelfExtend.parse({ ...change(eligible.id, 40), action: 'selfExtend' }),
  )
  await pass(MINUTES(60))
  await approve(more.id)
  await approve(longer.id, dorothy)
  await pass(MINUTES(5))
  await administer(w.ports, by, EligibilityAction.parse(change(eligible.id, 50, 'adminExtend')))
  for (let day = 0; day < 90; day++) await pass(DAY)
  const again = await w.assign(mallory.id, lasting('P90D'))
  await pass(MINUTES(10))
  await pass(MINUTES(6))
  await removeAssignment(w.ports, w.workflows, by, { action: 'adminRemove', targetScheduleId: again.id })
  const gone = await make(linus.id)
  await pass(MINUTES(10))
  await pass(MINUTES(6))
  await administer(w.ports, by, { action: 'adminRemove', targetScheduleId: gone.id })
  await pass(MINUTES(10))

  // A change of settings, confirmed by a second person.
  w.ports.settingsNeedTwo = true
  const asked = await changeRoleSettings(w.ports, by, exchangeRole, {
    rules: [approvalRule([user(linus.id)])],
    justification: 'policy 7',
  })
  await pass(MINUTES(5))
  await decideSettingsChange(w.ports, caller(dorothy), asked.changeId as string, {
    reviewResult: 'Approve',
    justification: 'seen',
  })
  await pass(MINUTES(5))

  expect([...kinds].sort()).toEqual(
    [
      ...['activated', 'approvalEscalated', 'approvalReminder', 'approvalRequested', 'assigned', 'canceled'],
      ...['decided', 'ended', 'endsIn14Days', 'endsIn1Day', 'failed', 'foundAtFirstLook', 'foundOutside'],
      ...['hasEnded', 'moved', 'removalFailing', 'removed', 'settingsChangeAsked', 'settingsChangeDecided'],
      ...['timedOut', 'weeklyDigest'],
    ].sort(),
  )
  const seen = new Map<string, string[]>()
  for (const { key, subject, to } of w.post.mails)
    seen.set(key, [...(seen.get(key) ?? []), `${to.id} ${subject}`])
  expect([...seen].filter(([, mails]) => mails.length > 1)).toEqual([])
  // Nothing is left that anybody would be told once more.
  expect([...w.views.indexed.keys()].sort()).toEqual([...w.events.keys()].sort())
})

test('a digest that waits for the quota looks nobody up, is no failure for good, and goes out when there is room', async () => {
  const w = world()
  const notice: AnyNotice = {
    kinds: ['weeklyDigest'],
    digest: { week: '2030-W01' },
    personId: alan.id,
    events: [],
  }
  const digest = { week: '2030-W01', from: '', to: '', asOf: null, providers: [] }
  await w.ports.digests.keep(digest, { week: '2030-W01', madeAt: '', sentUpTo: null, isSent: false })
  w.post.quota.left = 0
  const away = { ...w.ports.directory, person: () => Promise.reject(new Error('It was asked.')) }
  await expect(deliver({ ...w.ports, directory: away }, notice)).rejects.toThrow(Throttled)
  await deliver(w.ports, notice, FRESH_COPY_AFTER)
  expect(w.post.digests).toMatchObject([{ personId: alan.id }])
  delete w.post.quota.left
  for (const each of w.post.digests.splice(0)) await deliver(w.ports, each)
  expect(w.post.mails.map(({ key }) => key)).toEqual([`digest 2030-W01 ${alan.id}`])
})
