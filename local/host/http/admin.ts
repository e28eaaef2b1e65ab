import type { IncomingMessage, ServerResponse } from 'node:http'
import { Temporal } from 'temporal-polyfill'
import type { Clock } from '../clock/clock.ts'
import { machineNow } from '../clock/moved-date.ts'
import type { Mover } from '../clock/mover.ts'
import { StillBusy } from '../clock/work.ts'
import type { HostedFunction } from '../worker/functions.ts'
import { readBody } from './request.ts'
import { send, sendJson } from './respond.ts'

/** `/admin` belongs to the host, whatever routes the app has. */
export type Admin = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>

type Options = {
  functions: HostedFunction[]
  clock: Clock
  mover: Mover
  idle: () => Promise<void>
  runNow: (fn: HostedFunction, input: unknown) => void
}

export function createAdmin(options: Options): Admin {
  const started = machineNow()

  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown> = {
    'GET /admin/host/ping': (_, response) => send(response, 200, { 'cache-control': 'no-store, no-cache' }),
    'GET /admin/host/status': (_, response) =>
      sendJson(response, 200, {
        id: 'interim-local',
        state: 'Running',
        version: '4.0.0-interim-local',
        versionDetails: '4.0.0-interim-local',
        processUptime: machineNow() - started,
      }),
    'GET /admin/functions': (_, response) =>
      sendJson(
        response,
        200,
        options.functions.map(({ name, trigger }) => ({ name, config: { bindings: [trigger] } })),
      ),
    'GET /admin/clock': (_, response) => sendJson(response, 200, reading(options.clock)),
    'POST /admin/clock': (request, response) => moveClock(options, request, response),
    'POST /admin/idle': (_, response) =>
      options.idle().then(
        () => send(response, 200),
        (error) => sendBusy(response, error),
      ),
  }

  return async (request, response, url) => {
    const path = url.pathname.replace(/\/$/, '')
    if (!/^\/admin(\/|$)/i.test(path)) return false
    const known = routes[`${request.method} ${path.toLowerCase()}`]
    const named = /^\/admin\/functions\/([^/]+)$/i.exec(path)?.[1]
    if (known) await known(request, response)
    else if (named && request.method === 'POST') await runFunction(options, named, request, response)
    else send(response, 404)
    return true
  }
}

const reading = (clock: Clock) => ({ now: new Date(clock.now()).toISOString(), offset: clock.offset() })

async function runFunction(
  { functions, runNow }: Options,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '') || !body?.length)
    return send(response, 415)
  const fn = functions.find((each) => each.name.toLowerCase() === decodeURIComponent(name).toLowerCase())
  if (!fn) return send(response, 404)
  const asked = parse(body.toString()) as { input?: unknown } | undefined
  if (asked === undefined) return send(response, 400)
  if (fn.type !== 'timer' && fn.type !== 'queue')
    return sendJson(response, 501, {
      reason: 'The local host runs timer and queue functions by hand, no others.',
    })
  runNow(fn, asked?.input)
  send(response, 202)
}

async function moveClock(
  { clock, mover }: Options,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = parse((await readBody(request))?.toString() ?? '') as
    | { advance?: string; to?: string; jump?: boolean }
    | undefined
  const target = readTarget(asked, clock.now())
  if (typeof target === 'string') return sendJson(response, 400, { reason: target })
  try {
    const walked = asked?.jump ? await mover.jump(target) : await mover.walk(target)
    sendJson(response, 200, { ...reading(clock), walked })
  } catch (error) {
    sendBusy(response, error)
  }
}

/** The instant, or why not. */
function readTarget(asked: { advance?: string; to?: string } | undefined, now: number): number | string {
  try {
    if (asked?.advance !== undefined) {
      const duration = Temporal.Duration.from(asked.advance)
      if (duration.sign < 0) return 'The clock does not go back.'
      return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO('UTC').add(duration)
        .epochMilliseconds
    }
    if (asked?.to !== undefined) {
      const to = Temporal.Instant.from(asked.to).epochMilliseconds
      return to < now ? `The clock does not go back: it is ${new Date(now).toISOString()}.` : to
    }
  } catch (error) {
    return (error as Error).message
  }
  return 'Say {"advance":"PT8H30M"} or {"to":"2030-01-01T00:00:00Z"}, and "jump": true to skip what lies between.'
}

function sendBusy(response: ServerResponse, error: unknown): void {
  if (error instanceof StillBusy) sendJson(response, 503, { reason: error.message, running: error.running })
  else sendJson(response, 500, { reason: error instanceof Error ? error.message : String(error) })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
