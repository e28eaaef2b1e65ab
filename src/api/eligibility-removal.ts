import type { Eligibility } from '../domain/eligibility.ts'
import { SHORTEST_ASSIGNMENT } from '../domain/eligibility-life.ts'
import { removed } from '../domain/eligibility-steps.ts'
import { canceled } from '../domain/request-steps.ts'
import type { Role } from '../domain/role.ts'
import { tellChange } from '../live/change.ts'
import { changeEligibility } from '../live/eligibility-change.ts'
import type { Caller, Ports } from '../ports.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { askedAbout, refuseForBreakGlass } from './eligibility-refusals.ts'
import { refuseForOneself } from './for-oneself.ts'
import { refuseWayBack } from './last-administrator.ts'
import { notFound, Refused } from './refused.ts'
import { actor, again } from './withdrawals.ts'

/**
 * adminRemove: takes an eligibility away, and cancels what is asked about it. Activations that run end at their end; those that
 * wait are judged again, and refused. Not in the first five minutes, as at Microsoft.
 */
export async function removeEligibility(
  ports: Ports,
  caller: Caller,
  id: string,
  reason: string | null = null,
  missing = notFound('There is no such eligibility.'),
): Promise<Eligibility> {
  return again(async () => {
    const read = await ports.store.findEligibility(id)
    if (!read) {
      await refuseUnlessAdministrator(ports, caller, DIRECTORY) // whether there is one is nobody else's business
      throw missing
    }
    const { value } = read
    await refuseUnlessAdministrator(ports, caller, value)
    await refuseForOneself(ports, caller, value.principalId, value.principalType)
    await refuseForBreakGlass(ports, caller, value, 'removal of an eligibility asked for')
    await refuseWayBack(ports, value)
    const now = ports.now()
    if (now.getTime() - Date.parse(value.createdDateTime) < SHORTEST_ASSIGNMENT)
      throw new Refused(
        400,
        'ActiveDurationTooShort',
        'The Active duration is too short. Miniumum Required is 5 minutes.',
      )
    const { requests } = await ports.store.readLive(value.principalId)
    const asked = askedAbout(requests, id)
    const request = asked && { read: asked, step: canceled(asked.value, actor(caller), now) }
    const step = removed(value, actor(caller), now, reason)
    const change = { ...step, isGone: true, ...(request && { request }) }
    if (!(await changeEligibility(ports, read, change))) return undefined
    if (request) await tellChange(ports, request.read.value, request.step)
    return value
  })
}

/** For whoever asks about nothing in particular. */
const DIRECTORY: Role = { provider: 'directory', roleDefinitionId: '', scope: '/' }
