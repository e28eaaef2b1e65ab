/** One call to the storage: the unit in which everything here is counted, because it is the same on every machine. */
export type RoundTrip = {
  service: 'table' | 'queue'
  /** `own` is what the app itself does; `host` what a host does to run it (durable state, queue triggers, timers). */
  by: 'own' | 'host'
  /** The table or queue. */
  target: string
  does:
    | 'get'
    | 'query'
    | 'insert'
    | 'put'
    | 'delete'
    | 'transact'
    | 'send'
    | 'receive'
    | 'remove'
    | 'renew'
    | 'create'
  /** Keys, with everything that differs from run to run taken out. */
  keys: string[]
  status: number
  bytes: number
  /** When it was answered, in milliseconds of this machine's running. */
  at: number
  millis: number
  /** What was written, as it was sent: for those who wait for a certain row. */
  body: string
}

type Described = Pick<RoundTrip, 'service' | 'by' | 'target' | 'does' | 'keys'>

/** What a request asks the storage for. The paths are those of an account that is part of the path, as in Azurite. */
export function describe(service: 'table' | 'queue', method: string, url: string, body: string): Described {
  return service === 'queue' ? describeQueue(method, url) : describeTable(method, url, body)
}

function describeQueue(method: string, url: string): Described {
  const [, , target = '', messages, id] = new URL(url, 'http://storage').pathname.split('/')
  const does = id
    ? method === 'DELETE'
      ? 'remove'
      : 'renew'
    : messages === undefined
      ? 'create'
      : method === 'POST'
        ? 'send'
        : 'receive'
  // The app puts in; whoever takes out is the queue trigger, which is the host's.
  const by = does === 'send' && ['interim-outbox', 'interim-webhooks'].includes(target) ? 'own' : 'host'
  return { service: 'queue', by, target, does, keys: [] }
}

const TABLE_VERBS: Record<string, RoundTrip['does']> = {
  GET: 'get',
  POST: 'insert',
  DELETE: 'delete',
}

function describeTable(method: string, url: string, body: string): Described {
  const { pathname, searchParams } = new URL(url, 'http://storage')
  const place = decodeURIComponent(pathname.split('/').slice(2).join('/'))
  if (place === '$batch') return describeTransaction(body)
  const target = place.replace(/\(.*$/s, '')
  const described = { service: 'table', by: ownerOf(target), target } as const
  if (target === 'Tables') return { ...described, does: 'create', keys: [] }
  const filter = searchParams.get('$filter')
  if (method === 'GET' && !/RowKey='/.test(place))
    return { ...described, does: 'query', keys: [filter ? rangeOf(filter) : 'everything'] }
  const key = rowKeyOf(place) ?? rowKeyIn(body)
  return { ...described, does: TABLE_VERBS[method] ?? 'put', keys: [plain(key)] }
}

function describeTransaction(body: string): Described {
  let target = ''
  const keys: string[] = []
  for (const part of body.split(/^--changeset[^\n]*$/m)) {
    const line = /^(POST|PUT|PATCH|MERGE|DELETE) (\S+) HTTP/m.exec(part)
    if (!line) continue
    const place = decodeURIComponent(new URL(line[2] as string).pathname.split('/').slice(2).join('/'))
    target = place.replace(/\(.*$/s, '')
    const verb = line[1] === 'DELETE' ? '-' : line[1] === 'POST' ? '+' : '='
    keys.push(`${verb}${plain(rowKeyOf(place) ?? rowKeyIn(part))}`)
  }
  return { service: 'table', by: ownerOf(target), target, does: 'transact', keys: together(keys) }
}

/** Keys of one kind, once, with how many there are. */
function together(keys: readonly string[]): string[] {
  const kinds = new Map<string, number>()
  for (const key of keys) {
    const kind = key.startsWith('=') ? key.replace(/(\|[^|]*)\..*$/, '$1.…') : key
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  return [...kinds].map(([kind, count]) => (count > 1 ? `${kind} ×${count}` : kind))
}

function rangeOf(filter: string): string {
  const range = /RowKey ge '([^']*)' and RowKey lt '([^']*)'/.exec(filter)
  return plain(range ? `${range[1]}…` : filter)
}

/** The app's tables; `<hub>Local…` are the embedded host's, and everything else is somebody's durable state. */
const OWN = [
  'InterimTruth',
  'InterimOpen',
  'InterimEvents',
  'InterimEventDays',
  'InterimEligibilitiesByRole',
  'InterimParcels',
]
const ownerOf = (table: string): 'own' | 'host' => (OWN.includes(table) ? 'own' : 'host')

const rowKeyOf = (place: string) => /RowKey='((?:[^']|'')*)'/.exec(place)?.[1]
const rowKeyIn = (body: string) => /"RowKey":"([^"]*)"/.exec(body)?.[1] ?? ''

/** Ids, guids and instants out, so that the same step of two runs reads the same. */
function plain(text: string): string {
  return text
    .replaceAll(/\b(req|elig|set)-[0-9a-f]{32}-[0-9a-z]+/g, '<$1>')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '<guid>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>')
    .replaceAll(/\d{4}-\d\d-\d\d/g, '<day>')
    .replaceAll(/\|(?!directory)[0-9a-z]{9}(?=\||~|'|$)/g, '|<time>')
}

/** One line of a list of round trips. */
export function lineOf({ target, does, keys }: RoundTrip): string {
  return `${target} ${does}${keys.length > 0 ? ` ${keys.join(' ')}` : ''}`
}
