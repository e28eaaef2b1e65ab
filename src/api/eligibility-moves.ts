import {
  type Eligibility,
  type EligibilityUpdate,
  type EligibilityWindow,
  isNotOver,
} from '../domain/eligibility.ts'
import { endsLater, mayBeRenewed, shrinks, windowFor } from '../domain/eligibility-life.ts'
import { moved } from '../domain/eligibility-steps.ts'
import type { Request } from '../domain/request.ts'
import { changeEligibility } from '../live/eligibility-change.ts'
import { providerOf } from '../live/providers.ts'
import type { Caller, Ports, Stored } from '../ports.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import {
  askedAbout,
  refuseForBreakGlass,
  refuseOverlap,
  refuseUnmanageable,
  refuseWindow,
  wrongSchedule,
} from './eligibility-refusals.ts'
import { refuseForOneself } from './for-oneself.ts'
import { refuseWayBack } from './last-administrator.ts'
import { doesNotExist, Refused } from './refused.ts'
import { actor, again } from './withdrawals.ts'

/** adminUpdate, adminExtend, adminRenew: moves its window, as far as the role's settings allow. What is active keeps its end. */
export async function moveEligibility(
  ports: Ports,
  caller: Caller,
  id: string,
  body: EligibilityUpdate,
): Promise<Eligibility> {
  const { action, scheduleInfo, ticketInfo } = body
  return again(async () => {
    const read = await ports.store.findEligibility(id)
    if (!read) throw doesNotExist()
    const before = read.value
    await refuseUnlessAdministrator(ports, caller, before)
    await refuseForOneself(ports, caller, before.principalId, before.principalType)
    await refuseForBreakGlass(ports, caller, before, 'change of an eligibility asked for')
    refuseUnmanageable(await providerOf(ports, before).describe(before), before)
    const { requests } = await ports.store.readLive(before.principalId)
    refuseWhileAsked(requests, id)

    const now = ports.now()
    const window = windowFor(scheduleInfo, now, before)
    if (shrinks(window, before)) await refuseWayBack(ports, before)
    refuseWrongTime(action, before, window, now)
    await refuseWindow(ports, caller, before, body, window, now)
    const reason = body.justification?.trim() || null
    const step = moved(before, action, window, actor(caller), now, reason, ticketInfo)
    const judge = (others: readonly Eligibility[]) => refuseOverlap(others, before, window)
    return (await changeEligibility(ports, read, step, judge)) ? step.eligibility : undefined
  })
}

function refuseWhileAsked(requests: readonly Stored<Request>[], id: string): void {
  const asked = askedAbout(requests, id)
  if (asked)
    throw new Refused(
      400,
      'PendingRoleAssignmentRequest',
      `There is an already existing pending role assignment extension: decide request ${asked.value.id} first.`,
    )
}

function refuseWrongTime(
  action: EligibilityUpdate['action'],
  before: Eligibility,
  window: EligibilityWindow,
  now: Date,
): void {
  if (action === 'adminRenew') {
    if (!mayBeRenewed(before, now))
      throw wrongSchedule('targetScheduleId', 'An eligibility is renewed within 30 days after its end.')
    return
  }
  if (!isNotOver(before, now))
    throw wrongSchedule('targetScheduleId', 'This eligibility has ended: renew it.')
  if (action === 'adminExtend' && !endsLater(window, before))
    throw wrongSchedule('scheduleInfo.expiration', 'An extension ends later than what it extends.')
}
