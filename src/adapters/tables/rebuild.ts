import type { AuditEvent } from '../../domain/audit.ts'
import type { Eligibility } from '../../domain/eligibility.ts'
import { UNLISTED } from '../../domain/open-work.ts'
import type { Views } from '../../ports.ts'
import type { ReadRow, Table } from './table.ts'

export type Rebuilt = { rows: number; events: number; eligibilities: number; toLookAt: number }

/**
 * Writes the views anew from the truth, page by page through all of it: for whoever restores a copy, or has lost a view. What is
 * missing is added, what is there stays; safe to repeat. Everything that may be open is listed for the sweep, which lists it as it
 * stands. `tell` hears how far it is after every page.
 */
export async function rebuildViews(
  truth: Table,
  views: Views,
  now: Date,
  tell: (soFar: Rebuilt) => void,
): Promise<Rebuilt> {
  const done: Rebuilt = { rows: 0, events: 0, eligibilities: 0, toLookAt: 0 }
  let token: string | null = null
  do {
    const page: { rows: ReadRow[]; token: string | null } = await truth.page(ROWS_AT_ONCE, token)
    // First of all the events, which come first in each partition: what the sweep does not find in the index it would tell people again.
    const events = page.rows.filter(({ rowKey }) => rowKey.startsWith('audit|')).map(docOf<AuditEvent>)
    await views.indexEvents(events)
    const groups = page.rows.filter(({ rowKey }) => NAMES_GROUPS.test(rowKey)).flatMap(groupsIn)
    if (groups.length > 0) await views.noteGroups(groups)
    const eligibilities = page.rows
      .filter(({ rowKey }) => rowKey.startsWith('live|elig|'))
      .map(docOf<Eligibility>)
    for (const eligibility of eligibilities) await views.listEligibility(eligibility)
    const toLookAt = page.rows.flatMap(subjectsIn)
    for (const id of toLookAt) await views.list(id, { awaiting: [], due: now.toISOString() }, UNLISTED)
    done.rows += page.rows.length
    done.events += events.length
    done.eligibilities += eligibilities.length
    done.toLookAt += toLookAt.length
    token = page.token
    tell(done)
  } while (token !== null)
  return done
}

const ROWS_AT_ONCE = 1000

const docOf = <T>({ doc }: ReadRow) => JSON.parse(doc) as T

/** What the sweep looks at, by the rows that it is kept in: the id stands at their end. */
const SUBJECT = /^(?:live\|(?:req|elig)\||change\||inc\||bundle\||)((?:req|elig|set|inc|hook|bund)-[^|]+)$/

const subjectsIn = ({ rowKey }: ReadRow) => SUBJECT.exec(rowKey)?.[1] ?? []

/** A group that is eligible, and groups that approve or are on call. */
const NAMES_GROUPS = /^(live\|elig|settings)\|/

function groupsIn({ rowKey, doc }: ReadRow): string[] {
  if (rowKey.startsWith('settings|'))
    return [...doc.matchAll(/"groupId":"([^"]+)"/g)].map(([, id]) => `${id}`)
  const { principalType, principalId } = JSON.parse(doc) as Eligibility
  return principalType === 'Group' ? [principalId] : []
}
