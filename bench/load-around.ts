import { findings, open, truth } from '../src/adapters/tables/keys.ts'
import { openTable, type Row } from '../src/adapters/tables/table.ts'
import type { StageDemand } from '../src/domain/approval-demand.ts'
import { begin } from '../src/domain/approval-progress.ts'
import { userKey } from '../src/domain/approver.ts'
import type { Governed } from '../src/domain/governed.ts'
import { makeId } from '../src/domain/ids.ts'
import type { Incident } from '../src/domain/incident.ts'
import { heldKey } from '../src/domain/open-work.ts'
import type { Request } from '../src/domain/request.ts'
import type { Role } from '../src/domain/role.ts'
import { guid, LOADED_PRINCIPAL, putAll, someRole } from './load.ts'

/** What an app that has run for a while has besides eligibilities: for each eight of those one of each of these. */
export async function loadAround(storage: string, eligibilities: number, approverId: string): Promise<void> {
  const size = Math.ceil(eligibilities / 8)
  const each = <T>(make: (n: number) => T): T[] => Array.from({ length: size }, (_, n) => make(n))
  const table = (name: string) => openTable({ connectionString: storage }, name)
  const held = each(heldForGood)
  const waiting = each((n) => waitsFor(approverId, n))
  const live = [...atTheEnds(held), ...atTheEnds(waiting)].map((one) =>
    rowOf(one.principal.id, truth.openRequest(one.id), one),
  )
  const past = each(pastRequest).map((one) => rowOf(one.principal.id, truth.pastRequest(one.id), one))
  const found = each(incident).flatMap((one) =>
    [
      findings.incident(one.id),
      findings.standing(one, one.principal.id),
      findings.listed(one.provider, one.state, one.id),
    ].map((key) => rowOf(findings.partition, key, one)),
  )
  const governed = each(group).map((one) => rowOf(findings.partition, findings.governed(one), one))
  await putAll(table('InterimTruth'), [...live, ...past, ...found, ...governed])
  const approver = userKey(approverId)
  await putAll(table('InterimOpen'), [
    ...held.map((one) => rowOf(open.partition, open.awaiting(heldKey(one), one.id), {})),
    ...waiting.map((one) => rowOf(open.partition, open.awaiting(approver, one.id), {})),
    ...each((n) => rowOf(open.groups, open.group(guid('b', n)), {})),
  ])
}

/** Of those in the middle only the lists know: no page that is measured shows them, and to write each costs a round trip. */
const atTheEnds = <T>(all: T[]): T[] => (all.length > 200 ? [...all.slice(0, 100), ...all.slice(-100)] : all)

const AT = new Date('2025-01-01T00:00:00Z')
const GROUP: Role = { provider: 'group', roleDefinitionId: 'member', scope: '/groups/' }
const rowOf = (partitionKey: string, rowKey: string, value: object): Row => ({
  partitionKey,
  rowKey,
  doc: JSON.stringify(value),
})

function request(principalId: string, n: number, role: Role, more: Partial<Request>): Request {
  const at = new Date(AT.getTime() + n * 1000)
  return {
    ...role,
    id: makeId('req', principalId, at, n.toString(36).padStart(12, '0')),
    action: 'selfActivate',
    status: 'Provisioned',
    principal: { id: principalId, displayName: 'Somebody' },
    principalType: 'User',
    roleName: 'A role',
    scopeName: 'the whole directory',
    createdDateTime: at.toISOString(),
    justification: 'INC-42',
    ticketInfo: null,
    asked: { startDateTime: null, expiration: { type: 'noExpiration' } },
    eligibilityId: null,
    settingsVersion: 1,
    proof: { mfa: true, contexts: [] },
    startsAt: at.toISOString(),
    endsAt: null,
    approval: null,
    grant: null,
    ending: null,
    failure: null,
    completedDateTime: null,
    turn: 1,
    changedIn: 0,
    listed: { awaiting: [], due: null },
    ...more,
  }
}

/** All of one role, each of somebody else. */
const heldForGood = (n: number) => request(guid('a', n), n, someRole(0), { action: 'adminAssign' })

const waitsFor = (userId: string, n: number) =>
  request(guid('c', n), n, someRole(1), {
    status: 'PendingApproval',
    startsAt: null,
    approval: begin({ mode: 'Serial', stages: [stageOf(userId)] }, AT, null),
  })

const stageOf = (userId: string): StageDemand => ({
  people: [{ approvers: [{ '@odata.type': '#microsoft.graph.singleUser', userId }] }],
  approvalsRequired: 1,
  excludesEarlier: true,
  justification: true,
  byLink: false,
  timeoutMinutes: 1440,
  escalateAfterMinutes: null,
  remindEveryMinutes: null,
  approvesUnanswered: false,
})

/** All of one person. */
const pastRequest = (n: number) =>
  request(LOADED_PRINCIPAL, n, someRole(2), { status: 'Denied', completedDateTime: AT.toISOString() })

function incident(n: number): Incident {
  const principalId = guid('d', n)
  return {
    ...someRole(n),
    id: makeId('inc', principalId, AT, n.toString(36).padStart(12, '0')),
    state: 'active',
    principal: { id: principalId, displayName: 'Somebody' },
    principalType: 'User',
    roleName: 'A role',
    scopeName: 'the whole directory',
    assignmentId: `assignment-${n}`,
    detectedDateTime: AT.toISOString(),
    atFirstLook: true,
    acknowledged: null,
    removal: null,
    resolved: null,
  }
}

const group = (n: number): Governed => ({
  provider: 'group',
  scope: `${GROUP.scope}${guid('b', n)}`,
  scopeName: 'A group',
  id: makeId('gov', guid('9', 1), AT, n.toString(36).padStart(12, '0')),
  since: AT.toISOString(),
  by: { id: guid('9', 1), displayName: 'An administrator' },
})
