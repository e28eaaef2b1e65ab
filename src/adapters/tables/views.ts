import type { Eligibility } from '../../domain/eligibility.ts'
import type { OpenWork } from '../../domain/open-work.ts'
import { type Role, roleKey } from '../../domain/role.ts'
import type { DueRow, Views } from '../../ports.ts'
import { eventIndex } from './event-index.ts'
import { open, range } from './keys.ts'
import type { Row, Table, Write } from './table.ts'

/** The tables of the views, by their names. */
export const viewTables = <T>(table: (name: string) => T) => ({
  open: table('InterimOpen'),
  events: table('InterimEvents'),
  days: table('InterimEventDays'),
  byRole: table('InterimEligibilitiesByRole'),
})

/** Lists derived from the truth: what is open, events found again, eligibilities by role. `now` is in milliseconds. */
export function tableViews(tables: ReturnType<typeof viewTables<Table>>, now: () => number): Views {
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
      await relist(tables.open, puts.reverse(), deletes) // first of all what the sweep looks at
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

    async ending(key, from, to, top) {
      const at = (instant: Date) => `${open.awaitingAll(key)}${instant.toISOString()}`
      const rows = await tables.open.query(open.partition, at(from), at(to), top)
      return rows.map(({ rowKey }) => rowKey.slice(rowKey.lastIndexOf('|') + 1))
    },

    async noteGroups(ids) {
      const rows = [...new Set(ids)].map((id) => ({
        partitionKey: open.groups,
        rowKey: open.group(id),
        doc: '{}',
      }))
      for (const part of parts(rows, MOST_AT_ONCE))
        await tables.open.transact(part.map((put) => ({ put, onlyIf: 'whatever' })))
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

/** At once where that goes: there may be more rows, or something to take away may be gone already. */
async function relist(table: Table, puts: Write[], deletes: Write[]): Promise<void> {
  const all = [...puts, ...deletes]
  if (all.length === 0 || (all.length <= MOST_AT_ONCE && (await table.transact(all)))) return
  for (const part of parts(puts, MOST_AT_ONCE)) await table.transact(part)
  for (const part of parts(deletes, MOST_AT_ONCE))
    if (!(await table.transact(part))) for (const each of part) await table.transact([each])
}

/** So many rows are written all or nothing. */
const MOST_AT_ONCE = 100

const parts = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size))

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
