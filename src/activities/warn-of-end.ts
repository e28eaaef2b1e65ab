import { warnedOfEnd, warningDue } from '../domain/assignment-warnings.ts'
import type { Request } from '../domain/request.ts'
import { tellChange } from '../live/change.ts'
import type { Ports, Stored } from '../ports.ts'

/**
 * Of an assignment whose end comes near its principal and administrators are told, of each nearness once: it is written into the row
 * with its event. True when it was. When somebody came between, the next sweep looks again.
 */
export async function warnOfEnd(ports: Ports, read: Stored<Request>): Promise<boolean> {
  const warning = warningDue(read.value, ports.now())
  if (!warning) return false
  const step = warnedOfEnd(read.value, warning, ports.now())
  if (!(await ports.store.writeRequest(read, step))) return false
  await tellChange(ports, undefined, step)
  return true
}
