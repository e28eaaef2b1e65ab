import type { Eligibility } from '../../domain/eligibility.ts'
import type { OpenWork } from '../../domain/open-work.ts'
import { type Role, roleKey } from '../../domain/role.ts'
import type { DueRow, Views } from '../../ports.ts'
import { eventIndex } from './event-index.ts'
import { open, range } from './keys.ts'
import type { Row, Table, Write } from './table.ts'

/** Lists derived from the truth: what is open, events found again, eligibilities by role. */
export function tableViews(
  tables: { open: Table; events: Table; days: Table; byRole: Table },
  now: () => number,
): Views {
  const events = eventIndex(tables.events, tables.days)
  const noted = { at: Number.NEGATIVE_INFINITY, groups: [] as string[] }

  return {
    async list(subjectId, work, before) {
      const rows = openRows(subjectId, work)
      const gone = openRows(subjectId, before).filter(
        (old) => !rows.some(({ rowKey }) => rowKey === old.rowKey),
      )
      const puts = rows.map((put): Write => ({ put, onlyIf: 'whatever' }))
      const deletes = gone.map(({ partitionKey, rowKey }): Write => ({ delete: { partitionKey, rowKey } }))
      if (puts.length + deletes.length === 0 || (await tables.open.transact([...puts, ...deletes]))) return
      // Something to take away was gone already: the rest one by one.
      if (puts.length > 0) await tables.open.transact(puts)
      for (const each of deletes) await tables.open.transact([each])
    },

    async due(until, top, after) {
      const from = after ? `${open.due(after.due, after.subjectId)}~` : range('due|').from
      const rows = await tables.open.query(open.partition, from, `due|${until.toISOString()}~`, top)
      return rows.map((row) => JSON.parse(row.doc) as DueRow)
    },

    async awaiting(key, { top, after }) {
      const { from, to } = range(open.awaitingAll(key))
      const start = after ? `${open.awaiting(key, after)}~` : from
      const rows = await tables.open.query(open.partition, start, to, top)
      const items = rows.map(({ rowKey }) => rowKey.slice(rowKey.lastIndexOf('|') + 1))
      return { items, next: rows.length < top ? null : (items.at(-1) ?? null) }
    },

    async noteGroups(ids) {
      const rows = [...new Set(ids)].map((id) => ({
        partitionKey: open.groups,
        rowKey: open.group(id),
        doc: '{}',
      }))
      if (rows.length > 0) await tables.open.transact(rows.map((put) => ({ put, onlyIf: 'whatever' })))
      noted.at = Number.NEGATIVE_INFINITY
    },

    async notedGroups() {
      if (Math.abs(now() - noted.at) < FRESH_MILLIS) return noted.groups
      const at = now()
      const { from, to } = range('group|')
      const rows = await tables.open.query(open.groups, from, to, MOST_GROUPS)
      noted.groups = rows.map(({ rowKey }) => rowKey.slice(from.length))
      noted.at = at
      return noted.groups
    },

    indexEvents: events.add,
    indexed: events.indexed,
    listEvents: events.list,

    async listEligibility(eligibility) {
      await tables.byRole.transact([{ put: byRoleRow(eligibility, eligibility), onlyIf: 'whatever' }])
    },

    async unlistEligibility(id, role) {
      if (!role) return
      const { partitionKey, rowKey } = byRoleRow({ id }, role)
      await tables.byRole.transact([{ delete: { partitionKey, rowKey } }])
    },

    async eligibilitiesOf(role, { top, after }) {
      if (!role) {
        const { rows, token } = await tables.byRole.page(top, after)
        return { items: rows.map(({ doc }) => JSON.parse(doc) as Eligibility), next: token }
      }
      const { from, to } = range('elig-')
      const rows = await tables.byRole.query(roleKey(role), after ? `${after}~` : from, to, top)
      const next = rows.length < top ? null : (rows.at(-1)?.rowKey ?? null)
      return { items: rows.map(({ doc }) => JSON.parse(doc) as Eligibility), next }
    },
  }
}

/** How long the groups that were noted may be served again, where another process may have noted one more. */
const FRESH_MILLIS = 15_000
/** More groups than any directory has eligible, or approving. */
const MOST_GROUPS = 100_000

function openRows(subjectId: string, { awaiting, due }: OpenWork): Row[] {
  const at = (rowKey: string, value: object): Row => ({
    partitionKey: open.partition,
    rowKey,
    doc: JSON.stringify(value),
  })
  const rows = awaiting.map((key) => at(open.awaiting(key, subjectId), {}))
  return due === null ? rows : [...rows, at(open.due(due, subjectId), { subjectId, awaiting, due })]
}

function byRoleRow(eligibility: { id: string }, role: Role): Row {
  return { partitionKey: roleKey(role), rowKey: eligibility.id, doc: JSON.stringify(eligibility) }
}
