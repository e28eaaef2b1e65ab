import { open as keys } from '../../src/adapters/tables/keys.ts'
import { tableStore } from '../../src/adapters/tables/store.ts'
import { openTable, type Write } from '../../src/adapters/tables/table.ts'
import type { Approval } from '../../src/domain/approval.ts'
import { begin } from '../../src/domain/approval-progress.ts'
import { makeId } from '../../src/domain/ids.ts'
import { listedAtRest } from '../../src/domain/open-work.ts'
import type { Request } from '../../src/domain/request.ts'
import { opened } from '../../src/domain/request-steps.ts'
import { atOnce } from '../../src/live/at-once.ts'

const MONTH_IN_MINUTES = 30 * 24 * 60

/**
 * Requests that wait, past the API: each like the one of this id, but of another person and a second older than the one before.
 * Written by the app's own store, and listed under its own keys, many at a time. Nobody was told and no workflow runs, as when
 * a process dies; but they wait a month, so the sweep has nothing to mend until they are decided. Answers their ids.
 */
export async function loadWaiting(
  storage: string,
  likeId: string,
  people: readonly { id: string; displayName: string }[],
): Promise<string[]> {
  const open = (name: string) => openTable({ connectionString: storage }, name)
  const [store, lists] = [tableStore(open('InterimTruth')), open('InterimOpen')]
  const like = (await store.findRequest(likeId))?.value
  if (!like?.approval) throw new Error(`${likeId} does not wait.`)
  const newest = Date.parse(like.createdDateTime)
  const requests = people.map((person, n) => another(like, person, new Date(newest - (n + 1) * 1000), n))
  await atOnce(8, requests, (request) => store.openRequest(opened(request)))
  const rows = requests.flatMap(listRows)
  const batches = Array.from({ length: Math.ceil(rows.length / 100) }, (_, n) =>
    rows.slice(n * 100, n * 100 + 100),
  )
  await atOnce(2, batches, (batch) => lists.transact(batch))
  return requests.map(({ id }) => id)
}

function another(like: Request, { id, displayName }: Request['principal'], at: Date, n: number): Request {
  const approval = like.approval as Approval
  const stages = approval.stages.map((stage) => ({ ...stage, timeoutMinutes: MONTH_IN_MINUTES }))
  const request: Request = {
    ...like,
    id: makeId('req', id, at, n.toString(36).padStart(12, '0')),
    principal: { id, displayName },
    createdDateTime: at.toISOString(),
    approval: begin({ mode: approval.mode, stages }, at, null),
    turn: 1,
    changedIn: 0,
  }
  return { ...request, listed: listedAtRest(request, at) }
}

/** As src/adapters/tables/views.ts writes them. */
function listRows({ id, listed: { awaiting, due } }: Request): Write[] {
  const at = (rowKey: string, value: object): Write => ({
    put: { partitionKey: keys.partition, rowKey, doc: JSON.stringify(value) },
    onlyIf: 'whatever',
  })
  return [
    ...awaiting.map((key) => at(keys.awaiting(key, id), {})),
    at(keys.due(due as string, id), { subjectId: id, awaiting, due }),
  ]
}
