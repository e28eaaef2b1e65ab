import { z } from 'zod'
import { type Approval, openStages, stageId, votesByStage } from '../domain/approval.ts'
import { instant, person } from './answer-parts.ts'

/** One stage as Graph shows it, and what each of its approvers has said. */
const ApprovalStageAnswer = z
  .object({
    id: z.string().meta({ description: 'Of the first stage the id of its request, as clients expect it.' }),
    status: z.enum(['Initializing', 'InProgress', 'Completed', 'Expired']),
    reviewResult: z.enum(['NotReviewed', 'Approved', 'Denied']),
    approvalsRequired: z.number().int(),
    pendingUntil: instant.nullable(),
    remindedCount: z.number().int(),
    escalatedDateTime: instant.nullable(),
    approvals: z.array(
      z.object({
        reviewedBy: person,
        onBehalfOf: person.nullable(),
        reviewedDateTime: instant,
        justification: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'ApprovalStageState' })

export const ApprovalAnswer = z.object({
  pendingUntil: instant,
  isApproverJustificationRequired: z.boolean(),
  reviewResult: z.enum(['NotReviewed', 'Approved', 'Denied']),
  reviewedBy: person.nullable(),
  onBehalfOf: person.nullable(),
  reviewedDateTime: instant.nullable(),
  justification: z.string().nullable().meta({
    description: 'Of whoever decided; of what was approved automatically, the condition that it fits.',
  }),
  decidedBy: z.enum(['person', 'automatic', 'timeOut']).nullable(),
  approvalMode: z.enum(['SingleStage', 'Serial', 'Parallel']),
  stages: z.array(ApprovalStageAnswer),
})

/** An approval as callers see it: how it stands as a whole, and each of its stages. */
export function approvalAnswer(requestId: string, approval: Approval): z.infer<typeof ApprovalAnswer> {
  const { decision, stages, mode, pendingUntil } = approval
  const open = openStages(approval)
  const { reviewedBy, onBehalfOf, reviewedDateTime, justification, via } = decision ?? {}
  return {
    pendingUntil,
    isApproverJustificationRequired: stages.some(
      (stage, index) => stage.justification && (open.length === 0 || open.includes(index)),
    ),
    reviewResult: decision?.reviewResult ?? 'NotReviewed',
    reviewedBy: reviewedBy ?? null,
    onBehalfOf: onBehalfOf ?? null,
    reviewedDateTime: reviewedDateTime ?? null,
    justification: justification ?? null,
    decidedBy: via ? (via === 'automatic' || via === 'timeOut' ? via : 'person') : null,
    approvalMode: stages.length > 1 ? mode : 'SingleStage',
    stages: stageAnswers(requestId, approval),
  }
}

function stageAnswers(requestId: string, approval: Approval): z.infer<typeof ApprovalStageAnswer>[] {
  const votes = votesByStage(approval)
  return approval.stages.map((stage, index) => {
    const { begunAt, completedAt, pendingUntil, reminders, escalatedAt, approvalsRequired } = stage
    const isDenied = completedAt === null && begunAt !== null && approval.decision?.reviewResult === 'Denied'
    return {
      id: stageId(requestId, index),
      status: statusOf(stage, approval),
      reviewResult: completedAt ? 'Approved' : isDenied ? 'Denied' : 'NotReviewed',
      approvalsRequired,
      pendingUntil,
      remindedCount: reminders,
      escalatedDateTime: escalatedAt,
      approvals: (votes[index] ?? []).map(({ reviewedBy, onBehalfOf, reviewedDateTime, justification }) => ({
        reviewedBy,
        onBehalfOf: onBehalfOf ?? null,
        reviewedDateTime,
        justification,
      })),
    }
  })
}

function statusOf(
  { begunAt, completedAt, isUnanswered }: Approval['stages'][number],
  { decision }: Approval,
): z.infer<typeof ApprovalStageAnswer>['status'] {
  if (isUnanswered) return 'Expired'
  if (completedAt) return 'Completed'
  if (begunAt === null) return 'Initializing'
  return decision ? 'Completed' : 'InProgress'
}
