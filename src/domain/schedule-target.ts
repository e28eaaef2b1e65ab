import type { z } from 'zod'
import { Guid, Provider, type Role, RoleId, rightForProvider, roleIn, Scope } from './role.ts'

/** Which eligibility or assignment an action is about: by its id, or in Graph's words by whose it is, and of which role. */
export type ScheduleTarget = {
  targetScheduleId?: string | undefined
  principalId?: string | undefined
} & { [K in keyof Role]?: Role[K] | undefined }

/** The fields of a body that names one, with {@link namesTarget} or {@link namesOwnTarget} on the whole of it. */
export const targetFields = <Id extends z.ZodType<string>>(id: Id) => ({
  targetScheduleId: id.optional().meta({
    description:
      'Which one is meant. Without it: the one of principalId with this role, current before future.',
  }),
  principalId: Guid.optional(),
  provider: Provider.optional(),
  roleDefinitionId: RoleId.optional(),
  scope: Scope.optional(),
})

type Complaints = Parameters<typeof rightForProvider>[1]

/** Refuses a body that names neither an id nor a role: for whoever acts on what is their own. */
export function namesOwnTarget(target: ScheduleTarget, complaints: Complaints): void {
  const complain = (path: string, message: string) =>
    complaints.addIssue({ code: 'custom', path: [path], message })
  const role = roleIn(target)
  if (role) rightForProvider(role, complaints)
  else if (!target.targetScheduleId)
    complain('targetScheduleId', 'must be given, or principalId and roleDefinitionId in its place')
  else
    for (const path of ['provider', 'scope'] as const)
      if (target[path] !== undefined) complain(path, 'goes with roleDefinitionId: name that too')
}

/** The same, for administrators: whose it is has to be said too. */
export function namesTarget(target: ScheduleTarget, complaints: Complaints): void {
  namesOwnTarget(target, complaints)
  if (roleIn(target) && !target.targetScheduleId && !target.principalId)
    complaints.addIssue({
      code: 'custom',
      path: ['principalId'],
      message: 'must be given where targetScheduleId is not',
    })
}
