import { subscribe, unsubscribe } from 'node:diagnostics_channel'

type Request = { method?: string; path?: string }

/**
 * Calls `heard` with the queue's name whenever this process begins to put a message into a queue, and again when that is
 * answered, through whichever client: Node tells of all HTTP requests that it makes. Answers how to stop listening.
 */
export function whenSent(heard: (queue: string) => void): () => void {
  const listen = (message: unknown) => {
    const { method, path } = (message as { request: Request }).request
    const to = method === 'POST' && /([^/]+)\/messages\/?(\?|$)/.exec(path ?? '')
    if (to) heard(to[1] as string)
  }
  for (const channel of CHANNELS) subscribe(channel, listen)
  return () => {
    for (const channel of CHANNELS) unsubscribe(channel, listen)
  }
}

/** Of node:http, and of fetch. */
const CHANNELS = [
  'http.client.request.start',
  'http.client.response.finish',
  'undici:request:create',
  'undici:request:headers',
]
