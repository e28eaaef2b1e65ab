import { z } from 'zod'
import { Guid } from './role.ts'
import { text } from './text.ts'

const description = text(200).nullish()

/**
 * Who is asked, in Graph's words: a person, the members of a group, the requester's manager. Two kinds are ours: those who administer
 * the scope (owners of a group or of an Azure scope), and those who hold a role now.
 */
export const Approver = z.discriminatedUnion('@odata.type', [
  z.strictObject({ '@odata.type': z.literal('#microsoft.graph.singleUser'), userId: Guid, description }),
  z.strictObject({ '@odata.type': z.literal('#microsoft.graph.groupMembers'), groupId: Guid, description }),
  z.strictObject({
    '@odata.type': z.literal('#microsoft.graph.requestorManager'),
    managerLevel: z.number().int().min(1).max(4).default(1).meta({
      description: '1: the manager, 2: their manager, and so on.',
    }),
    description,
  }),
  z.strictObject({ '@odata.type': z.literal('#interim.scopeOwners'), description }),
  z.strictObject({
    '@odata.type': z.literal('#interim.roleHolders'),
    roleDefinitionId: Guid.nullish().meta({
      description: 'Of a directory role, held in the whole tenant. Left out: of the role that is asked for.',
    }),
    description,
  }),
])
export type Approver = z.infer<typeof Approver>

/** One text for each approver: under this key they find what awaits them, and by it two lists are compared. */
export function approverKey(approver: Approver): string {
  switch (approver['@odata.type']) {
    case '#microsoft.graph.singleUser':
      return userKey(approver.userId)
    case '#microsoft.graph.groupMembers':
      return groupKey(approver.groupId)
    case '#microsoft.graph.requestorManager':
      return `manager-${approver.managerLevel}`
    case '#interim.scopeOwners':
      return 'owners'
    case '#interim.roleHolders':
      return `holders-${approver.roleDefinitionId ?? 'same'}`
  }
}

export const userKey = (id: string) => `user-${id}`
export const groupKey = (id: string) => `group-${id}`

export const approverGroups = (approvers: readonly Approver[]) =>
  approvers.flatMap((a) => (a['@odata.type'] === '#microsoft.graph.groupMembers' ? [a.groupId] : []))

export const approverUsers = (approvers: readonly Approver[]) =>
  approvers.flatMap((a) => (a['@odata.type'] === '#microsoft.graph.singleUser' ? [a.userId] : []))

/** Who it is depends on the requester, the scope or the day: only a look tells. */
export const isFoundOut = (approver: Approver) =>
  !['#microsoft.graph.singleUser', '#microsoft.graph.groupMembers'].includes(approver['@odata.type'])

export type Manager = Extract<Approver, { '@odata.type': '#microsoft.graph.requestorManager' }>
export const isManager = (approver: Approver): approver is Manager =>
  approver['@odata.type'] === '#microsoft.graph.requestorManager'

/**
 * Who may speak in a stage: any of the approvers; those of `fallback` where a manager among them cannot be asked; and after the
 * escalation those whom it goes to, besides.
 */
export type StagePeople = { approvers: Approver[]; fallback?: Approver[]; escalation?: Approver[] }

export const everybodyIn = ({ approvers, fallback = [], escalation = [] }: StagePeople): Approver[] => [
  ...approvers,
  ...fallback,
  ...escalation,
]

/** What administrators noted about approvers stays in the settings; who is asked is kept with a request. */
export const withoutDescription = <A extends Approver>({ description: _, ...approver }: A) => approver as A
