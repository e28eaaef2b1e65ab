import type { Eligibility } from '../domain/eligibility.ts'
import { inTurn, isOpen, type Request } from '../domain/request.ts'
import type { Step } from '../domain/request-steps.ts'
import { tellChange } from '../live/change.ts'
import type { Ports, Stored } from '../ports.ts'

/**
 * The row that a step changes, under its lock, what its principal is eligible for, and the number of the wait that follows;
 * and who else was open for the role at the last look, undefined when this row was written since.
 */
export type Work = {
  read: Stored<Request>
  eligibilities: readonly Eligibility[]
  turn: number
  others: Others | undefined
}

/** The other open requests of the role, and when they were read. */
export type Others = { seen: readonly Stored<Request>[]; at: Date }

/** Writes the next state and tells whom it concerns. Undefined, and nothing written, when somebody came between. */
export async function commit(
  ports: Ports,
  { read, turn }: Pick<Work, 'read' | 'turn'>,
  step: Step,
  silently?: 'silently',
): Promise<Stored<Request> | undefined> {
  const request = isOpen(step.request) ? inTurn(step.request, turn) : step.request
  const written = await ports.store.writeRequest(read, { ...step, request })
  if (written && !silently) await tellChange(ports, read.value, { ...step, request })
  return written
}
