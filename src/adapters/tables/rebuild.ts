import { approvingGroups } from '../../domain/approver-lists.ts'
import type { AuditEvent } from '../../domain/audit.ts'
import type { Eligibility } from '../../domain/eligibility.ts'
import { UNLISTED } from '../../domain/open-work.ts'
import type { RoleSettings } from '../../domain/role-settings.ts'
import type { Views } from '../../ports.ts'
import { bundles, findings, truth as keys, settings, webhooks } from './keys.ts'
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
    const events = docsOf<AuditEvent>(page.rows, keys.event(''))
    await views.indexEvents(events)
    const eligibilities = docsOf<Eligibility>(page.rows, keys.eligibility(''))
    const groups = [
      ...eligibilities.flatMap(eligibleGroup),
      ...docsOf<RoleSettings>(page.rows, settings.row('')).flatMap(({ rules }) => approvingGroups(rules)),
    ]
    if (groups.length > 0) await views.noteGroups(groups)
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

const docsOf = <T>(rows: readonly ReadRow[], prefix: string) =>
  rows.flatMap(({ rowKey, doc }) => (rowKey.startsWith(prefix) ? [JSON.parse(doc) as T] : []))

/** What the sweep looks at, by the beginning of the rows that it is kept in: the id follows. */
const KEPT_IN = [
  keys.openRequest(''),
  keys.eligibility(''),
  settings.change(''),
  findings.incident(''),
  bundles.row(''),
]

function subjectsIn({ rowKey }: ReadRow): string[] {
  if (rowKey.startsWith(webhooks.all)) return [rowKey]
  return KEPT_IN.filter((prefix) => rowKey.startsWith(prefix)).map((prefix) => rowKey.slice(prefix.length))
}

const eligibleGroup = ({ principalType, principalId }: Eligibility) =>
  principalType === 'Group' ? [principalId] : []
