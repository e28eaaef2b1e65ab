import { activationDenials, type Circumstances, stillApproved } from '../domain/activation.ts'
import { askOf } from '../domain/ask.ts'
import type { Denial } from '../domain/denial.ts'
import { TOO_LATE_TO_GRANT } from '../domain/next-step.ts'
import { holdsOtherwise } from '../domain/overlaps.ts'
import { isAssigned, type Request } from '../domain/request.ts'
import { assignmentDenialsNow } from '../live/assigning.ts'
import { circumstances } from '../live/circumstances.ts'
import { othersNow } from '../live/look.ts'
import { type Ports, Unavailable } from '../ports.ts'
import type { Work } from './commit.ts'

/** Why something approved is not given after all. */
export type Reason = { code: string; message: string }

/** So near its end nothing is given any more. */
export function tooLate({ endsAt }: Request, now: Date): Reason | undefined {
  if (endsAt === null || now.getTime() <= Date.parse(endsAt) - TOO_LATE_TO_GRANT) return undefined
  return {
    code: 'ProvisioningTimedOut',
    message: 'It could not be provisioned before its time was nearly over.',
  }
}

/** The same decision as for the request, on what is true now; measured from the start that was granted. */
export async function refusalNow(ports: Ports, { read, eligibilities }: Work): Promise<Reason | undefined> {
  const request = read.value
  if (isAssigned(request)) return assignmentRefusal(ports, request)
  const ask = askOf(request)
  const { id, madeUnder, principal, proof } = request
  const judgedBy = { id, madeUnder, atStart: true }
  const c = await circumstances(ports, principal.id, ask, eligibilities, proof, judgedBy)
  refuseUnheard(c)
  const denials = [...activationDenials(ask, c), ...stillApproved(request, c)]
  return refusalOf([...denials, ...(await nothingLeftToExtend(ports, request))])
}

/**
 * Whoever ends an activation ends what extends it. But that may have been asked for at that very instant: so it looks once more,
 * when nothing can end what it extends unseen any more.
 */
async function nothingLeftToExtend({ store }: Ports, { extendsId }: Request): Promise<Denial[]> {
  const because = extendsId && (await store.findRequest(extendsId))?.value.ending?.because
  if (because !== 'deactivated' && because !== 'removedOutside') return []
  const message = 'What it extends was taken away before its end: ask anew.'
  return [{ rule: 'ExpirationRule', target: 'action', message }]
}

/** That a desk is away is no verdict: it is asked again, a minute later and until it is too late, and nothing is given before. */
function refuseUnheard({ said = [] }: Circumstances): void {
  const was = (outcome: (typeof said)[number]['outcome']) => said.some((each) => each.outcome === outcome)
  if (was('unheard') && !was('Denied')) throw new Unavailable('The ticket could not be checked.')
}

/** Asked at every attempt, so after its intent too: of two that are given at once under different conditions one sees the other. */
export async function otherCondition(
  ports: Ports,
  { read: { value: request }, others }: Work,
): Promise<Reason | undefined> {
  if (request.provider !== 'azure') return undefined
  const seen = others?.seen.map(({ value }) => value) ?? (await othersNow(ports, request))
  const other = holdsOtherwise(request, seen)
  return (
    other && {
      code: 'RoleAssignmentExists',
      message: `The role is held under another condition already, by request ${other.id}.`,
    }
  )
}

async function assignmentRefusal(ports: Ports, request: Request): Promise<Reason | undefined> {
  return refusalOf(await assignmentDenialsNow(ports, request))
}

function refusalOf(denials: readonly Denial[]): Reason | undefined {
  if (denials.length === 0) return undefined
  return {
    code: 'RoleAssignmentRequestPolicyValidationFailed',
    message: denials.map(({ rule, message }) => `${rule}: ${message}`).join(' '),
  }
}
