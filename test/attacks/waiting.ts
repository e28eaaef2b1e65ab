import { tableStore } from '../../src/adapters/tables/store.ts'
import { openTable } from '../../src/adapters/tables/table.ts'
import { tableViews } from '../../src/adapters/tables/views.ts'
import { approvalTimes } from '../../src/domain/approval.ts'
import { makeId } from '../../src/domain/ids.ts'
import { listedAtRest, UNLISTED } from '../../src/domain/open-work.ts'
import type { Request } from '../../src/domain/request.ts'
import { opened } from '../../src/domain/request-steps.ts'
import { atOnce } from '../../src/live/at-once.ts'

const MONTH_IN_MINUTES = 30 * 24 * 60

/**
 * So many requests that wait, each like the one of this id but of another person and a second older than the one before: written
 * by the app's own store and lists, past its API, told of and at rest. They wait a month, so nothing of them is due. Answers
 * their ids.
 */
export async function loadWaiting(
  storage: string,
  likeId: string,
  people: readonly { id: string; displayName: string }[],
): Promise<string[]> {
  const open = (name: string) => openTable({ connectionString: storage }, name)
  const store = tableStore(open('InterimTruth'))
  const views = tableViews({
    open: open('InterimOpen'),
    events: open('InterimEvents'),
    days: open('InterimEventDays'),
    byRole: open('InterimEligibilitiesByRole'),
  })
  const like = (await store.findRequest(likeId))?.value
  if (!like?.approval) throw new Error(`${likeId} does not wait.`)
  const newest = new Date(like.createdDateTime)
  const steps = people.map(({ id, displayName }, n) => {
    const at = new Date(newest.getTime() - (n + 1) * 1000)
    const request = olderOne(like, { id, displayName }, at, n)
    return opened({ ...request, listed: listedAtRest(request, at) })
  })
  await atOnce(8, steps, async (step) => {
    await views.list(step.request.id, step.request.listed, UNLISTED)
    await store.openRequest(step)
  })
  await views.indexEvents(steps.flatMap(({ events }) => events))
  return steps.map(({ request }) => request.id)
}

function olderOne(like: Request, principal: Request['principal'], at: Date, n: number): Request {
  const {
    approvers,
    justificationRequired: justification,
    byLink,
  } = like.approval as NonNullable<Request['approval']>
  const times = approvalTimes(
    { approvers, justification, byLink, timeoutMinutes: MONTH_IN_MINUTES },
    at,
    null,
  )
  return {
    ...like,
    id: makeId('req', principal.id, at, n.toString(36).padStart(12, '0')),
    principal,
    createdDateTime: at.toISOString(),
    approval: { ...(like.approval as NonNullable<Request['approval']>), ...times },
    turn: 1,
    changedIn: 0,
  }
}
