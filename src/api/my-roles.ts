import { isNotOver } from '../domain/eligibility.ts'
import { mayHold } from '../domain/request.ts'
import { sameRole } from '../domain/role.ts'
import { eligibilitiesThroughGroups } from '../live/circumstances.ts'
import type { Caller, Ports } from '../ports.ts'
import { eligibilityAnswer, type MyRolesAnswer, requestAnswer } from './answers.ts'

/** What I may activate, what I hold, and what I wait for. Costs what it shows, however many others there are. */
export async function myRoles(ports: Ports, caller: Caller): Promise<MyRolesAnswer> {
  const [live, inherited] = await Promise.all([
    ports.store.readLive(caller.id),
    eligibilitiesThroughGroups(ports, caller.id),
  ])
  const now = ports.now()
  const open = live.requests.map(({ value }) => value)
  const active = open.filter(mayHold)
  return {
    eligible: [...live.eligibilities, ...inherited]
      .filter((eligibility) => isNotOver(eligibility, now))
      .map((eligibility) => ({
        ...eligibilityAnswer(eligibility),
        memberType: eligibility.principalId === caller.id ? ('Direct' as const) : ('Group' as const),
        isActive: active.some((request) => sameRole(request, eligibility)),
      })),
    active: active.map(requestAnswer),
    pending: open.filter((request) => !mayHold(request)).map(requestAnswer),
  }
}
