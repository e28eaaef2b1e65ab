import type { IncomingHttpHeaders } from 'node:http'

export type Service = 'table' | 'queue' | 'blob' | 'tenant' | 'endpoint'

/** One call of the host process to the outside, as the proxy sees it. */
export type Call = {
  /** Its place among all calls that this proxy has seen. */
  n: number
  service: Service
  /** Whom it reaches: what the app asks for is its own storage, Graph, Azure, mail, sign-in or somebody's webhook; the rest is the host's. */
  target: 'own storage' | 'graph' | 'azure' | 'mail' | 'sign-in' | 'webhook' | 'host'
  method: string
  path: string
  /** What it does, without ids and times: the same in every run. */
  what: string
  /** Changes something outside, so that dying before it and dying after it differ. */
  writes: boolean
  body: Buffer
  headers: IncomingHttpHeaders
  /** Null while there is no answer. */
  status: number | null
  answer: Buffer | null
}

const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi

export function describe(service: Service, method: string, path: string, body: Buffer) {
  if (service === 'tenant') return ofTenant(method, path)
  if (service === 'endpoint') return { target: 'webhook', what: 'send to a webhook', writes: true } as const
  if (service === 'table') return ofTable(method, path, body)
  return ofQueue(service, method, path)
}

function ofTenant(method: string, path: string): Pick<Call, 'target' | 'what' | 'writes'> {
  const [plain = ''] = path.split('?')
  const what = `${method} ${plain.replace(/^\/v1\.0/, '').replaceAll(GUID, '…')}`
  if (plain.startsWith('/emails')) {
    const sends = method === 'POST'
    return { target: 'mail', what: sends ? 'send mail' : 'ask for the state of a mail', writes: sends }
  }
  if (/^\/(subscriptions|providers)\b/i.test(plain))
    return { target: 'azure', what, writes: method === 'PUT' || method === 'DELETE' }
  if (!plain.startsWith('/v1.0')) return { target: 'sign-in', what, writes: false }
  const isRead = method === 'GET' || /check|get(Member|ByIds)/.test(plain)
  return { target: 'graph', what: what.replace(/roleAssignments\/.+/, 'roleAssignments/…'), writes: !isRead }
}

/** Tables of ours have names that begin with Interim, the host's with the name of the hub, in lower case. */
function ofTable(method: string, path: string, body: Buffer): Pick<Call, 'target' | 'what' | 'writes'> {
  const text = decodeURIComponent(path)
  if (/\/\$batch/.test(text)) {
    const inner = [...body.toString('latin1').matchAll(/^(POST|PUT|PATCH|MERGE|DELETE) (\S+) HTTP/gm)]
    const rows = inner.map(([, verb = '', target = '']) => `${verb} ${rowKind(decodeURIComponent(target))}`)
    const table = tableOf(decodeURIComponent(inner[0]?.[2] ?? ''))
    return { target: ownerOf(table), what: `${table} {${rows.join(', ')}}`, writes: true }
  }
  const table = tableOf(text)
  const from = /RowKey ge '([^']*)'/.exec(text.replaceAll('+', ' '))?.[1]
  const kind = from === undefined ? rowKind(text) : `query ${kindOf(from)}`
  return { target: ownerOf(table), what: `${table} ${method} ${kind}`.trim(), writes: method !== 'GET' }
}

const tableOf = (path: string) => /devstoreaccount1\/(\w+)/.exec(path)?.[1] ?? '?'
const ownerOf = (table: string) => (table.startsWith('Interim') ? 'own storage' : 'host')
const rowKind = (target: string) => kindOf(/RowKey='([^']*)'/.exec(target)?.[1] ?? '')

/** `live|req|<id>` is a `live|req`; a row whose key is nothing but an id is just a row. */
function kindOf(rowKey: string): string {
  const parts = rowKey.split('|')
  if (parts.length === 1) return 'row'
  return parts[0] === 'live' ? parts.slice(0, 2).join('|') : (parts[0] as string)
}

function ofQueue(service: Service, method: string, path: string): Pick<Call, 'target' | 'what' | 'writes'> {
  const [plain = ''] = path.split('?')
  const isSend = method === 'POST' && plain.endsWith('/messages')
  const what = `${service} ${method} ${plain.replace('/devstoreaccount1/', '').replaceAll(GUID, '…')}`
  return { target: isSend ? 'own storage' : 'host', what, writes: true }
}

/** The host looking into a queue and finding nothing: not a step of anything. */
export const isEmptyPoll = ({ service, method, path, answer }: Call) =>
  service === 'queue' && method === 'GET' && /\/messages/.test(path) && !answer?.includes('<QueueMessage>')

export const isPoll = ({ service, method, path }: Call) =>
  service === 'queue' && method === 'GET' && /\/messages/.test(path)
