import { type Approval, answeredIn, votesByStage } from '../domain/approval.ts'
import type { ApprovalDemand, StageDemand } from '../domain/approval-demand.ts'
import { isFilled } from '../domain/quorum.ts'
import type { Ports } from '../ports.ts'
import { type About, peopleOfAll } from './approvers.ts'

/** Are there people enough for every stage, as nobody counts who asks, is disabled, or is kept for emergencies? */
export async function enoughApprovers(
  ports: Ports,
  about: About,
  { stages }: Pick<ApprovalDemand, 'stages'>,
): Promise<boolean> {
  return enoughFor(ports, about, stages)
}

/**
 * Would there still be people enough for what is left, with these approvals given? Where not, whoever gave the last of them is needed
 * later, and somebody else has to speak first. Side by side approvals make way for each other. What may pass unanswered waits for nobody.
 */
export async function enoughForWhatComes(ports: Ports, about: About, approval: Approval): Promise<boolean> {
  if (approval.mode === 'Parallel') return true
  const counted = votesByStage(approval)
  const left = approval.stages.flatMap((stage, index) => {
    const approvalsRequired = stage.approvalsRequired - (counted[index]?.length ?? 0)
    return stage.completedAt === null && !stage.approvesUnanswered
      ? [{ ...stage, approvalsRequired, spent: answeredIn(approval, index) }]
      : []
  })
  return enoughFor(ports, about, left)
}

/** `spent`: who has nothing more to say there. */
async function enoughFor(
  ports: Ports,
  about: About,
  stages: readonly (StageDemand & { spent?: ReadonlySet<string> })[],
): Promise<boolean> {
  const may = new Map<string, number[]>()
  const needed = stages.reduce((sum, { approvalsRequired }) => sum + approvalsRequired, 0)
  for (const [index, { people, spent = NOBODY }] of stages.entries())
    for (const { id } of await peopleOfAll(ports, about, people, ENOUGH, needed + spent.size))
      if (!spent.has(id)) may.set(id, [...(may.get(id) ?? []), index])
  const voices = [...may.values()].map((indexes) => ({
    stages: indexes,
    once: indexes.some((index) => stages[index]?.excludesEarlier),
  }))
  return isFilled(
    stages.map(({ approvalsRequired }) => approvalsRequired),
    voices,
  )
}

const NOBODY: ReadonlySet<string> = new Set()

/** More members than this are not looked at to find one who is not the requester. */
const ENOUGH = 200
