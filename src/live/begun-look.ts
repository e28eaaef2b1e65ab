import type { Request } from '../domain/request.ts'
import type { Ports } from '../ports.ts'
import { providerOf } from './providers.ts'

/** Longer than a directory takes to answer, and shorter than anybody waits. */
const A_MOMENT = 1_000

/**
 * Begins to look at what the tenant has of this for its principal, while something else is found out; the answer looks again where that
 * took longer than a moment, as a ticket desk may: what comes between a look and the intent could be taken for ours.
 */
export function begunLook(ports: Ports, request: Request): () => Promise<readonly string[]> {
  const find = () => providerOf(ports, request).find(request.principal.id, request)
  const at = ports.now().getTime()
  const looking = find()
  looking.catch(() => undefined) // whoever asks for the answer hears it
  return () => (ports.now().getTime() - at < A_MOMENT ? looking : find())
}
