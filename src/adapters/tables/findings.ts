import type { AuditEvent } from '../../domain/audit.ts'
import type { Governed } from '../../domain/governed.ts'
import type { Incident } from '../../domain/incident.ts'
import type { Findings, LookPlace, Page, Stored } from '../../ports.ts'
import { eventWrites } from './event-writes.ts'
import { findings as keys, range } from './keys.ts'
import type { ReadRow, Row, Table, Write } from './table.ts'

/** What drift has found, in a partition of the truth: each change is one transaction with its events. */
export function tableFindings(table: Table): Findings {
  async function find(id: string): Promise<Stored<Incident> | undefined> {
    const read = await table.get(keys.partition, keys.incident(id))
    return read && { value: parse<Incident>(read), etag: read.etag }
  }

  async function all<T>(prefix: string): Promise<T[]> {
    const { from, to } = range(prefix)
    return (await table.query(keys.partition, from, to, MOST)).map((each) => parse<T>(each))
  }

  async function write(incident: Incident, lock: Lock, old: Incident | undefined, events: AuditEvent[]) {
    const moves = old?.state !== incident.state
    const stands = row(keys.standing(incident, incident.principal.id), incident)
    const etags = await table.transact([
      { put: row(keys.incident(incident.id), incident), onlyIf: lock },
      incident.state === 'resolved'
        ? { delete: stands }
        : { put: stands, onlyIf: old ? 'whatever' : 'absent' },
      { put: row(listed(incident), incident), onlyIf: 'whatever' },
      ...(old && moves ? [{ delete: row(listed(old), old) }] : []),
      ...eventWrites(keys.partition, events),
    ])
    return etags && { value: incident, etag: etags[0] as string }
  }

  return {
    governed: () => all<Governed>(keys.allGoverned),

    async findGoverned(place) {
      const there = await table.get(keys.partition, keys.governed(place))
      return there && parse<Governed>(there)
    },

    async governedPage({ top, after }) {
      const { from, to } = range(keys.allGoverned)
      const start = after ? `${after}!` : from // right behind it: names may begin as others end, and have nothing before !
      return page<Governed>(await table.query(keys.partition, start, to, top), top)
    },

    async govern(place, events) {
      const written = await table.transact([
        { put: row(keys.governed(place), place), onlyIf: 'absent' },
        ...eventWrites(keys.partition, events),
      ])
      return written !== undefined
    },

    async release(place, events) {
      const written = await table.transact([
        { delete: { partitionKey: keys.partition, rowKey: keys.governed(place) } },
        ...eventWrites(keys.partition, events),
      ])
      return written !== undefined
    },

    async openIncident({ incident, events }) {
      if (await write(incident, 'absent', undefined, events)) return true
      return (await find(incident.id)) !== undefined // ids are never made twice: it is ours
    },

    findIncident: find,

    writeIncident: (read, { incident, events }) => write(incident, { etag: read.etag }, read.value, events),

    async standing(role, principalId) {
      const there = await table.get(keys.partition, keys.standing(role, principalId))
      return there && find(parse<Incident>(there).id)
    },

    standingAt: (place) => all<Incident>(keys.standingAt(place)),

    async incidents(provider, state, { top, after }) {
      const { from, to } = range(keys.list(provider, state))
      return page<Incident>(await table.query(keys.partition, after ? `${after}~` : from, to, top), top)
    },

    async readPlace(name) {
      const parts = await all<LookPlace>(keys.places(name))
      const [first] = parts
      return first && { after: first.after, seen: parts.flatMap(({ seen }) => seen) }
    },

    async writePlace(name, place) {
      const { from, to } = range(keys.places(name))
      const old = await table.query(keys.partition, from, to, MOST)
      const chunks: LookPlace[] = place ? [{ after: place.after, seen: [] }, ...inRows(place.seen)] : []
      const puts = chunks.map(
        (chunk, n): Write => ({ put: row(keys.place(name, n), chunk), onlyIf: 'whatever' }),
      )
      const deletes = old.slice(chunks.length).map(
        ({ partitionKey, rowKey }): Write => ({
          delete: { partitionKey, rowKey },
        }),
      )
      const writes = [...deletes, ...puts] // what was not seen is only looked for again: half of it does no harm
      for (let start = 0; start < writes.length; start += AT_ONCE)
        await table.transact(writes.slice(start, start + AT_ONCE))
    },
  }
}

/** More than any scope holds, Azure's four thousand for a subscription included. */
const MOST = 50_000
/** A row holds 32 thousand characters, and a transaction 4 MiB. */
const A_ROWFUL = 30_000
const AT_ONCE = 50

/** What was seen, in as many rows as it takes: of Azure a single text may have some hundreds of characters. */
function inRows(seen: readonly string[]): LookPlace[] {
  const rows: LookPlace[] = []
  let size = A_ROWFUL
  for (const text of seen) {
    size += JSON.stringify(text).length + 1
    if (size > A_ROWFUL) {
      rows.push({ after: null, seen: [] })
      size = JSON.stringify(text).length
    }
    rows.at(-1)?.seen.push(text)
  }
  return rows
}

type Lock = 'absent' | { etag: string }

const listed = ({ provider, state, id }: Incident) => keys.listed(provider, state, id)
const parse = <T>({ doc }: Pick<ReadRow, 'doc'>): T => JSON.parse(doc) as T
const page = <T>(rows: ReadRow[], top: number): Page<T> => ({
  items: rows.map((each) => parse<T>(each)),
  next: rows.length < top ? null : (rows.at(-1)?.rowKey ?? null),
})
const row = (rowKey: string, value: unknown): Row => ({
  partitionKey: keys.partition,
  rowKey,
  doc: JSON.stringify(value),
})
