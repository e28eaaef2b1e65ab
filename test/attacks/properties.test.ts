import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { isThorough } from '../support/daily.ts'
import { people, roles, useGround } from './ground.ts'

let sequences = 0
let steps = 0
const ground = useGround(
  ({ tried }) => `properties: ${sequences} sequences of ${steps} steps in all, ${tried} calls`,
)
const FREE = roles.groupsAdministrator.id
const APPROVED = roles.reportsReader.id
const WHO = ['ada', 'grace', 'linus'] as const
const ROLES = [FREE, APPROVED]

beforeAll(async () => {
  const { it } = ground
  for (const who of WHO) for (const role of ROLES) await it.makeEligible(people[who].id, role)
  // Grace and Linus approve and ask alike; Ada is named too, and may still not approve herself.
  const named = WHO.map((who) => ({ '@odata.type': '#microsoft.graph.singleUser', userId: people[who].id }))
  await it.demandApproval(APPROVED, { primaryApprovers: named, approvalStageTimeOutInMinutes: 30 })
})

type Asked = {
  id: string
  status: string
  roleDefinitionId: string
  principal: { id: string }
  approval: { reviewedBy: { id: string } | null; reviewResult: string } | null
  scheduleInfo: { expiration: { endDateTime: string | null } }
}

const who = fc.constantFrom(...WHO)
const role = fc.constantFrom(...ROLES)
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      who,
      role,
      minutes: fc.integer({ min: 5, max: 60 }),
      later: fc.constantFrom(0, 0, 20),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('decide' as const), who, nth: fc.nat(5), yes: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), who, nth: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deactivate' as const), who, role }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('walk' as const), minutes: fc.integer({ min: 1, max: 40 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('jump' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
  },
) // prettier-ignore

/** All requests, as a reader sees them. */
async function ledger(): Promise<Asked[]> {
  const lists = await Promise.all(
    WHO.map((each) =>
      ground.it.must(200, 'dorothy', 'GET', `/api/requests?top=200&principalId=${people[each].id}`),
    ),
  )
  return lists.flatMap(({ value }) => value)
}

// Every day in memory, many more: test/api/approval-properties, test/activities/overlaps-properties and year-of-life.
test.runIf(isThorough)(
  'whatever people do in whatever order: tenant and ledger agree at rest, nobody approves himself, no end moves',
  async () => {
    const { it } = ground
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 14 }), async (sequence) => {
        sequences++
        const ends = new Map<string, string>()
        for (const each of sequence) {
          steps++
          const before = await ledger()
          const pending = before.filter(({ status }) => status === 'PendingApproval')
          const nth = 'nth' in each ? pending[each.nth % Math.max(1, pending.length)] : undefined
          if (each.do === 'ask') {
            const start = new Date((await it.now()).getTime() + each.later * 60_000).toISOString()
            await it.asks(each.who, each.role, {
              scheduleInfo: {
                ...(each.later && { startDateTime: start }),
                expiration: { type: 'afterDuration', duration: `PT${each.minutes}M` },
              },
            })
          } else if (each.do === 'decide' && nth) {
            const heard = await it.decides(each.who, nth.id, each.yes ? 'Approve' : 'Deny')
            if (nth.principal.id === people[each.who].id) expect(heard.status).toBe(403)
          } else if (each.do === 'cancel' && nth) {
            const heard = await it.as(each.who, 'POST', `/api/requests/${nth.id}/cancel`)
            if (nth.principal.id !== people[each.who].id) expect(heard.status).toBe(403)
          } else if (each.do === 'deactivate')
            await it.as(each.who, 'POST', '/api/requests', {
              action: 'selfDeactivate',
              roleDefinitionId: each.role,
            })
          else if (each.do === 'walk') await it.host.advance(`PT${each.minutes}M`)
          else if (each.do === 'jump') await it.host.jump(`PT${each.minutes}M`)
          await it.host.idle()
          await atRest(await ledger(), ends)
        }
        await it.host.advance('PT2H') // longer than the longest approval, delay and hour together
        const after = await ledger()
        await atRest(after, ends)
        expect(after.filter(({ status }) => OPEN.includes(status))).toEqual([])
      }),
      { seed: 20270314, numRuns: 10, endOnFailure: true },
    )
  },
)

const OPEN = ['PendingApproval', 'Granted', 'PendingProvisioning', 'Provisioned', 'PendingRevocation']

async function atRest(all: Asked[], ends: Map<string, string>): Promise<void> {
  const { it } = ground
  for (const each of WHO)
    for (const roleDefinitionId of ROLES) {
      const theirs = all.filter(
        (one) => one.principal.id === people[each].id && one.roleDefinitionId === roleDefinitionId,
      )
      const open = theirs.filter(({ status }) => OPEN.includes(status))
      expect(open.length).toBeLessThanOrEqual(1)
      const provisioned = open.some(({ status }) => status === 'Provisioned')
      const held = await it.tenant.holds(each, roleDefinitionId)
      expect([each, roleDefinitionId, held], JSON.stringify(open)).toEqual([
        each,
        roleDefinitionId,
        provisioned,
      ])
    }
  const now = await it.now()
  for (const { id, status, roleDefinitionId, principal, approval, scheduleInfo } of all) {
    const by = approval?.reviewedBy?.id
    expect(by).not.toBe(principal.id)
    if (roleDefinitionId === APPROVED && ['Provisioned', 'Expired', 'Revoked'].includes(status))
      expect(approval?.reviewResult).toBe('Approved')
    const end = scheduleInfo.expiration.endDateTime
    if (end && approval?.reviewResult !== 'NotReviewed') {
      expect([id, end]).toEqual([id, ends.get(id) ?? end])
      ends.set(id, end)
    }
    if (status === 'Provisioned') expect(Date.parse(end as string)).toBeGreaterThan(now.getTime() - 2000)
  }
}
