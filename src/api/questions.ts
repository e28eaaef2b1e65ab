import { administratorsDecide } from '../domain/approval-progress.ts'
import type { EligibilityWindow } from '../domain/eligibility.ts'
import { pendingUntil, type SelfExtend } from '../domain/extension.ts'
import { makeId } from '../domain/ids.ts'
import { newRequest } from '../domain/new-request.ts'
import { UNLISTED } from '../domain/open-work.ts'
import type { Proof } from '../domain/person.ts'
import type { Request } from '../domain/request.ts'
import { opened } from '../domain/request-steps.ts'
import type { Role } from '../domain/role.ts'
import { tellChange } from '../live/change.ts'
import type { Caller, Ports } from '../ports.ts'
import { Refused } from './refused.ts'

/** What it is about: an eligibility, or an active assignment. */
type About = Role &
  Pick<Request, 'about' | 'eligibilityId' | 'targetId' | 'roleName' | 'scopeName'> & { principalName: string }

/** Somebody asks those who administer the role for more time of what they have. */
export function question(
  { random }: Ports,
  {
    action,
    scheduleInfo: { startDateTime, expiration },
    justification,
  }: Omit<SelfExtend, 'targetScheduleId'>,
  { principalName, ...about }: About,
  window: EligibilityWindow,
  { caller, settingsVersion, now }: { caller: Caller; settingsVersion: number; now: Date },
): Request {
  const until = pendingUntil(action, window, now)
  return newRequest(
    {
      ...about,
      id: makeId('req', caller.id, now, random()),
      action,
      status: 'PendingAdminDecision',
      principal: { id: caller.id, displayName: principalName },
      principalType: 'User',
      justification: justification?.trim() || null,
      ticketInfo: null,
      asked: { startDateTime: startDateTime ?? null, expiration },
      settingsVersion,
      proof: caller.proof,
      startsAt: null,
      endsAt: null,
      approval: administratorsDecide(now, until), // whoever administers the role when they decide
    },
    now,
  )
}

/** It has no workflow: nothing of it is precise, and the sweep reminds and gives up. */
export async function openQuestion(ports: Ports, request: Request): Promise<Request> {
  const step = opened(request)
  await ports.views.list(request.id, request.listed, UNLISTED)
  if (!(await ports.store.openRequest(step))) {
    await ports.views.list(request.id, UNLISTED, request.listed)
    throw alreadyAsked()
  }
  await tellChange(ports, undefined, step)
  return request
}

export const alreadyAsked = () =>
  new Refused(
    400,
    'PendingRoleAssignmentRequest',
    'There is an already existing pending role assignment extension.',
  )

/** A page's session says who somebody is, not how they have signed in. */
export const NO_PROOF: Proof = { mfa: false, contexts: [] }
