import type { AuditEvent } from '../../domain/audit.ts'
import type { Eligibility } from '../../domain/eligibility.ts'
import { guardKey, isOpen, isOurs, type Request } from '../../domain/request.ts'
import type { Step } from '../../domain/request-steps.ts'
import { roleKey } from '../../domain/role.ts'
import { type Store, type Stored, Unavailable } from '../../ports.ts'
import { eventWrites } from './event-writes.ts'
import { range, truth } from './keys.ts'
import type { ReadRow, Row, Table, Write } from './table.ts'

/** The truth in one table: every transition is one entity group transaction of the state and its events. */
export function tableStore(table: Table): Store {
  async function find(id: string): Promise<(Stored<Request> & { rowKey: string }) | undefined> {
    const partition = truth.partitionOf(id)
    if (!partition) return undefined
    for (const rowKey of [truth.openRequest(id), truth.pastRequest(id)]) {
      const row = await table.get(partition, rowKey)
      if (row) return { ...stored<Request>(row), rowKey }
    }
    return undefined
  }

  return {
    async readLive(principalId) {
      const { from, to } = range('live|')
      const rows = await table.query(truth.partition(principalId), from, to, MOST_LIVE)
      return {
        eligibilities: rows
          .filter(({ rowKey }) => rowKey.startsWith('live|elig|'))
          .map((row) => parse<Eligibility>(row)),
        requests: rows
          .filter(({ rowKey }) => rowKey.startsWith('live|req|'))
          .map((row) => stored<Request>(row))
          .filter(({ value }) => isOpen(value)),
      }
    },

    recallLive: async () => undefined, // src/adapters/remembering.ts

    findRequest: find,

    async openRequest({ request, events }, answers) {
      const written = await table.transact([
        { put: requestRow(request), onlyIf: 'absent' },
        { put: guardRow(request), onlyIf: 'absent' },
        ...eventWrites(truth.partition(request.principal.id), events),
        ...(answers ? requestWrites(answers.read, answers.step) : []),
      ])
      return written !== undefined || (await find(request.id)) !== undefined // ids are never made twice: it is ours
    },

    async writeRequest(read, step, answers) {
      const { request, events } = step
      const isPast = !isOpen(read.value) && (await find(request.id))?.rowKey.startsWith('past|')
      const etags = await table.transact(
        isPast
          ? [
              { put: pastRow(request), onlyIf: { etag: read.etag } },
              ...eventWrites(truth.partition(request.principal.id), events),
            ]
          : [...requestWrites(read, step), ...(answers ? requestWrites(answers.read, answers.step) : [])],
      )
      return etags && { value: request, etag: etags[0] as string }
    },

    async tidyRequest(id) {
      const partitionKey = truth.partitionOf(id)
      if (partitionKey) await table.transact([{ delete: { partitionKey, rowKey: truth.openRequest(id) } }])
    },

    async record(events) {
      for (const event of events) {
        const partitionKey = truth.partitionOf(event.correlationId)
        if (!partitionKey) throw new RangeError(`Not the id of a subject: ${event.correlationId}`)
        await table.transact(eventWrites(partitionKey, [event]))
      }
    },

    async listPastRequests(principalId, { top, after }) {
      const { from, to } = range('past|')
      const rows = await table.query(truth.partition(principalId), after ? `${after}~` : from, to, top)
      return {
        items: rows.map((row) => parse<Request>(row)),
        next: rows.length < top ? null : (rows.at(-1)?.rowKey ?? null),
      }
    },

    async lastEnded(principalId, role) {
      const found = await table.get(truth.partition(principalId), truth.ended(roleKey(role), principalId))
      return found && parse<{ at: string }>(found).at
    },

    async eventsOf(subjectId) {
      const partition = truth.partitionOf(subjectId)
      if (!partition) return []
      const { from, to } = range(truth.event(`${subjectId}.`))
      const rows: ReadRow[] = []
      for (let page: ReadRow[] | undefined; !page || page.length === A_PAGE; rows.push(...page))
        page = await table.query(partition, page ? `${page.at(-1)?.rowKey}~` : from, to, A_PAGE)
      return rows
        .map((row) => parse<AuditEvent>(row))
        .sort((a, b) => a.activityDateTime.localeCompare(b.activityDateTime))
    },

    async addEligibility(eligibility, events, judge, answers) {
      const partitionKey = truth.partition(eligibility.principalId)
      const rowKey = truth.additions(roleKey(eligibility), eligibility.principalId)
      for (let attempt = 0; attempt < 20; attempt++) {
        const guard = await table.get(partitionKey, rowKey)
        judge((await this.readLive(eligibility.principalId)).eligibilities)
        const written = await table.transact([
          {
            put: row(partitionKey, rowKey, { last: eligibility.id }),
            onlyIf: guard ? { etag: guard.etag } : 'absent',
          },
          { put: eligibilityRow(eligibility), onlyIf: 'whatever' },
          ...eventWrites(truth.partition(eligibility.principalId), events),
          ...(answers ? requestWrites(answers.read, answers.step) : []),
        ])
        if (written) return true
        if (answers && (await find(answers.read.value.id))?.etag !== answers.read.etag) return false
      }
      throw new Unavailable('Others add eligibilities for the same role without end.')
    },

    async findGoneEligibility(id) {
      const partition = truth.partitionOf(id)
      const row = partition && (await table.get(partition, truth.goneEligibility(id)))
      return row ? parse<Eligibility>(row) : undefined
    },

    async findEligibility(id) {
      const partition = truth.partitionOf(id)
      const row = partition && (await table.get(partition, truth.eligibility(id)))
      return row ? stored<Eligibility>(row) : undefined
    },

    async changeEligibility(read, { eligibility, events, isGone, request }, judge) {
      const { id, principalId } = read.value
      const partitionKey = truth.partition(principalId)
      const others: Write[] = []
      if (judge || isGone) {
        const rowKey = truth.additions(roleKey(eligibility), principalId)
        const guard = await table.get(partitionKey, rowKey)
        judge?.((await this.readLive(principalId)).eligibilities.filter((other) => other.id !== id))
        others.push({
          put: row(partitionKey, rowKey, { last: id }),
          onlyIf: guard ? { etag: guard.etag } : 'absent',
        })
      }
      const rowKey = truth.eligibility(id)
      // A row cannot be deleted under its lock within a transaction: whoever moves a window takes the guard, so that is held.
      if (isGone && (await table.get(partitionKey, rowKey))?.etag !== read.etag) return false
      const written = await table.transact([
        ...others,
        ...(isGone
          ? ([
              { delete: { partitionKey, rowKey } },
              { put: row(partitionKey, truth.goneEligibility(id), eligibility), onlyIf: 'whatever' },
            ] as const)
          : [{ put: eligibilityRow(eligibility), onlyIf: { etag: read.etag } }]),
        ...(request ? requestWrites(request.read, request.step) : []),
        ...eventWrites(truth.partition(principalId), events),
      ])
      return written !== undefined
    },
  }
}

const A_PAGE = 1000

/**
 * More than anybody has open or is eligible for, a group at every resource of a subscription included; a bound, so that no partition can
 * make a read endless. What is open comes last: left out, it would cover nothing and be shown to nobody.
 */
const MOST_LIVE = 50_000

const parse = <T>(row: ReadRow): T => JSON.parse(row.doc) as T
const stored = <T>(row: ReadRow): Stored<T> => ({ value: parse<T>(row), etag: row.etag })

const row = (partitionKey: string, rowKey: string, value: unknown): Row => ({
  partitionKey,
  rowKey,
  doc: JSON.stringify(value),
})
const requestRow = (request: Request) =>
  row(truth.partition(request.principal.id), truth.openRequest(request.id), request)
const pastRow = (request: Request) =>
  row(truth.partition(request.principal.id), truth.pastRequest(request.id), request)
const guardRow = (request: Request) =>
  row(truth.partition(request.principal.id), truth.guard(guardKey(request), request.principal.id), {
    requestId: request.id,
  })
const endedRow = (request: Request) =>
  row(truth.partition(request.principal.id), truth.ended(roleKey(request), request.principal.id), {
    at: request.completedDateTime,
  })
const eligibilityRow = (eligibility: Eligibility) =>
  row(truth.partition(eligibility.principalId), truth.eligibility(eligibility.id), eligibility)

/** A request that was open, as it is next: once it is over its guard is free, it is found among the past, and that it was ours. */
function requestWrites(read: Stored<Request>, { request, events }: Step): Write[] {
  const closes = isOpen(read.value) && !isOpen(request)
  return [
    { put: requestRow(request), onlyIf: { etag: read.etag } },
    ...(closes
      ? ([{ put: pastRow(request), onlyIf: 'whatever' }, { delete: guardRow(request) }] as const)
      : []),
    ...(closes && isOurs(request) ? [{ put: endedRow(request), onlyIf: 'whatever' } as const] : []),
    ...eventWrites(truth.partition(request.principal.id), events),
  ]
}
