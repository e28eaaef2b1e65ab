import { isAboutSchedule, type Request } from '../domain/request.ts'
import { wantedOf } from './access.ts'
import { type Html, html } from './html.ts'
import { deed, factsOf, when } from './letters.ts'

/** A page waits for the nonce that lets its style sheet in. */
export type Page = (nonce: string) => Html

const STYLE = {
  html: `:root{color-scheme:light dark;--line:#8884;--accent:#0f6cbd}
body{font:16px/1.5 "Segoe UI",system-ui,sans-serif;margin:0;padding:24px 16px}
main{max-width:560px;margin:0 auto}
h1{font-size:22px;line-height:1.3;margin:0 0 8px}
table{border-collapse:collapse;margin:16px 0;width:100%}
th{text-align:left;vertical-align:top;padding:6px 16px 6px 0;white-space:nowrap}
td{padding:6px 0;word-break:break-word}
label{display:block;font-weight:600;margin-top:16px}
textarea{box-sizing:border-box;width:100%;font:inherit;padding:8px;margin:4px 0 16px;border:1px solid var(--line);border-radius:6px}
button,.button{font:inherit;font-weight:600;padding:10px 20px;border-radius:6px;border:1px solid var(--line);cursor:pointer;text-decoration:none;display:inline-block;margin:0 8px 8px 0}
.main{background:var(--accent);border-color:var(--accent);color:#fff}
.note{border-left:4px solid var(--accent);padding:8px 12px;margin:16px 0}
.bad{border-color:#c50f1f}
small{opacity:.75}`,
}

export function frame(title: string, content: Html): Page {
  return (nonce) =>
    html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer"><title>${title} · Interim</title><style nonce="${nonce}">${STYLE}</style></head><body><main>${content}<p><small>Interim, privileged access for now.</small></p></main></body></html>`
}

/** What an approver may do on the page. */
export type Choice =
  | { can: 'decide'; action: string; formToken: string; as: string | null; reason: 'required' | 'optional' }
  | { can: 'signIn'; address: string; instead: string | null }
  | { can: 'look'; because: string }

/** Who asks for what, why and for how long; and the decision, for those whose it is. */
export function approvalPage(request: Request, choice: Choice, problem: string | null = null): Page {
  const rows = factsOf(request).map(
    ([label, value]) => html`<tr><th scope="row">${label}</th><td>${value}</td></tr>`,
  )
  return frame(
    `${request.principal.displayName} asks for ${wantedOf(request)}`,
    html`<h1>${request.principal.displayName} asks to ${isAboutSchedule(request) ? deed(request) : `activate ${wantedOf(request)}`}</h1>${
      problem ? html`<p class="note bad" role="alert">${problem}</p>` : null
    }<table>${rows}</table>${choiceOf(request, choice)}`,
  )
}

function choiceOf(request: Request, choice: Choice): Html {
  if (choice.can === 'look') return html`<p class="note" role="status">${choice.because}</p>`
  const until = html`<p>Waiting until ${when(request.approval?.pendingUntil ?? null)}.</p>`
  if (choice.can === 'signIn')
    return html`${until}${choice.instead ? html`<p class="note bad">${choice.instead}</p>` : null}<p>${request.provider === 'group' ? 'This group' : 'This role'} asks you to sign in before you decide.</p><p><a class="button main" href="${choice.address}">Sign in to decide</a></p>`
  const required = choice.reason === 'required'
  return html`${until}${choice.as ? html`<p>You are signed in as ${choice.as}.</p>` : null}<form method="post" action="${choice.action}"><input type="hidden" name="formToken" value="${choice.formToken}"><label for="justification">Reason${required ? '' : ' (optional)'}</label><textarea id="justification" name="justification" rows="3" maxlength="1000" ${required ? REQUIRED : null}></textarea><button class="main" name="reviewResult" value="Approve">Approve</button><button name="reviewResult" value="Deny">Deny</button></form>`
}

const REQUIRED: Html = { html: 'required' }

/** After a decision was taken. */
export function decidedPage(request: Request, sentence: string): Page {
  return approvalPage(request, { can: 'look', because: sentence })
}

export function errorPage({ message }: { message: string }): Page {
  return frame(
    'That did not work',
    html`<h1>That did not work</h1><p class="note bad" role="alert">${message}</p>`,
  )
}
