import type { Eligibility } from '../domain/eligibility.ts'
import { isNotOver } from '../domain/eligibility.ts'
import { mayBeRenewed } from '../domain/eligibility-life.ts'
import { mayHold } from '../domain/request.ts'
import { sameRole } from '../domain/role.ts'
import { eligibilitiesThroughGroups } from '../live/circumstances.ts'
import type { Caller, Ports } from '../ports.ts'
import { eligibilityAnswer, type MyRolesAnswer, requestAnswer } from './answers.ts'
import { askedAbout } from './eligibility-refusals.ts'

/**
 * What I may activate, what has ended, what I hold, and what I wait for. Costs what it shows, however many others there are.
 * What a group has is not for its members to extend or renew, nor what was asked for already.
 */
export async function myRoles(ports: Ports, caller: Caller): Promise<MyRolesAnswer> {
  const [live, inherited] = await Promise.all([
    ports.store.readLive(caller.id),
    eligibilitiesThroughGroups(ports, caller.id),
  ])
  const now = ports.now()
  const open = live.requests.map(({ value }) => value)
  const active = open.filter(mayHold)
  const mine = (eligibility: Eligibility) => {
    const isDirect = eligibility.principalId === caller.id
    const answer = eligibilityAnswer(now)(eligibility)
    const mayAsk = isDirect && !askedAbout(live.requests, eligibility.id)
    return {
      ...answer,
      mayExtend: answer.mayExtend && mayAsk,
      mayRenew: answer.mayRenew && mayAsk,
      memberType: isDirect ? ('Direct' as const) : ('Group' as const),
    }
  }
  const all = [...live.eligibilities, ...inherited]
  return {
    eligible: all
      .filter((eligibility) => isNotOver(eligibility, now))
      .map((eligibility) => ({
        ...mine(eligibility),
        isActive: active.some((request) => sameRole(request, eligibility)),
      })),
    expired: all.filter((eligibility) => mayBeRenewed(eligibility, now)).map(mine),
    active: active.map(requestAnswer),
    pending: open.filter((request) => !mayHold(request)).map(requestAnswer),
  }
}
