import type { Activity } from './audit.ts'
import { isAboutSchedule, isAssigned, type Request } from './request.ts'

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

type Told = 'asked' | 'approved' | 'denied' | 'canceled' | 'timedOut' | 'reminded'

const OF_MORE_ELIGIBILITY: Record<'selfExtend' | 'selfRenew', Record<Told, Activity>> = {
  selfExtend: {
    asked: 'Update eligible member in PIM requested (extend)',
    approved: 'Update member in PIM approved by admin (extend/renew)',
    denied: 'Update member in PIM denied by admin (extend/renew)',
    canceled: 'Update eligible member in PIM canceled (extend)',
    timedOut: 'PIM extend or renew request expired',
    reminded: 'PIM extend or renew request reminded',
  },
  selfRenew: {
    asked: 'Add eligible member to role in PIM requested (renew)',
    approved: 'Update member in PIM approved by admin (extend/renew)',
    denied: 'Update member in PIM denied by admin (extend/renew)',
    canceled: 'Add eligible member to role in PIM canceled (renew)',
    timedOut: 'PIM extend or renew request expired',
    reminded: 'PIM extend or renew request reminded',
  },
}

/** Of what was assigned actively: the same, without the word. */
const OF_MORE_ASSIGNMENT: typeof OF_MORE_ELIGIBILITY = {
  selfExtend: {
    ...OF_MORE_ELIGIBILITY.selfExtend,
    asked: 'Update member in PIM requested (extend)',
    canceled: 'Update member in PIM canceled (extend)',
  },
  selfRenew: {
    ...OF_MORE_ELIGIBILITY.selfRenew,
    asked: 'Add member to role in PIM requested (renew)',
    canceled: 'Add member to role in PIM canceled (renew)',
  },
}

/** What Microsoft calls a step of a question: for access, or for more time of what is given. */
export function nameOfStep(request: Request, what: Told): Activity {
  if (isAboutSchedule(request))
    return (request.about === 'assignment' ? OF_MORE_ASSIGNMENT : OF_MORE_ELIGIBILITY)[
      request.action === 'selfRenew' ? 'selfRenew' : 'selfExtend'
    ][what]
  switch (what) {
    case 'asked':
      return activityOf(request, 'requested')
    case 'canceled':
      return activityOf(request, 'canceled')
    case 'approved':
      return 'Add member to role request approved (PIM activation)'
    case 'denied':
      return 'Add member to role request denied (PIM activation)'
    case 'timedOut':
      return 'PIM activation request expired'
    case 'reminded':
      return 'Add member to role approval reminded (PIM activation)'
  }
}
