import type { AuditEvent } from '../domain/audit.ts'
import { type Eligibility, type NewEligibility, principalRefusal } from '../domain/eligibility.ts'
import { makeId } from '../domain/ids.ts'
import { UNLISTED } from '../domain/open-work.ts'
import type { Actor } from '../domain/person.ts'
import { type Role, sameRole, titleOf } from '../domain/role.ts'
import { after, MINUTE, plus } from '../domain/schedule.ts'
import { governWith } from '../live/places.ts'
import { providerOf } from '../live/providers.ts'
import type { Caller, Ports } from '../ports.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { forbidden, notFound, Refused } from './refused.ts'
import { actor } from './withdrawals.ts'

/** Makes a person or a group eligible. Throws 400 for unknown principals and roles, and windows that make no sense. */
export async function createEligibility(
  ports: Ports,
  caller: Caller,
  body: NewEligibility,
): Promise<Eligibility> {
  const { provider, roleDefinitionId, scope, principalId } = body
  const role: Role = { provider, roleDefinitionId, scope }
  await refuseUnlessAdministrator(ports, caller, role)
  const [principal, definition, live] = await Promise.all([
    principalBehind(ports, principalId),
    providerOf(ports, role).describe(role),
    ports.store.readLive(principalId),
  ])
  if (!principal) throw new Refused(400, 'SubjectNotFound', `There is no user and no group ${principalId}.`)
  if (!definition) throw new Refused(400, 'RoleNotFound', `There is no role ${roleDefinitionId} at ${scope}.`)
  const unfit = principalRefusal(role, principal)
  if (unfit) throw new Refused(400, unfit.code, unfit.message)
  if (definition.refusal) throw new Refused(400, definition.refusal.code, definition.refusal.message)

  await refuseForOneself(ports, caller, principalId, principal.type)
  const now = ports.now()
  const window = windowOf(body, now)
  const refuseOverlap = (others: readonly Eligibility[]) => {
    if (others.some((other) => sameRole(other, role) && overlaps(other, window)))
      throw new Refused(400, 'RoleAssignmentExists', 'The Role assignment already exists.')
  }
  refuseOverlap(live.eligibilities)

  const eligibility: Eligibility = {
    ...role,
    id: makeId('elig', principalId, now, ports.random()),
    principalId,
    principalType: principal.type,
    principalName: principal.displayName,
    roleName: definition.displayName,
    scopeName: definition.scopeName,
    ...window,
    createdDateTime: now.toISOString(),
    createdBy: actor(caller),
    justification: body.justification?.trim() || null,
  }
  const events = [recorded(eligibility, 'Add', actor(caller), now, eligibility.justification)]
  if (principal.type === 'Group') await ports.views.noteGroups([principalId]) // before: one too many costs nothing
  await governWith(ports, eligibility)
  await listForSweep(ports, events)
  await ports.store.addEligibility(eligibility, events, refuseOverlap)
  await Promise.all([ports.views.listEligibility(eligibility), ports.views.indexEvents(events)])
  return eligibility
}

/** Takes an eligibility away. Activations that run end at their end; those that wait are judged again, and refused. */
export async function removeEligibility(ports: Ports, caller: Caller, id: string): Promise<void> {
  const eligibility = await ports.store.findEligibility(id)
  if (!eligibility) throw notFound('There is no such eligibility.')
  await refuseUnlessAdministrator(ports, caller, eligibility)
  await refuseForOneself(ports, caller, eligibility.principalId, eligibility.principalType)
  const events = [recorded(eligibility, 'Remove', actor(caller), ports.now(), null)]
  await listForSweep(ports, events)
  if (!(await ports.store.removeEligibility(eligibility, events)))
    throw notFound('There is no such eligibility.')
  await Promise.all([ports.views.unlistEligibility(id, eligibility), ports.views.indexEvents(events)])
}

/** Before the truth: a minute later the sweep sees to it that the lists and the index agree with it. */
export async function listForSweep({ views, now }: Ports, events: readonly AuditEvent[]): Promise<void> {
  const due = plus(now(), MINUTE).toISOString()
  for (const { correlationId } of events) await views.list(correlationId, { awaiting: [], due }, UNLISTED)
}

/** Neither one's own nor that of a group one is in: an administrator who could would need nobody's approval for anything. */
async function refuseForOneself(
  { directory }: Ports,
  caller: Caller,
  principalId: string,
  type: 'User' | 'Group',
): Promise<void> {
  const isIn = async () => type === 'Group' && (await directory.groupsOf(caller.id, [principalId])).length > 0
  if (caller.id === principalId || (await isIn()))
    throw forbidden(
      'Nobody changes their own eligibility, nor that of a group they are in: ask another administrator.',
    )
}

async function principalBehind({ directory }: Ports, id: string) {
  const person = await directory.person(id)
  if (person) return { type: 'User' as const, displayName: person.displayName }
  const group = await directory.group(id)
  return group && { ...group, type: 'Group' as const }
}

function windowOf(
  { scheduleInfo }: NewEligibility,
  now: Date,
): { startDateTime: string; endDateTime: string | null } {
  const { startDateTime, expiration } = scheduleInfo
  const start = startDateTime ? new Date(startDateTime) : now
  const end =
    expiration.type === 'noExpiration'
      ? null
      : expiration.type === 'afterDuration'
        ? after(start, expiration.duration)
        : new Date(expiration.endDateTime)
  if (end && (end < plus(start, 5 * MINUTE) || end <= now))
    throw new Refused(
      400,
      'InvalidRoleAssignmentRequestSchedule',
      'An eligibility lasts at least 5 minutes, and its end lies ahead.',
      {
        details: [
          {
            code: 'ExpirationRule',
            target: 'scheduleInfo.expiration',
            message: 'End at least 5 minutes after the start.',
          },
        ],
      },
    )
  return { startDateTime: start.toISOString(), endDateTime: end?.toISOString() ?? null }
}

function overlaps(
  a: Pick<Eligibility, 'startDateTime' | 'endDateTime'>,
  b: Pick<Eligibility, 'startDateTime' | 'endDateTime'>,
): boolean {
  const ends = (end: string | null) => (end === null ? Number.POSITIVE_INFINITY : Date.parse(end))
  return (
    Date.parse(a.startDateTime) < ends(b.endDateTime) && Date.parse(b.startDateTime) < ends(a.endDateTime)
  )
}

function recorded(
  eligibility: Eligibility,
  what: 'Add' | 'Remove',
  by: Actor,
  now: Date,
  reason: string | null,
): AuditEvent {
  const { id, provider, roleDefinitionId, scope, principalId, principalName, startDateTime, endDateTime } =
    eligibility
  const kind = endDateTime === null ? 'permanent' : 'timebound'
  return {
    id: `${id}.${what === 'Add' ? 'added' : 'removed'}`,
    activityDateTime: now.toISOString(),
    activityDisplayName:
      what === 'Add'
        ? (`Add eligible member to role in PIM completed (${kind})` as const)
        : (`Remove eligible member from role in PIM completed (${kind})` as const),
    category: 'RoleManagement',
    loggedByService: 'PIM',
    result: 'success',
    resultReason: reason ?? '',
    initiatedBy: by,
    principal: { id: principalId, displayName: principalName },
    role: { provider, roleDefinitionId, scope, displayName: titleOf(eligibility) },
    correlationId: id,
    additionalDetails: [
      { key: 'start', value: startDateTime },
      { key: 'expiration', value: endDateTime ?? 'never' },
    ],
  }
}
