import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { messagesOf } from '../../src/adapters/outbox.ts'
import { tableViews } from '../../src/adapters/tables/views.ts'
import { approvalFaults } from '../../src/domain/approval-faults.ts'
import type { Approver } from '../../src/domain/approver.ts'
import { UNLISTED } from '../../src/domain/open-work.ts'
import type { Person } from '../../src/domain/person.ts'
import type { Request } from '../../src/domain/request.ts'
import { ada, engineers, group } from '../fakes/people.ts'
import { memoryTable } from '../fakes/table.ts'
import { approvalRule, world } from '../fakes/world.ts'

const HOLDERS: Approver = { '@odata.type': '#interim.roleHolders', roleDefinitionId: engineers }
const guid = (n: number) => `aaaaaaaa-0000-4000-8000-${`${n}`.padStart(12, '0')}`
const LONG = 'Ω"\\'.repeat(400).slice(0, 1000)

/** As much as the settings let anybody ask for: five stages that name sixty approvers, two hundred people behind each. */
async function most(approvalMode: 'Serial' | 'Parallel') {
  const w = world()
  const people = Array.from(
    { length: 200 },
    (_, n): Person => ({
      ...ada,
      id: guid(n),
      displayName: `${n} ${'N'.repeat(250)}`,
    }),
  )
  for (const person of people) w.tenant.people.set(person.id, person)
  w.tenant.groups.set(engineers, {
    id: engineers,
    displayName: 'Engineers',
    members: people.map(({ id }) => id),
  })
  await w.makeEligible(ada.id)
  const [first] = approvalRule().setting.approvalStages
  const approvalStages = Array.from({ length: 5 }, (_, stage) => ({
    ...first,
    approvalsRequired: 2,
    primaryApprovers: [
      group(engineers),
      { '@odata.type': '#interim.roleHolders' as const },
      HOLDERS,
      ...Array.from({ length: 9 }, (_, n) => group(guid(1000 + stage * 20 + n))),
    ],
  })) as never
  const rule = approvalRule()
  const setting = { ...rule.setting, approvalMode, approvalStages }
  expect(approvalFaults(rule.id, setting)).toEqual([])
  await w.changeRules([{ ...rule, setting }])
  for (const { id } of people)
    w.tenant.give(id, { provider: 'directory', roleDefinitionId: engineers, scope: '/' })
  const rows = memoryTable()
  const views = tableViews(
    { open: rows, events: memoryTable(), days: memoryTable(), byRole: memoryTable() },
    () => 0,
  )
  const list = w.ports.views.list
  w.ports.views = {
    ...w.ports.views,
    async list(id, work, before) {
      await views.list(id, work, before)
      await list(id, work, before)
    },
  }
  return { ...w, people, rows, list: views.list }
}

/** Azure's, which is kept with the request too. */
const LONGEST_CONDITION = 4100

const chars = (value: object) => JSON.stringify(value).length

describe('the most that settings let anybody ask for', () => {
  test.each(['Serial', 'Parallel'] as const)(
    'fits into rows and messages, from the first day to the last: %s',
    async (mode) => {
      const w = await most(mode)
      const fits = (request: Request) => {
        expect(chars(w.row(request.id)) + LONGEST_CONDITION).toBeLessThan(64_000)
        for (const notice of w.post.notices.splice(0)) expect(messagesOf(notice)).toHaveLength(1)
      }
      const request = await w.ask({
        justification: LONG,
        ticketInfo: { ticketNumber: 'N'.repeat(100), ticketSystem: 'S'.repeat(100) },
      })
      fits(request)
      for (const person of w.people.slice(0, 10)) {
        await w.decideWith(request, person, LONG)
        fits(request)
        await advance(w.ports, { requestId: request.id, turn: 1 })
        fits(request)
      }
      expect(w.row(request.id).status).toBe('Provisioned')
    },
  )
})

test('a subject that is on more lists than go into one transaction is put on all, and taken off all', async () => {
  const rows = memoryTable()
  const views = tableViews(
    { open: rows, events: memoryTable(), days: memoryTable(), byRole: memoryTable() },
    () => 0,
  )
  const work = {
    awaiting: Array.from({ length: 250 }, (_, n) => `user-${guid(n)}`),
    due: '2030-01-01T00:00:00.000Z',
  }
  await views.list('req-1', work, UNLISTED)
  expect(rows.rows.size).toBe(251)
  await views.list('req-1', UNLISTED, work)
  expect(rows.rows.size).toBe(0)
})
