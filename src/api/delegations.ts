import { NO_ROLE } from '../domain/audit.ts'
import {
  type Delegation,
  type DelegationBody,
  LONGEST_DELEGATION,
  MOST_DELEGATIONS,
} from '../domain/delegation.ts'
import { makeId } from '../domain/ids.ts'
import { after, later } from '../domain/schedule.ts'
import { isEmergencyAccount } from '../live/break-glass.ts'
import { listForSweep } from '../live/list-for-sweep.ts'
import type { Caller, Ports } from '../ports.ts'
import { forbidden, notFound, Refused } from './refused.ts'
import { settingsEvent } from './settings-record.ts'
import { actor, again } from './withdrawals.ts'

/** What this person has delegated, and what was delegated to them; not what is over. */
export async function delegationsOf(ports: Ports, caller: Caller): Promise<Delegation[]> {
  const all = await ports.delegations.current(ports.now(), 'fresh')
  return all.filter(({ delegator, delegate }) => [delegator.id, delegate.id].includes(caller.id))
}

/** Somebody who will be away says who decides in their place. Only for oneself: nobody gives away another's voice. */
export async function delegate(ports: Ports, caller: Caller, body: DelegationBody): Promise<Delegation> {
  const now = ports.now()
  const start = later(body.startDateTime ? new Date(body.startDateTime) : now, now)
  const end = new Date(body.endDateTime)
  if (end <= start) throw invalid('endDateTime', 'It must end after it begins, and not before now.')
  if (end > after(start, LONGEST_DELEGATION))
    throw invalid(
      'endDateTime',
      `It may last ${LONGEST_DELEGATION} at most: delegate again when that is over.`,
    )
  if (body.delegateId === caller.id) throw invalid('delegateId', 'It must be somebody else.')
  if ([caller.id, body.delegateId].some((id) => isEmergencyAccount(ports, id)))
    throw forbidden('A break-glass account neither delegates nor is delegated to.')
  const person = await ports.directory.person(body.delegateId)
  if (!person?.accountEnabled) throw invalid('delegateId', 'There is no such person with an enabled account.')
  const own = (await delegationsOf(ports, caller)).filter(({ delegator }) => delegator.id === caller.id)
  if (own.length >= MOST_DELEGATIONS)
    throw invalid('delegateId', `There are ${MOST_DELEGATIONS} already: take one back first.`)
  const delegation: Delegation = {
    id: makeId('dele', caller.id, now, ports.random()),
    delegator: actor(caller),
    delegate: { id: person.id, displayName: person.displayName },
    startDateTime: start.toISOString(),
    endDateTime: end.toISOString(),
    justification: body.justification?.trim() || null,
    createdDateTime: now.toISOString(),
    revokedDateTime: null,
  }
  await write(ports, delegation, undefined, caller, 'added')
  return delegation
}

/** Taken back by whoever gave it, or by whom it was given to. */
export async function takeBack(ports: Ports, caller: Caller, id: string): Promise<void> {
  await again(async () => {
    const read = await ports.delegations.find(id)
    const { delegator, delegate } = read?.value ?? {}
    if (!read || ![delegator?.id, delegate?.id].includes(caller.id))
      throw notFound('There is no such delegation of yours.')
    if (read.value.revokedDateTime) return true
    const revoked = { ...read.value, revokedDateTime: ports.now().toISOString() }
    return (await write(ports, revoked, read, caller, 'removed')) || undefined
  })
}

async function write(
  ports: Ports,
  delegation: Delegation,
  read: Parameters<Ports['delegations']['write']>[1],
  caller: Caller,
  step: 'added' | 'removed',
): Promise<boolean> {
  const activity = step === 'added' ? 'Add approval delegation in PIM' : 'Remove approval delegation in PIM'
  const event = settingsEvent(delegation.id, step, activity, actor(caller), ports.now(), {
    role: { ...NO_ROLE, displayName: 'approvals' },
    reason: delegation.justification,
    details: [
      { key: 'delegator', value: shown(delegation.delegator) },
      { key: 'delegate', value: shown(delegation.delegate) },
      { key: 'start', value: delegation.startDateTime },
      { key: 'expiration', value: delegation.endDateTime },
    ],
  })
  await listForSweep(ports, delegation.id)
  if (!(await ports.delegations.write(delegation, read, [event]))) return false
  await ports.views.indexEvents([event])
  return true
}

const shown = ({ id, displayName }: Delegation['delegate']) => `${displayName} (${id})`

const invalid = (target: string, message: string) =>
  new Refused(400, 'BadRequest', message, { details: [{ code: 'BadRequest', target, message }] })
