import { type Approval, askedIn } from '../domain/approval.ts'
import type { ApprovalDemand } from '../domain/approval-demand.ts'
import { raised } from '../domain/approval-progress.ts'
import type { StagePeople } from '../domain/approver.ts'
import type { Actor } from '../domain/person.ts'
import { keepsActive, type Request } from '../domain/request.ts'
import { isAsked, type Named, type Seat, type Speaker, seatOf } from '../domain/seats.ts'
import type { Ports } from '../ports.ts'
import { namedNow } from './approvers.ts'
import { demandsNow } from './circumstances.ts'
import { delegatorsOf } from './delegations.ts'
import { providerOf } from './providers.ts'

/** What somebody may do about a request, as the directory and the settings are at this moment. */
export type Standing = {
  /** They are, or were, one of those who are asked. */
  isAsked: boolean
  seat: Seat | undefined
  /** The approval by what the settings ask for now, where that is more than what it began with. */
  approval: Approval
  /** What the settings ask for now; null: for nobody. */
  inForce: ApprovalDemand | null
}

/** By the settings as they are now; null where they ask for nobody any more. */
export async function approvalInForce(ports: Ports, request: Request): Promise<ApprovalDemand | null> {
  const definition = await providerOf(ports, request).describe(request)
  return (await demandsNow(ports, request, definition, keepsActive(request))).approval
}

/** Looks up where this person stands; those whose place they take only where they have none of their own. */
export async function standingOf(
  ports: Ports,
  request: Request & { approval: Approval },
  personId: string,
  inForce: ApprovalDemand | null,
): Promise<Standing> {
  const approval = raised(request.approval, inForce)
  const about = { ...request, approval }
  const lists = [
    ...approval.stages.flatMap(askedIn),
    ...(inForce?.stages ?? []).flatMap(({ people }) => bothWays(people)),
  ]
  const stand = (speaker: Speaker, named: Named): Standing => ({
    isAsked: isAsked(about, speaker, inForce, named),
    seat: seatOf(about, speaker, inForce, named),
    approval,
    inForce,
  })
  const own = { id: personId, delegators: [] }
  const alone = stand(own, await namedNow(ports, request, [personId], lists))
  if (alone.seat?.isUseful) return alone
  const delegators: Actor[] = await delegatorsOf(ports, personId)
  if (delegators.length === 0) return alone
  const people = [personId, ...delegators.map(({ id }) => id)]
  return stand({ id: personId, delegators }, await namedNow(ports, request, people, lists))
}

/** Before its escalation and after it: which it is, each stage tells. */
const bothWays = (people: readonly StagePeople[]) =>
  people.flatMap((each) => [each, ...askedIn({ people: [each], escalatedAt: null })])
