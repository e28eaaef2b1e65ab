import { truth } from '../src/adapters/tables/keys.ts'
import { openTable, type Row, type Table, type Write } from '../src/adapters/tables/table.ts'
import type { AuditEvent } from '../src/domain/audit.ts'
import type { Eligibility } from '../src/domain/eligibility.ts'
import { makeId, newestFirst } from '../src/domain/ids.ts'
import { type Role, roleKey } from '../src/domain/role.ts'
import { inLanes } from './world.ts'

/** As an app that has run for a while would have them: with its own keys, in transactions, past its API. */

const LANES = 4
const PER_PRINCIPAL = 50
const ROLES = 40

export const guid = (kind: string, n: number) =>
  `${kind.repeat(8)}-0000-4000-8000-${`${n}`.padStart(12, '0')}`
export const someRole = (n: number): Role => ({
  provider: 'directory',
  roleDefinitionId: guid('7', n % ROLES),
  scope: '/',
})

/** A role that the loaded eligibilities are for: one in forty of them. */
export const LOADED_ROLE = someRole(0).roleDefinitionId
export const LOADED_PRINCIPAL = guid('8', 0)

/** So many eligibilities of others, fifty each, in the truth and in the list by role. */
export async function loadEligibilities(storage: string, size: number): Promise<void> {
  const access = { connectionString: storage }
  const truthTable = openTable(access, 'InterimTruth')
  const byRole = openTable(access, 'InterimEligibilitiesByRole')
  const all = Array.from({ length: size }, (_, n) => someEligibility(n))
  const rowsOf = (one: Eligibility) => ({ rowKey: truth.eligibility(one.id), doc: JSON.stringify(one) })
  await putAll(
    truthTable,
    all.map((one) => ({ partitionKey: truth.partition(one.principalId), ...rowsOf(one) })),
  )
  await putAll(
    byRole,
    all.map((one) => ({ partitionKey: roleKey(one), rowKey: one.id, doc: JSON.stringify(one) })),
  )
}

function someEligibility(n: number): Eligibility {
  const principalId = guid('8', Math.floor(n / PER_PRINCIPAL))
  const at = new Date('2025-01-01T00:00:00Z')
  return {
    ...someRole(n),
    id: makeId('elig', principalId, at, n.toString(36).padStart(12, '0')),
    principalId,
    principalType: 'User',
    principalName: `Person ${principalId}`,
    roleName: 'A role',
    scopeName: 'the whole directory',
    startDateTime: at.toISOString(),
    endDateTime: null,
    createdDateTime: at.toISOString(),
    createdBy: { id: guid('9', 1), displayName: 'An administrator' },
    justification: 'For the work of every day',
  }
}

const EVENTS_A_DAY = 500

/**
 * So many events, five hundred a day up to yesterday, as the trail of everything finds them: the same rows that
 * src/adapters/tables/event-index.ts writes, without those for each role and person, which no page of this list reads.
 */
export async function loadEvents(storage: string, size: number): Promise<void> {
  const open = (name: string) => openTable({ connectionString: storage }, name)
  const yesterday = Date.now() - 86_400_000
  const days = Array.from({ length: Math.ceil(size / EVENTS_A_DAY) }, (_, n) =>
    new Date(yesterday - n * 86_400_000).toISOString().slice(0, 10),
  )
  const dayRow = (day: string): Row => ({
    partitionKey: 'all',
    rowKey: `all|${newestFirst(new Date(`${day}T00:00:00Z`))}`,
    doc: day,
  })
  await putAll(open('InterimEventDays'), days.map(dayRow))
  const rows = Array.from({ length: size }, (_, n) => {
    const day = days[Math.floor(n / EVENTS_A_DAY)] as string
    const event = someEvent(n, day)
    const rowKey = `all|${newestFirst(new Date(event.activityDateTime))}|${event.id}`
    return { partitionKey: day, rowKey, doc: JSON.stringify(event) }
  })
  await putAll(open('InterimEvents'), rows)
}

function someEvent(n: number, day: string): AuditEvent {
  const principal = guid('8', n % 1000)
  const at = new Date(Date.parse(`${day}T00:00:00Z`) + (n % EVENTS_A_DAY) * 150_000)
  const id = makeId('req', principal, at, n.toString(36).padStart(12, '0'))
  return {
    id: `${id}.requested`,
    activityDateTime: at.toISOString(),
    activityDisplayName: 'Add member to role requested (PIM activation)',
    category: 'RoleManagement',
    loggedByService: 'PIM',
    result: 'success',
    resultReason: 'INC-42: the mailbox of the support team is stuck',
    initiatedBy: { id: principal, displayName: 'Somebody' },
    principal: { id: principal, displayName: 'Somebody' },
    role: { ...someRole(n), displayName: 'A role' },
    correlationId: id,
    additionalDetails: [],
  }
}

/** By partition, a hundred rows at a time. */
export async function putAll(table: Table, rows: Row[]): Promise<void> {
  const partitions = new Map<string, Row[]>()
  for (const row of rows) {
    const there = partitions.get(row.partitionKey)
    if (there) there.push(row)
    else partitions.set(row.partitionKey, [row])
  }
  const batches = [...partitions.values()].flatMap((ofOne) =>
    Array.from({ length: Math.ceil(ofOne.length / 100) }, (_, n) => ofOne.slice(n * 100, n * 100 + 100)),
  )
  await inLanes(LANES, batches, async (batch) => {
    await table.transact(batch.map((put): Write => ({ put, onlyIf: 'whatever' })))
  })
}
