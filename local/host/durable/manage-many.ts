import { send, sendJson } from '../http/respond.ts'
import { hasEnded } from './instance.ts'
import type { InstanceQuery } from './instance-store.ts'
import type { Call } from './management.ts'
import { statusView } from './status-view.ts'

const PAGE = 100

/** `GET instances`: a page, and in a header where the next one begins. */
export async function listInstances({ request, response, query, store }: Call): Promise<void> {
  const token = request.headers['x-ms-continuation-token']
  const asked = readQuery(query, typeof token === 'string' ? token : undefined)
  const { found, continuation } = await store.query(asked)
  const view = {
    showInput: query.get('showInput')?.toLowerCase() !== 'false',
    showHistory: false,
    showHistoryOutput: false,
  }
  sendJson(
    response,
    200,
    found.map((instance) => statusView(instance, view)),
    continuation ? { 'x-ms-continuation-token': continuation } : {},
  )
}

/** `DELETE instances`: those that have ended and were created in the given time. */
export async function purgeInstances({ response, query, store, engine }: Call): Promise<void> {
  if (!query.get('createdTimeFrom'))
    return sendJson(response, 400, "Please provide value for 'createdTimeFrom' parameter.")
  const asked = readQuery(query, undefined)
  let instancesDeleted = 0
  let continuation: string | undefined
  do {
    const page = await store.query({ ...asked, continuation })
    for (const instance of page.found.filter(hasEnded)) {
      await engine.remove(instance.id)
      instancesDeleted++
    }
    continuation = page.continuation
  } while (continuation)
  if (instancesDeleted === 0) return send(response, 404)
  sendJson(response, 200, { instancesDeleted })
}

function readQuery(query: URLSearchParams, continuation: string | undefined): InstanceQuery {
  const date = (name: string) => {
    const time = Date.parse(query.get(name) ?? '')
    return Number.isNaN(time) ? undefined : new Date(time)
  }
  return {
    prefix: query.get('instanceIdPrefix') ?? '',
    statuses: (query.get('runtimeStatus') ?? '').split(',').filter((status) => status !== ''),
    createdFrom: date('createdTimeFrom'),
    createdTo: date('createdTimeTo'),
    top: Math.min(Number(query.get('top')) || PAGE, 1000),
    continuation,
  }
}
