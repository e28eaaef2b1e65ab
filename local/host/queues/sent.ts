import { subscribe, unsubscribe } from 'node:diagnostics_channel'

type Request = { method?: string; path?: string }

/**
 * Calls `heard` whenever this process begins to put a message into a queue, and again when that is answered, through
 * whichever client: Node tells of all HTTP requests that it makes. Answers how to stop listening.
 */
export function whenSent(heard: () => void): () => void {
  const listen = (message: unknown) => {
    const { method, path } = (message as { request: Request }).request
    if (method === 'POST' && /\/messages\/?(\?|$)/.test(path ?? '')) heard()
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
