import type { Activity } from './audit.ts'
import { isAssigned, type Request } from './request.ts'

const OF_ACTIVATIONS = {
  requested: 'Add member to role requested (PIM activation)',
  completed: 'Add member to role completed (PIM activation)',
  canceled: 'Add member to role canceled (PIM activation)',
  'removal requested': 'Remove member from role requested (PIM deactivate)',
  removed: 'Remove member from role completed (PIM deactivate)',
  expired: 'Remove member from role (PIM activation expired)',
} as const satisfies Record<string, Activity>

/** What Microsoft calls this, of what was activated and of what was assigned. */
export function activityOf(request: Request, what: keyof typeof OF_ACTIVATIONS): Activity {
  if (!isAssigned(request)) return OF_ACTIVATIONS[what]
  const lasting = request.endsAt === null ? 'permanent' : 'timebound'
  const kind = request.action === 'adminRenew' ? 'renew' : lasting
  switch (what) {
    case 'removal requested':
      return `Remove member from role in PIM requested (${lasting})`
    case 'removed':
    case 'expired':
      return `Remove member from role in PIM completed (${lasting})`
    default:
      return `Add member to role in PIM ${what} (${kind})`
  }
}
