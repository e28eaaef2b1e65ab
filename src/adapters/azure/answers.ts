import { Impossible, Unavailable } from '../../ports.ts'
import { ArmError } from './client.ts'

/**
 * A conflict names the assignment that stands in the way, in 32 hex digits. Under our own name it is what an attempt of ours
 * has made; under any other, or none, it is somebody else's. Undefined for what is no such conflict.
 */
export function addedOrExists(error: unknown, name: string): 'added' | 'exists' | undefined {
  if (!(error instanceof ArmError) || error.code !== 'RoleAssignmentExists') return undefined
  const [digits] = /\b[0-9a-f]{32}\b/i.exec(error.message) ?? []
  return digits?.toLowerCase() === name.replaceAll('-', '').toLowerCase() ? 'added' : 'exists'
}

/** What a refused grant means: worth another try, or not. */
export function meaningOfAdd(error: unknown): unknown {
  if (!(error instanceof ArmError)) return error
  const { status, code, message } = error
  if (code === 'PrincipalNotFound')
    return new Unavailable(`Azure does not know the principal yet: ${message}`)
  if (code === 'ScopeLocked') return new Impossible('ResourceIsLocked', `Azure refused: ${message}`)
  if (status === 409 || status === 412) return new Unavailable(`Azure is busy with it: ${message}`)
  return new Impossible(code || 'BadRequest', `Azure refused: ${message}`)
}

/**
 * What a refused removal means. A lock is lifted some day, and of the last administrator there is another some day: whoever
 * waits gets it done, and until then what stands in the way is told.
 */
export function meaningOfRemove(error: unknown): unknown {
  if (!(error instanceof ArmError)) return error
  const { status, code, message } = error
  const passes = status === 409 || status === 412 || /last RBAC admin/i.test(message)
  if (passes) return new Unavailable(`Azure does not remove it now: ${message}`)
  return new Impossible(code || 'BadRequest', `Azure refused: ${message}`)
}
