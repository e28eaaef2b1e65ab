import { warnedOfEnd, warningDue } from '../domain/assignment-warnings.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Request } from '../domain/request.ts'
import type { Ports, Stored } from '../ports.ts'

/**
 * Of an assignment whose end comes near its principal and administrators are told, of each nearness once: it is written into the row
 * with its event, which is answered, to be told. When somebody came between, the next sweep looks again.
 */
export async function warnOfEnd(ports: Ports, read: Stored<Request>): Promise<AuditEvent[]> {
  const warning = warningDue(read.value, ports.now())
  if (!warning) return []
  const step = warnedOfEnd(read.value, warning, ports.now())
  return (await ports.store.writeRequest(read, step)) ? step.events : []
}
