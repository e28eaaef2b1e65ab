import { z } from 'zod'
import { OutsideUrl } from './outside-url.ts'

/** Parameters in which an address carries what should be no part of it: whoever reads the settings reads them. */
const SECRETS = /[?&](sig|signature|code|key|[\w-]*api[-_]?key|[\w-]*token|[\w-]*secret|password|pwd)=/i

/**
 * A service of one's own that is asked about tickets, in the terms of Microsoft's custom extensions. The token's resource names the
 * host that it is sent to, because owners of groups and scopes write settings too: else they could have us send a token for
 * something that we administer to wherever they like.
 */
export const TicketCheck = z
  .strictObject({
    targetUrl: OutsideUrl(500)
      .refine((url) => !SECRETS.test(url), {
        message: 'must hold no key or token: settings are no secret. Use resourceId for an app token',
      })
      .meta({ description: 'Where to ask: POST over HTTPS.' }),
    timeoutInMilliseconds: z.number().int().min(200).max(10_000).default(3000).meta({
      description: 'For each attempt.',
    }),
    maximumRetries: z.number().int().min(0).max(3).default(1).meta({
      description: 'After no connection, no answer in time, 429 or 5xx.',
    }),
    resourceId: z.string().max(400).nullish().meta({
      description:
        'The application behind it, api://<host of targetUrl>/<its id>: then an app token is sent.',
    }),
    mayAutoApprove: z.boolean().default(false).meta({
      description:
        'AutoApproved approves at once where an approval is asked for; otherwise it is like Approved.',
    }),
  })
  .superRefine(({ targetUrl, resourceId }, context) => {
    if (!resourceId || isResourceOf(resourceId, targetUrl)) return
    const message =
      'must be api://<host of targetUrl>/<id of the application>, so that nobody else is ever sent its token'
    context.addIssue({ code: 'custom', path: ['resourceId'], message })
  })
export type TicketCheck = z.infer<typeof TicketCheck>

const GUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const RESOURCE = new RegExp(`^api://([^/]+)/${GUID}$`)

/** Compared as written, in lower case: ids are, and what is written differently may be somebody else's. */
function isResourceOf(resourceId: string, targetUrl: string): boolean {
  const [, host] = RESOURCE.exec(resourceId) ?? []
  const [, target] = /^https?:\/\/([^/:?[\]]+)/i.exec(targetUrl) ?? []
  return host !== undefined && host === target?.toLowerCase()
}

/** What is asked of a desk, as a demand: whom, and with how much patience. Whether it may approve is a condition of the approval. */
export type DeskDemand = {
  targetUrl: string
  resourceId: string | null
  timeoutInMilliseconds: number
  maximumRetries: number
}

/** Two demands of one name are one question. */
export const deskKey = ({ targetUrl, resourceId }: Pick<TicketCheck, 'targetUrl' | 'resourceId'>) =>
  resourceId ? `${targetUrl} ${resourceId}` : targetUrl

export function deskDemand(check: TicketCheck): DeskDemand {
  const { targetUrl, resourceId, timeoutInMilliseconds, maximumRetries } = check
  return { targetUrl, resourceId: resourceId ?? null, timeoutInMilliseconds, maximumRetries }
}

/** All of them, each once, with the patience of the more patient: who waits longer is not easier to please. */
export function mergedDesks(all: readonly DeskDemand[]): DeskDemand[] {
  const known = new Map<string, DeskDemand>()
  for (const desk of all) {
    const { timeoutInMilliseconds: patience, maximumRetries: retries } = known.get(deskKey(desk)) ?? desk
    known.set(deskKey(desk), {
      ...desk,
      timeoutInMilliseconds: Math.max(patience, desk.timeoutInMilliseconds),
      maximumRetries: Math.max(retries, desk.maximumRetries),
    })
  }
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, desk]) => desk)
}

/** What a desk has said of a ticket. */
export type Evaluation = {
  evaluationId: string
  outcome: 'Approved' | 'AutoApproved' | 'Denied'
  /** One line, cleaned; empty where it gave no reason. */
  reason: string
}

/** What is known of one desk's opinion. None of a desk that was not asked. `unheard`: it gave no answer that can be read. */
export type DeskAnswer = { desk: string } & (Evaluation | { outcome: 'unheard' })

/** Other fields, such as `@odata.type`, say nothing; those that count must be right. */
const Answer = z.object({
  evaluationId: z.string().trim().min(1).max(200),
  evaluationOutcome: z.enum(['Approved', 'AutoApproved', 'Denied']),
  reason: z.array(z.string()).nullish(),
})

/** Reads what a desk has answered. Undefined for anything that is not exactly such an answer. */
export function evaluationIn(answer: unknown): Evaluation | undefined {
  const { data } = Answer.safeParse(answer)
  if (!data) return undefined
  const evaluationId = oneLine(data.evaluationId, 100)
  if (!evaluationId) return undefined
  const reasons = (data.reason ?? []).slice(0, MOST_REASONS).map((each) => oneLine(each, 200))
  return {
    evaluationId,
    outcome: data.evaluationOutcome,
    reason: oneLine(reasons.filter(Boolean).join(' '), 300),
  }
}

const MOST_REASONS = 5

/** Strangers' words, in ours: no control characters, nothing that turns or hides letters, no halves of a character, no end. */
function oneLine(words: string, most: number): string {
  const plain = words
    .slice(0, 10 * most)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  const letters = [...plain]
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : plain
}
