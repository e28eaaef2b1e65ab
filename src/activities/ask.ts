import { type Approval, openStages, type Stage } from '../domain/approval.ts'
import { passedUnanswered, raised } from '../domain/approval-progress.ts'
import { decided, escalated, reminded, signed, stagesDue, timedOut } from '../domain/approval-steps.ts'
import { askOf, windowAsked } from '../domain/ask.ts'
import { isDue } from '../domain/next-step.ts'
import { listedWhileChanging } from '../domain/open-work.ts'
import { INTERIM } from '../domain/person.ts'
import type { Request } from '../domain/request.ts'
import type { Step } from '../domain/request-steps.ts'
import { MINUTE } from '../domain/schedule.ts'
import { foundBehind } from '../live/approvers.ts'
import { approvalInForce } from '../live/seats.ts'
import type { Ports, Stored } from '../ports.ts'
import { commit, type Work } from './commit.ts'

type Written = Promise<Stored<Request> | undefined>

/** Reminds those who are asked, looked up anew: whoever has become one of them since is asked as well. */
export async function remind(ports: Ports, work: Work): Written {
  const { request, indexes } = due(work, ports, ({ remindAt }) => remindAt)
  const found = await foundBehind(ports, request, indexes)
  const step = reminded(request, indexes, ports.now(), found)
  return found.size > 0 ? listed(ports, work, step) : commit(ports, work, step)
}

/** Goes to the next people as well. */
export async function escalate(ports: Ports, work: Work): Written {
  const { request, indexes } = due(work, ports, ({ escalateAt }) => escalateAt)
  const found = await foundBehind(ports, request, indexes, true)
  return listed(ports, work, escalated(request, indexes, ports.now(), found))
}

/**
 * Nobody has answered: it is over, unless the settings, then and now, take silence for a yes, and the approvers have had all the
 * time that either gives them: a requester who wants it soon leaves them less, and gets nothing by that.
 */
export async function timeOut(ports: Ports, work: Work): Written {
  const now = ports.now()
  const { request, indexes } = due(work, ports, ({ pendingUntil }) => pendingUntil)
  const step = (await passed(ports, request, indexes, now)) ?? timedOut(request, now)
  return listed(ports, work, step)
}

async function passed(
  ports: Ports,
  request: Request & { approval: Approval },
  indexes: readonly number[],
  now: Date,
): Promise<Step | undefined> {
  const isSilenceEnough = (stages: readonly Pick<Stage, 'approvesUnanswered' | 'timeoutMinutes'>[]) =>
    indexes.every((index) => {
      const { begunAt, pendingUntil } = request.approval.stages[index] as Stage
      const given = Date.parse(pendingUntil as string) - Date.parse(begunAt as string)
      const stage = stages[index]
      return stage?.approvesUnanswered && given >= stage.timeoutMinutes * MINUTE
    })
  if (!isSilenceEnough(request.approval.stages)) return undefined
  const inForce = await approvalInForce(ports, request)
  if (inForce && !isSilenceEnough(inForce.stages)) return undefined
  const vote = {
    reviewedBy: INTERIM,
    reviewedDateTime: now.toISOString(),
    justification: 'Nobody has answered in time, and the settings of the role approve it then.',
    via: 'timeOut' as const,
  }
  const { approval, isComplete } = passedUnanswered(raised(request.approval, inForce), indexes, now)
  if (!isComplete) return signed(request, approval, vote)
  const window = windowAsked(askOf(request), now)
  return decided({ ...request, approval }, { ...vote, reviewResult: 'Approved' }, window)
}

function due({ read }: Work, ports: Ports, instant: (stage: Stage) => string | null) {
  const request = read.value as Request & { approval: Approval }
  const { approval } = request
  const now = ports.now()
  return { request, indexes: stagesDue(approval, openStages(approval), instant, (at) => isDue(at, now)) }
}

/** First the lists, so that whoever is asked from now on finds it whatever becomes of this process. */
async function listed(ports: Ports, work: Work, step: Step): Written {
  const before = work.read.value
  const rows = listedWhileChanging(before, step.request, ports.now())
  await ports.views.list(step.request.id, rows, before.listed)
  return commit(ports, work, { ...step, request: { ...step.request, listed: rows } })
}
