import { type AuditEvent, auditKeys } from '../../src/domain/audit.ts'
import type { Eligibility } from '../../src/domain/eligibility.ts'
import { oldestFirst } from '../../src/domain/ids.ts'
import type { OpenWork } from '../../src/domain/open-work.ts'
import { roleKey } from '../../src/domain/role.ts'
import type { PageOptions, Views } from '../../src/ports.ts'

type Due = { subjectId: string; due: string; awaiting: string[] }

/** The lists in memory. */
export function fakeViews() {
  const due = new Map<string, Due>()
  const awaiting = new Map<string, { key: string; id: string }>()
  const groups = new Set<string>()
  const indexed = new Map<string, AuditEvent>()
  const byRole = new Map<string, Eligibility>()

  const remove = (id: string, work: OpenWork) => {
    for (const key of work.awaiting) awaiting.delete(`${key}|${id}`)
    if (work.due !== null) due.delete(`${work.due}|${id}`)
  }
  const sorted = <T>(map: Map<string, T>): [string, T][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  const page = <T>(
    all: [string, T][],
    { top, after }: PageOptions,
    place = (_: T, key: string): string => key,
  ) => {
    const rows = all.filter(([key]) => after === null || key > after).slice(0, top)
    const last = rows.length < top ? undefined : rows.at(-1)
    const next = last ? place(last[1], last[0]) : null
    return structuredClone({ items: rows.map(([, value]) => value), next })
  }
  /** Texts that sort the newest first. */
  const backwards = ({ activityDateTime, id }: AuditEvent) =>
    `${(1e15 - Date.parse(activityDateTime)).toString().padStart(16, '0')}|${id}`

  const views: Views = {
    async list(subjectId, work, before) {
      remove(subjectId, before)
      for (const key of work.awaiting) awaiting.set(`${key}|${subjectId}`, { key, id: subjectId })
      if (work.due !== null)
        due.set(`${work.due}|${subjectId}`, { subjectId, due: work.due, awaiting: [...work.awaiting] })
    },
    async due(until, top, after) {
      return structuredClone(
        sorted(due)
          .filter(([key]) => !after || key > `${after.due}|${after.subjectId}`)
          .map(([, row]) => row)
          .filter((row) => row.due <= until.toISOString())
          .slice(0, top),
      )
    },
    async awaiting(wanted, { top, after }) {
      const ids = [...awaiting.values()].flatMap(({ key, id }) => (key === wanted ? [id] : []))
      const all = sorted(new Map(ids.map((id) => [oldestFirst(id), id])))
      return page(all, { top, after: after && oldestFirst(after) }, (id) => id)
    },
    async noteGroups(ids) {
      for (const id of ids) groups.add(id)
    },
    async notedGroups() {
      return [...groups].sort()
    },
    async indexEvents(events) {
      for (const event of events) indexed.set(event.id, structuredClone(event))
    },
    async indexed(events) {
      return new Set(events.map(({ id }) => id).filter((id) => indexed.has(id)))
    },
    async listEvents(key, { from, to }, options) {
      const found = [...indexed.values()].filter(
        (event) =>
          auditKeys(event).includes(key) &&
          (!from || event.activityDateTime >= from.toISOString()) &&
          (!to || event.activityDateTime <= to.toISOString()),
      )
      return page(sorted(new Map(found.map((event) => [backwards(event), event]))), options)
    },
    async listEligibility(eligibility) {
      byRole.set(`${roleKey(eligibility)}|${eligibility.id}`, structuredClone(eligibility))
    },
    async unlistEligibility(id, role) {
      if (role) byRole.delete(`${roleKey(role)}|${id}`)
    },
    async eligibilitiesOf(role, options) {
      return page(
        sorted(byRole).filter(([key]) => !role || key.startsWith(`${roleKey(role)}|elig-`)),
        options,
      )
    },
  }
  return { views, due, awaiting, groups, indexed, byRole }
}
