import type { HttpRequest } from '@azure/functions'
import { z } from 'zod'
import { decide, isReasonAsked, mayLinkDecide, standingNow, whatHappened } from '../../src/api/approvals.ts'
import { refuseWhoMayNotExtend } from '../../src/api/extensions.ts'
import { notFound, Refused } from '../../src/api/refused.ts'
import { stagesShown } from '../../src/api/votes.ts'
import type { App } from '../../src/app.ts'
import { stageId } from '../../src/domain/approval.ts'
import type { Actor } from '../../src/domain/person.ts'
import { awaitsDecision, isAboutSchedule, type Request } from '../../src/domain/request.ts'
import { HOUR, plus } from '../../src/domain/schedule.ts'
import { text } from '../../src/domain/text.ts'
import { approvalInForce } from '../../src/live/seats.ts'
import type { LinkClaim } from '../../src/ports.ts'
import { approvalPage, type Choice, decidedPage } from '../../src/words/pages.ts'
import { pageResponse } from '../page-response.ts'
import { type Call, type Route, route } from '../route.ts'
import { sessionOf } from './sign-in.ts'

/** A reason of a thousand characters, however it is encoded. */
const MOST_BYTES = 64 * 1024

const Token = z.object({ token: z.string().max(2000) })
const Form = z.object({
  reviewResult: z.enum(['Approve', 'Deny']),
  justification: text(1000).default(''),
  formToken: z.string().max(2000),
})

export const pages: Route[] = [
  route({
    name: 'approvePage',
    methods: ['GET', 'HEAD'],
    path: 'approve/{token}',
    who: 'anyone',
    summary:
      'The page behind a mailed link: who asks for what. Opening it changes nothing, whoever opens it.',
    params: Token,
    answers: { 200: { description: 'The request and, while it waits, the way to decide it.', html: true } },
    async handle({ app, params, request }) {
      const { claim, asked } = await behind(app, params.token)
      return pageResponse(200, approvalPage(asked, await choiceFor(app, request, claim, asked, params.token)))
    },
  }),
  route({
    name: 'approveDecide',
    methods: ['POST'],
    path: 'approve/{token}',
    who: 'anyone',
    summary:
      'The decision from that page: by the link itself where the role allows it, else by a signed-in session.',
    params: Token,
    form: Form,
    answers: {
      200: { description: 'Decided.', html: true },
      403: { description: 'Not yours to decide, or not signed in.', html: true },
      409: { description: 'Decided already, or over.', html: true },
    },
    handle: decideFromPage,
  }),
]

async function decideFromPage({ app, ports, workflows, request, params }: Call) {
  const token = params.token as string
  const { claim, asked } = await behind(app, token)
  refuseForeignForms(app, request)
  const approver = await decider(app, request, claim, asked)
  if (!approver) throw new Refused(403, 'SignInRequired', 'Sign in to decide this request.')
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BYTES)
    throw new Refused(413, 'RequestTooLarge', 'The form is too large.')
  const form = Form.safeParse(Object.fromEntries(new URLSearchParams(await request.text())))
  if (!form.success) throw new Refused(400, 'BadRequest', 'The form is not complete. Open the link again.')
  // The form was for the stages that were shown: pressed twice, it does not count for the next one too.
  const shown = app.formTokens.shown(form.data.formToken, approver.person.id)
  const all = stageIds(asked)
  if (!shown?.every((id) => all.includes(id)))
    throw new Refused(403, 'FormExpired', 'This form belongs to another session. Open the link again.')
  try {
    const { reviewResult, justification } = form.data
    const { person, via } = approver
    const decided = await decide(
      ports,
      workflows,
      person,
      asked.id,
      { reviewResult, justification, stageIds: shown },
      via,
    )
    const more = (await maySignAnother(app, decided, person.id))
      ? ' Open the link again to approve as well what is left for you.'
      : ''
    return pageResponse(200, decidedPage(decided, `Thank you. ${whatHappened(decided)}${more}`))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const latest = (await ports.store.findRequest(asked.id))?.value ?? asked
    const problem =
      error.details.length > 0 ? error.details.map(({ message }) => message).join(' ') : error.message
    return pageResponse(
      error.status,
      approvalPage(latest, await choiceFor(app, request, claim, latest, token), problem),
    )
  }
}

/** Whoever sits in several stages signs them one by one. It is decided by now: what cannot be looked up is not said. */
async function maySignAnother({ ports }: App, decided: Request, personId: string): Promise<boolean> {
  if (!awaitsDecision(decided) || (decided.approval?.stages ?? []).length < 2) return false
  const standing = await standingNow(ports, decided, personId).catch(() => undefined)
  return standing?.seat?.isUseful ?? false
}

const stageIds = ({ id, approval }: Request) => (approval?.stages ?? []).map((_, index) => stageId(id, index))

async function behind(app: App, token: string): Promise<{ claim: LinkClaim; asked: Request }> {
  const claim = app.ports.links.read(token)
  const read = claim && (await app.ports.store.findRequest(claim.requestId))
  if (!claim || !read || isForgotten(read.value, app.ports.now()))
    throw notFound('This link is not valid. Open the newest mail, or ask the requester to ask again.')
  return { claim, asked: read.value }
}

/** A link shows what became of its request for a while, not for ever. */
const isForgotten = ({ approval }: Request, now: Date) =>
  now > plus(new Date(approval?.pendingUntil ?? 0), 30 * 24 * HOUR)

/** Who decides here: the person the link was mailed to, by the link or by their session, as the role's settings say. */
async function decider(
  app: App,
  request: HttpRequest,
  claim: LinkClaim,
  asked: Request,
): Promise<{ person: Actor; via: 'link' | 'page' } | undefined> {
  if (await mayDecideByLink(app, asked, claim.approverId)) {
    const person = await app.ports.directory.person(claim.approverId)
    return person && { person: { id: person.id, displayName: person.displayName }, via: 'link' }
  }
  const session = await sessionOf(app, request)
  return session?.id === claim.approverId ? { person: session, via: 'page' } : undefined
}

/** Whether it does is the stage's to say; whether this person may, everything that follows. Of an extension a link never decides. */
async function mayDecideByLink({ ports }: App, asked: Request, personId: string): Promise<boolean> {
  if (isAboutSchedule(asked) || !asked.approval) return false
  const standing = await standingNow(ports, asked, personId).catch(nothingIfRefused)
  return mayLinkDecide(asked.approval, standing ?? { inForce: await approvalInForce(ports, asked) })
}

async function choiceFor(
  app: App,
  request: HttpRequest,
  claim: LinkClaim,
  asked: Request,
  token: string,
): Promise<Choice> {
  const sentence = whatHappened(asked)
  if (!awaitsDecision(asked)) return { can: 'look', because: sentence }
  const approver = await decider(app, request, claim, asked)
  if (!approver) return signInChoice(app, request, token)
  const { id } = approver.person
  try {
    const standing = isAboutSchedule(asked) ? undefined : await standingNow(app.ports, asked, id)
    if (!standing) await refuseWhoMayNotExtend(app.ports, asked, id)
    if (standing && !standing.seat) return { can: 'look', because: sentence }
    const byLink = approver.via === 'link'
    return {
      can: 'decide',
      action: `/api/approve/${token}`,
      formToken: app.formTokens.make(id, stagesShown(asked, standing)),
      as: byLink ? null : approver.person.displayName,
      reason: byLink || isReasonAsked(asked, standing) ? 'required' : 'optional',
    }
  } catch (error) {
    const refused = nothingIfRefused(error)
    return { can: 'look', because: refused ?? (error as Refused).message }
  }
}

function nothingIfRefused(error: unknown): undefined {
  if (!(error instanceof Refused)) throw error
}

async function signInChoice(app: App, request: HttpRequest, token: string): Promise<Choice> {
  const other = await sessionOf(app, request)
  const instead = other
    ? `You are signed in as ${other.displayName}, and this link is somebody else's.`
    : null
  return {
    can: 'signIn',
    address: `/api/sign-in?returnTo=${encodeURIComponent(`/api/approve/${token}`)}`,
    instead,
  }
}

/** Browsers say where a form was filled in. Another site's form decides nothing here. */
function refuseForeignForms({ publicUrl }: App, request: HttpRequest): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const foreign =
    (origin && origin !== 'null' && origin !== new URL(publicUrl).origin) ||
    (site && !['same-origin', 'none'].includes(site))
  if (foreign) throw new Refused(403, 'ForeignForm', 'This form was sent from another site.')
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers.get('content-type') ?? ''))
    throw new Refused(415, 'UnsupportedMediaType', 'Send the form of the page.')
}
