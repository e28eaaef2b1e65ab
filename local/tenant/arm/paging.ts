import type { Answer, Call } from '../http.ts'
import { badRequest } from './problem.ts'

const PAGE = 100

/** A list cut into pages, as ARM does it: `value`, and the whole address of the rest as `nextLink`. */
export function listAnswer<T>(call: Call, all: readonly T[], show: (one: T) => object): Answer {
  const top = call.query.get('$top')
  if (top !== null && !/^[1-9]\d{0,3}$/.test(top))
    throw badRequest('InvalidTop', `The $top value '${top}' is invalid.`)
  const size = Math.min(Number(top ?? PAGE), PAGE)
  const start = offset(call.query.get('$skiptoken'))
  const value = all.slice(start, start + size).map(show)
  if (start + size >= all.length) return { status: 200, body: { value } }
  const url = new URL(call.target, call.origin)
  url.searchParams.set('$skiptoken', Buffer.from(`at ${start + size}`).toString('base64url'))
  return { status: 200, body: { value, nextLink: url.href } }
}

function offset(token: string | null): number {
  if (token === null) return 0
  const [, at] = /^at (\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (!at) throw badRequest('InvalidSkipToken', 'The $skiptoken is invalid.')
  return Number(at)
}
