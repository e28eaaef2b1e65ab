import type { Answer, Call } from '../http.ts'
import { parseFilter } from './filter.ts'
import { Problem } from './problem.ts'
import type { Item, Shape } from './shapes.ts'

const PAGE = 100
const MOST = 999
const UNDERSTOOD = ['$filter', '$select', '$expand', '$top', '$skiptoken', '$count']

export type Listing = {
  /** What the context names: users, groups, directoryObjects… */
  set: string
  /** The kind of all items, when they are of one kind. */
  shape?: Shape
  expand?: (item: Item, what: string) => Record<string, unknown>
}

export const isEventual = (call: Call) =>
  `${call.headers.consistencylevel ?? ''}`.toLowerCase() === 'eventual'

/** A collection: filtered, counted, cut into pages, and shown. */
export function listAnswer(call: Call, items: Item[], { set, shape, expand }: Listing): Answer {
  const { query } = call
  const filter = query.get('$filter')
  const all = [...(shape ? [...shape.shown, ...shape.hidden] : ['id', 'displayName'])]
  const type = `microsoft.graph.${shape?.type ?? 'directoryObject'}`
  const test = filter ? parseFilter(filter, all, type) : () => true
  const kept = items.filter((item) => test(item.row))

  const top = query.get('$top')
  if (top !== null && !(/^\d+$/.test(top) && Number(top) >= 1 && Number(top) <= MOST))
    throw new Problem(
      400,
      'BadRequest',
      `Invalid page size specified: '${top}'. Must be between 1 and ${MOST} inclusive.`,
    )
  const size = top === null ? PAGE : Number(top)
  const start = offset(query.get('$skiptoken'))
  const page = kept.slice(start, start + size)

  const show = shower(call, shape, expand)
  const body: Record<string, unknown> = { '@odata.context': context(call, set) }
  if (query.get('$count') === 'true') body['@odata.count'] = kept.length
  if (start + size < kept.length) body['@odata.nextLink'] = nextLink(call, start + size)
  body.value = page.map((item) =>
    shape ? show(item) : { '@odata.type': `#microsoft.graph.${item.shape.type}`, ...show(item) },
  )
  return { status: 200, body }
}

/** One object. */
export function oneAnswer(call: Call, item: Item, listing: Listing, status = 200): Answer {
  const show = shower(call, listing.shape, listing.expand)
  const type = listing.shape ? {} : { '@odata.type': `#microsoft.graph.${item.shape.type}` }
  return {
    status,
    body: { '@odata.context': `${context(call, listing.set)}/$entity`, ...type, ...show(item) },
  }
}

function shower(call: Call, shape: Shape | undefined, expand: Listing['expand']) {
  // To ignore what one does not understand would be to give a wrong answer.
  for (const name of call.query.keys())
    if (name.startsWith('$') && !UNDERSTOOD.includes(name))
      throw new Problem(
        400,
        'BadRequest',
        `Query option '${name}' is not understood by the simulated tenant.`,
      )
  const select = words(call.query.get('$select'))
  const expands = words(call.query.get('$expand'))
  for (const name of select)
    if (shape && !shape.shown.includes(name) && !shape.hidden.includes(name))
      throw new Problem(
        400,
        'BadRequest',
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.${shape.type}'.`,
      )
  if (expands.length && !expand)
    throw new Problem(400, 'BadRequest', `$expand=${expands} is not understood here.`)
  return (item: Item) => {
    const names = select.length ? select : item.shape.shown
    const row: Record<string, unknown> = {}
    for (const name of names) if (name in item.row) row[name] = item.row[name]
    for (const what of expands) Object.assign(row, expand?.(item, what))
    return row
  }
}

const words = (list: string | null) =>
  (list ?? '')
    .split(',')
    .map((w) => w.trim())
    .filter(Boolean)

function context(call: Call, set: string): string {
  const select = call.query.get('$select')
  return `${call.origin}/v1.0/$metadata#${set}${select ? `(${select})` : ''}`
}

function nextLink(call: Call, at: number): string {
  const url = new URL(call.target, call.origin)
  url.searchParams.set('$skiptoken', Buffer.from(`at ${at}`).toString('base64url'))
  return url.href.replaceAll('%24', '$')
}

function offset(token: string | null): number {
  if (token === null) return 0
  const at = /^at (\d+)$/.exec(Buffer.from(token, 'base64url').toString())
  if (!at)
    throw new Problem(
      400,
      'Directory_ExpiredPageToken',
      'The specified page token value has expired and can no longer be included in your request.',
    )
  return Number(at[1])
}
