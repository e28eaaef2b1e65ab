import { truth } from '../../src/adapters/tables/keys.ts'
import type { AuditEvent } from '../../src/domain/audit.ts'
import type { Eligibility } from '../../src/domain/eligibility.ts'
import { newestFirstOf } from '../../src/domain/ids.ts'
import { guardKey, isOpen, isOurs, type Request } from '../../src/domain/request.ts'
import { type Role, roleKey } from '../../src/domain/role.ts'
import type { Answered, Store, Stored } from '../../src/ports.ts'

type Row = { value: Request; etag: string; live: boolean; past: boolean }

/** The truth in memory, with the promises of the real one: all or nothing, under locks, events with their change. */
export function fakeStore() {
  const rows = new Map<string, Row>()
  const guards = new Map<string, string>()
  const events = new Map<string, AuditEvent>()
  const eligibilities = new Map<string, Eligibility>()
  const eligibilityTags = new Map<string, string>()
  const gone = new Map<string, Eligibility>()
  const ended = new Map<string, string>()
  let writes = 0

  const guardOf = (request: Request) => `${guardKey(request)}|${request.principal.id}`
  const endedKey = (principalId: string, role: Role) => `${roleKey(role)}|${principalId}`
  const record = (fresh: readonly AuditEvent[]) => {
    for (const event of fresh) events.set(event.id, structuredClone(event))
  }
  const put = (request: Request, live: boolean): Stored<Request> => {
    const etag = `"${++writes}"`
    rows.set(request.id, { value: structuredClone(request), etag, live, past: !isOpen(request) })
    return { value: structuredClone(request), etag }
  }
  const newestFirst = (a: string, b: string) =>
    `${newestFirstOf(a)}|${a}` < `${newestFirstOf(b)}|${b}` ? -1 : 1

  const isStale = (answers?: Answered) =>
    answers !== undefined && rows.get(answers.step.request.id)?.etag !== answers.read.etag

  const eligibilitiesOf = (principalId: string) =>
    [...eligibilities.values()]
      .filter((eligibility) => eligibility.principalId === principalId)
      .sort((a, b) => (a.id < b.id ? -1 : 1))

  const store: Store = {
    async readLive(principalId) {
      return structuredClone({
        eligibilities: eligibilitiesOf(principalId),
        requests: [...rows.values()]
          .filter(({ value, live }) => live && isOpen(value) && value.principal.id === principalId)
          .sort((a, b) => (a.value.id < b.value.id ? -1 : 1))
          .map(({ value, etag }) => ({ value, etag })),
      })
    },

    recallLive: async () => undefined,

    async findRequest(id) {
      const row = rows.get(id)
      return row && structuredClone({ value: row.value, etag: row.etag })
    },

    async openRequest({ request, events: fresh }, answers) {
      if (rows.has(request.id)) return true // ids are never made twice: it is ours
      if (guards.has(guardOf(request)) || isStale(answers)) return false
      if (answers) await store.writeRequest(answers.read, answers.step)
      guards.set(guardOf(request), request.id)
      put(request, true)
      record(fresh)
      return true
    },

    async writeRequest(read, { request, events: fresh }, answers) {
      const there = rows.get(request.id)
      if (!there) return undefined
      if (there.etag !== read.etag) {
        const same = JSON.stringify(there.value) === JSON.stringify(request)
        return same ? structuredClone({ value: there.value, etag: there.etag }) : undefined
      }
      if (isStale(answers)) return undefined
      if (answers) await store.writeRequest(answers.read, answers.step)
      if (isOpen(there.value) && !isOpen(request)) {
        guards.delete(guardOf(request))
        if (isOurs(request))
          ended.set(endedKey(request.principal.id, request), request.completedDateTime ?? '')
      }
      record(fresh)
      return put(request, there.live)
    },

    async tidyRequest(id) {
      const row = rows.get(id)
      if (row) row.live = false
    },

    async record(fresh) {
      for (const { correlationId } of fresh)
        if (!truth.partitionOf(correlationId))
          throw new RangeError(`Not the id of a subject: ${correlationId}`)
      record(fresh)
    },

    async listPastRequests(principalId, { top, after }) {
      const past = [...rows.values()]
        .filter((row) => row.past && row.value.principal.id === principalId)
        .map(({ value }) => value)
        .sort((a, b) => newestFirst(a.id, b.id))
      const items = past
        .filter(({ id }) => !after || (newestFirst(after, id) < 0 && id !== after))
        .slice(0, top)
      return structuredClone({ items, next: items.length < top ? null : (items.at(-1)?.id ?? null) })
    },

    async lastEnded(principalId, role) {
      return ended.get(endedKey(principalId, role))
    },

    async eventsOf(subjectId) {
      return structuredClone(
        [...events.values()]
          .filter(({ id }) => id.startsWith(`${subjectId}.`))
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .sort((a, b) => a.activityDateTime.localeCompare(b.activityDateTime)),
      )
    },

    async addEligibility(eligibility, fresh, judge, answers) {
      judge(eligibilitiesOf(eligibility.principalId)) // and nobody comes between here and the write
      if (isStale(answers)) return false
      if (answers) await store.writeRequest(answers.read, answers.step)
      eligibilities.set(eligibility.id, structuredClone(eligibility))
      eligibilityTags.set(eligibility.id, `"${++writes}"`)
      record(fresh)
      return true
    },

    async findGoneEligibility(id) {
      return structuredClone(gone.get(id))
    },

    async findEligibility(id) {
      const value = eligibilities.get(id)
      return value && { value: structuredClone(value), etag: eligibilityTags.get(id) as string }
    },

    async changeEligibility(read, { eligibility, events: fresh, isGone, request }, judge) {
      const { id } = read.value
      judge?.(eligibilitiesOf(read.value.principalId).filter((other) => other.id !== id))
      if (!eligibilities.has(id) || eligibilityTags.get(id) !== read.etag) return false
      if (isStale(request)) return false
      if (isGone) {
        eligibilities.delete(id)
        gone.set(id, structuredClone(eligibility))
      } else eligibilities.set(id, structuredClone(eligibility))
      eligibilityTags.set(id, `"${++writes}"`)
      if (request) await store.writeRequest(request.read, request.step)
      record(fresh)
      return true
    },
  }
  return { store, rows, guards, events, eligibilities, gone }
}
