import type { z } from 'zod'
import { Guid, type RoleIfNamed, rightForProvider, roleFieldsIfNamed, roleIn } from './role.ts'

/** Which eligibility or assignment an action is about: by its id, or in Graph's words by whose it is, and of which role. */
export type ScheduleTarget = {
  targetScheduleId?: string | undefined
  principalId?: string | undefined
} & RoleIfNamed

/** The fields of a body that names one, with {@link namesTarget} or {@link namesOwnTarget} on the whole of it. */
export const targetFields = <Id extends z.ZodType<string>>(id: Id) => ({
  targetScheduleId: id.optional().meta({
    description:
      'Which one is meant. Without it, the one that principalId has of this role, if there is just one: not over, or to renew, ended. What is sent beside it must agree.',
  }),
  principalId: Guid.optional(),
  ...roleFieldsIfNamed,
})

type Complaints = Parameters<typeof rightForProvider>[1]
const complaining = (complaints: Complaints) => (path: string, message: string) =>
  complaints.addIssue({ code: 'custom', path: [path], message })

/** Refuses a body that names neither an id nor a role: for whoever acts on what is their own. */
export function namesOwnTarget(target: ScheduleTarget, complaints: Complaints): void {
  if (target.targetScheduleId) return
  const role = roleIn(target)
  if (role) rightForProvider(role, complaints)
  else
    complaining(complaints)(
      'targetScheduleId',
      'must be given, or roleDefinitionId in its place (with provider and scope, where they are not the directory\u2019s)',
    )
}

/** The same, for administrators: whose it is has to be said too. */
export function namesTarget(target: ScheduleTarget, complaints: Complaints): void {
  namesOwnTarget(target, complaints)
  if (!target.targetScheduleId && !target.principalId)
    complaining(complaints)('principalId', 'must be given where targetScheduleId is not')
}
