import type { NoticeKind } from '../domain/notice.ts'
import type { Request } from '../domain/request.ts'
import { titleOf } from '../domain/role.ts'
import { durationMillis, inWords } from '../domain/schedule.ts'
import { accessOf, kindOfAccess, ownedAccessOf, scopeLabel, someAccessOf } from './access.ts'
import { type Html, html, oneLine } from './html.ts'

/** For whom a mail is written: the same event reads differently to each. */
export type Reader = 'approver' | 'requester' | 'administrator'

export type Letter = { subject: string; text: string; html: string }

export type Fact = readonly [label: string, value: string]
type Button = { label: string; address: string; hint: string } | null

/** What a notice says to one reader: role, scope, who, why and until when first, and one clear button. */
export function letter(kind: NoticeKind, request: Request, reader: Reader, address: string | null): Letter {
  const { headline, sentence } = words(kind, request, reader)
  const button = buttonOf(kind, request, address)
  const facts = factsOf(request)
  return {
    subject: `PIM: ${oneLine(headline)}`.slice(0, 200).replace(/[\uD800-\uDBFF]$/, ''), // no half characters
    text: plain(headline, sentence, facts, button),
    html: page(headline, sentence, facts, button).html,
  }
}

function words(kind: NoticeKind, request: Request, reader: Reader): { headline: string; sentence: string } {
  const role = accessOf(request)
  const kindOfRole = kindOfAccess(request)
  const who = reader === 'requester' ? 'Your' : `${request.principal.displayName}'s`
  const decision = request.approval?.decision
  const by = decision?.reviewedBy.displayName ?? 'somebody'
  const why = decision?.justification ? ` Reason: “${decision.justification}”` : ''
  const until = when(request.endsAt)
  switch (kind) {
    case 'approvalRequested':
      return {
        headline: `Review ${request.principal.displayName}'s request to activate ${role}`,
        sentence: `${request.principal.displayName} asks to activate ${someAccessOf(request)} and needs your decision by ${when(request.approval?.pendingUntil ?? null)}.`,
      }
    case 'approvalReminder':
      return {
        headline: `Reminder: ${request.principal.displayName}'s request to activate ${role} still waits`,
        sentence: `Nobody has decided yet. Without a decision the request ends at ${when(request.approval?.pendingUntil ?? null)}.`,
      }
    case 'decided':
      return decision?.reviewResult === 'Approved'
        ? {
            headline: `${who} request to activate ${role} was approved by ${by}`,
            sentence: `The ${kindOfRole} is being given from ${when(request.startsAt)} until ${until}.${why}`,
          }
        : {
            headline: `${who} request to activate ${role} was denied by ${by}`,
            sentence: `Nothing was given.${why}`,
          }
    case 'canceled':
      return {
        headline: `${who} request to activate ${role} was canceled`,
        sentence: 'There is nothing left to decide.',
      }
    case 'timedOut':
      return {
        headline: `${who} request to activate ${role} was not decided in time`,
        sentence: 'Nobody decided it, so nothing was given. It can be asked for again.',
      }
    case 'activated':
      return {
        headline: `${ownedAccessOf(who, request)} is active until ${until}${decision ? `, approved by ${by}` : ''}`,
        sentence: `The ${kindOfRole} was given and will be taken away at ${until}.${why}`,
      }
    case 'ended':
      return {
        headline: `${ownedAccessOf(who, request)} has ended`,
        sentence: howItEnded(request, kindOfRole),
      }
    case 'failed':
      return {
        headline: `${who} request to activate ${role} failed`,
        sentence: `Nothing was left behind. ${request.failure?.code ?? ''}: ${request.failure?.message ?? ''}`,
      }
    case 'removalFailing':
      return {
        headline: `${ownedAccessOf(`${request.principal.displayName}'s`, request)} could not be removed yet`,
        sentence: `It ended at ${until} and is still there. Interim goes on trying; look at it: ${request.ending?.lastError ?? ''}`,
      }
  }
}

function howItEnded({ grant, ending }: Request, kindOfRole: string): string {
  if (ending?.because === 'removedOutside')
    return 'Somebody has removed it outside of Interim before its end. If that was a mistake, activate it again.'
  if (grant?.preExisting) return 'The activation is over. The assignment that was there before it stays.'
  return `The ${kindOfRole} was taken away, and the directory was read back to be sure. Tokens issued before may work for about an hour.`
}

export function factsOf(request: Request): Fact[] {
  const facts: Fact[] = [
    ['Role', titleOf(request)],
    [scopeLabel(request.provider), request.scopeName],
    ['Who', request.principal.displayName],
    ['Why', request.justification ?? 'no reason given'],
    ['How long', howLong(request)],
    ['From', request.startsAt ? when(request.startsAt) : 'the approval'],
  ]
  if (request.endsAt) facts.push(['Until', when(request.endsAt)])
  const { ticketNumber, ticketSystem } = request.ticketInfo ?? {}
  if (ticketNumber) facts.push(['Ticket', `${ticketSystem ?? ''} ${ticketNumber}`.trim()])
  return facts
}

function howLong({ asked, startsAt, endsAt, createdDateTime }: Request): string {
  if (startsAt && endsAt) return inWords(Date.parse(endsAt) - Date.parse(startsAt))
  const { expiration } = asked
  if (expiration.type === 'afterDateTime') return `until ${when(expiration.endDateTime)}`
  return `${inWords(durationMillis(expiration.duration, new Date(createdDateTime)))} from the approval`
}

function buttonOf(kind: NoticeKind, request: Request, address: string | null): Button {
  if (!address || (kind !== 'approvalRequested' && kind !== 'approvalReminder')) return null
  const hint = request.approval?.byLink
    ? 'The page shows the request; your decision is a button on it. This link is yours alone: do not forward it.'
    : 'The page shows the request; to decide you sign in. Opening it decides nothing.'
  return { label: 'Approve or deny request', address, hint }
}

/** An instant for people of every time zone: `21 Nov 2026, 14:05 UTC`. */
export function when(instant: string | null): string {
  if (!instant) return 'unknown'
  const [date = '', time = ''] = instant.split('T')
  const [year, month, day] = date.split('-')
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}, ${time.slice(0, 5)} UTC`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export function plain(headline: string, sentence: string, facts: Fact[], button: Button): string {
  const lines = [oneLine(headline), '', oneLine(sentence), '']
  for (const [label, value] of facts) lines.push(`${label}: ${oneLine(value)}`)
  if (button) lines.push('', `${button.label}:`, button.address, '', button.hint)
  return `${lines.join('\n')}\n`
}

export function page(headline: string, sentence: string, facts: Fact[], button: Button): Html {
  const rows = facts.map(
    ([label, value]) =>
      html`<tr><th scope="row" style="text-align:left;vertical-align:top;padding:6px 16px 6px 0;font-weight:600;white-space:nowrap">${label}</th><td style="padding:6px 0;word-break:break-word">${value}</td></tr>`,
  )
  const press = button
    ? html`<p style="margin:24px 0 8px"><a href="${button.address}" style="display:inline-block;background:#0f6cbd;color:#ffffff;padding:12px 24px;border-radius:6px;text-decoration:none;font-weight:600">${button.label}</a></p><p style="font-size:13px;opacity:.75">${button.hint}</p>`
    : null
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>${headline}</title></head><body style="margin:0;font-family:Segoe UI,system-ui,sans-serif;font-size:16px;line-height:1.5"><div style="max-width:560px;margin:0 auto;padding:24px 16px"><h1 style="font-size:20px;line-height:1.3;margin:0 0 12px">${headline}</h1><p style="margin:0 0 16px">${sentence}</p><table role="presentation" style="border-collapse:collapse">${rows}</table>${press}<p style="font-size:12px;opacity:.6;margin-top:32px">Interim, privileged access for now. Sent because of a request for access; no tracking.</p></div></body></html>`
}
