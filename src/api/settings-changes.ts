import { makeId, settingsOwner } from '../domain/ids.ts'
import { UNLISTED } from '../domain/open-work.ts'
import { namesOf, titleOf } from '../domain/role.ts'
import { effective, type RoleSettings } from '../domain/role-settings.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import {
  AWAITS_SECOND_PERSON,
  type SettingsChange,
  type SettingsReview,
  titleOfChange,
} from '../domain/settings-change.ts'
import { atOnce } from '../live/at-once.ts'
import { settingsOf } from '../live/circumstances.ts'
import { providerOf } from '../live/providers.ts'
import { tellSettingsChange } from '../live/settings-change.ts'
import type { Caller, Page, PageOptions, Ports } from '../ports.ts'
import { isReader, mayAdminister, refuseUnlessAdministrator } from './authority.ts'
import { watchUse } from './break-glass.ts'
import { forbidden, notFound, Refused } from './refused.ts'
import { noteApprovers, refuseFaults } from './settings-faults.ts'
import { changed, detailsOf, type Edit, refuseTooLarge, settingsEvent } from './settings-record.ts'
import { actor, again } from './withdrawals.ts'

/** Keeps a change until another administrator confirms it; nothing is different until then. One at a time for a role. */
export async function askSecondPerson(
  ports: Ports,
  { caller, definition, stored, own, wanted, how }: Edit,
): Promise<{ id: string; settings: RoleSettings } | undefined> {
  if (own.pendingChangeId)
    throw new Refused(
      409,
      'RoleAssignmentRequestExists',
      `Change ${own.pendingChangeId} of these settings waits for a second person: it is to be decided first.`,
    )
  const now = ports.now()
  const by = actor(caller)
  const change: SettingsChange = {
    id: makeId('set', settingsOwner(own.role), now, ports.random()),
    role: own.role,
    ...namesOf(definition),
    status: 'Pending',
    basedOn: own.version,
    rules: wanted.rules,
    tier: wanted.tier,
    justification: how.justification?.trim() || null,
    requestedBy: by,
    requestedDateTime: now.toISOString(),
    decidedBy: null,
    decidedDateTime: null,
  }
  const settings = { ...own, pendingChangeId: change.id }
  const events = [
    settingsEvent(change.id, 'requested', 'Update role setting in PIM requested', by, now, {
      role: { ...own.role, displayName: titleOf({ ...own.role, ...namesOf(definition) }) },
      reason: change.justification,
      details: detailsOf(own, changed(own, wanted, by, now)),
    }),
  ]
  refuseTooLarge([settings, change, ...events])
  await noteApprovers(ports, change.rules)
  await listBefore(ports, change.id)
  if (!(await ports.settings.write(settings, stored, events, change))) return undefined
  await tellSettingsChange(ports, change, events)
  return { id: change.id, settings }
}

/** Changes that wait for a second person, the oldest first: those that the caller administers, or all for who may look on. */
export async function listSettingsChanges(
  ports: Ports,
  caller: Caller,
  page: PageOptions,
): Promise<Page<SettingsChange>> {
  const { items: ids, next } = await ports.views.awaiting(AWAITS_SECOND_PERSON, page)
  const seesAll = await isReader(ports, caller)
  const items = await atOnce(16, ids, async (id) => {
    const change = await ports.settings.findChange(id)
    if (change?.status !== 'Pending') return []
    return seesAll || (await mayAdminister(ports, caller, change.role)) ? [change] : []
  })
  return { items: items.flat(), next }
}

/**
 * Confirms a change or turns it down. Another administrator than the one who asked for it, always; who asked may take it back.
 * It is judged again: what was set since, and approvers who have left, are reasons to refuse.
 */
export async function decideSettingsChange(
  ports: Ports,
  caller: Caller,
  id: string,
  { reviewResult, justification }: SettingsReview,
): Promise<SettingsChange> {
  return again(async () => {
    const change = await ports.settings.findChange(id)
    if (!change) throw notFound('There is no such change of settings.')
    await refuseUnlessAdministrator(ports, caller, change.role)
    const status = statusAfter(change, caller, reviewResult)
    if (change.status !== 'Pending') return settled(change, caller, status)
    const role = { ...change.role, displayName: titleOfChange(change) }
    await watchUse(ports, { by: caller, principal: caller, role, what: `${reviewResult} of ${id}` })
    const now = ports.now()
    const decided = { ...change, status, decidedBy: actor(caller), decidedDateTime: now.toISOString() }
    return decideNow(ports, decided, justification, now)
  })
}

function statusAfter(change: SettingsChange, caller: Caller, reviewResult: SettingsReview['reviewResult']) {
  const isOwn = change.requestedBy.id === caller.id
  if (reviewResult === 'Deny') return isOwn ? ('Canceled' as const) : ('Denied' as const)
  if (isOwn) throw forbidden('Nobody confirms a change of their own.')
  return 'Applied' as const
}

/** Undefined, and nothing written, when somebody else has decided it meanwhile: look again. */
async function decideNow(
  ports: Ports,
  decided: SettingsChange,
  justification: string | null | undefined,
  now: Date,
): Promise<SettingsChange | undefined> {
  const { id, role, status } = decided
  const stored = await ports.settings.read(role, 'fresh')
  if (stored?.value.pendingChangeId !== id) return undefined
  const next = { ...stored.value, pendingChangeId: null }
  const settings = status === 'Applied' ? await applied(ports, decided, next, now) : next
  const events = eventsOf(decided, stored.value, settings, justification, now)
  await listBefore(ports, id)
  if (!(await ports.settings.write(settings, stored, events, decided))) return undefined
  await ports.views.list(id, UNLISTED, { awaiting: [AWAITS_SECOND_PERSON], due: null })
  await tellSettingsChange(ports, decided, events)
  return decided
}

async function applied(
  ports: Ports,
  change: SettingsChange,
  own: RoleSettings,
  now: Date,
): Promise<RoleSettings> {
  if (own.version !== change.basedOn)
    throw new Refused(
      409,
      'ConcurrentUpdate',
      `These settings have changed since (version ${own.version}, not ${change.basedOn}): turn it down and ask again.`,
    )
  const settings = changed(own, { rules: change.rules, tier: change.tier ?? null }, change.requestedBy, now)
  const [{ above }, definition] = await Promise.all([
    settingsOf(ports, change.role),
    providerOf(ports, change.role).describe(change.role),
  ])
  await refuseFaults(ports, effective(settings, above).rules, definition?.isPrivileged ?? true)
  return settings
}

const SAID = {
  Applied: ['approved', 'Update role setting in PIM approved'],
  Denied: ['denied', 'Update role setting in PIM denied'],
  Canceled: ['canceled', 'Update role setting in PIM canceled'],
} as const

/** Of both people: the second one's decision, and the change of the first where it is made now. */
function eventsOf(
  change: SettingsChange,
  before: RoleSettings,
  after: RoleSettings,
  reason: string | null | undefined,
  now: Date,
) {
  if (change.status === 'Pending' || !change.decidedBy) return []
  const [step, activity] = SAID[change.status]
  const role = { ...change.role, displayName: titleOfChange(change) }
  const requested = [{ key: 'requestedBy', value: change.requestedBy.displayName }]
  const said = settingsEvent(change.id, step, activity, change.decidedBy, now, {
    role,
    reason,
    details: requested,
  })
  if (change.status !== 'Applied') return [said]
  const made = settingsEvent(change.id, 'changed', 'Update role setting in PIM', change.requestedBy, now, {
    role,
    reason: change.justification,
    details: detailsOf(before, after),
  })
  return [said, made]
}

/** Once decided is decided. Whoever said the same before, and perhaps never heard our answer, hears it now. */
function settled(change: SettingsChange, caller: Caller, status: SettingsChange['status']): SettingsChange {
  if (change.status === status && change.decidedBy?.id === caller.id) return change
  throw new Refused(409, 'RoleAssignmentRequestNotPending', `This change of settings is ${change.status}.`)
}

/** Before the truth: it is found by those who are to decide, and a minute later the sweep sees whether it still waits. */
async function listBefore({ views, now }: Ports, id: string): Promise<void> {
  const due = plus(now(), MINUTE).toISOString()
  await views.list(id, { awaiting: [AWAITS_SECOND_PERSON], due }, UNLISTED)
}
