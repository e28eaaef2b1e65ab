import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { Person } from '../directory/model.ts'
import { type Answer, readCall, send } from '../http.ts'
import { escapeHtml, page } from '../page.ts'
import type { Tenant } from '../tenant.ts'
import { demandsSecondFactor, parseDemand } from './demand.ts'

/** “Choose who you are”: instead of a password, one click. */
export async function choose(
  req: IncomingMessage,
  res: ServerResponse,
  provider: Provider,
  { directory, appUrl }: Tenant,
): Promise<void> {
  const call = await readCall(req)
  const interaction = await provider.interactionDetails(req, res).catch(() => undefined)
  if (!interaction)
    return send(
      res,
      page(
        'Sign in',
        '<h1>This sign-in is over</h1><p>It was finished, or took too long. Start again where you came from.</p>',
        { status: 400 },
      ),
    )
  const { params } = interaction
  const demanded = demandsSecondFactor(parseDemand(params.entra_claims as string | undefined))
  const hint = `${params.login_hint ?? ''}`.toLowerCase()
  const people = [...directory.people.values()].sort(
    (a, b) => Number(isHinted(b, hint)) - Number(isHinted(a, hint)),
  )
  const show = (warning?: string) =>
    send(res, choosePage({ people, hint, demanded, appUrl, ...(warning && { warning }) }))
  if (call.method !== 'POST') return show()

  const form = new URLSearchParams(call.body.toString('utf8'))
  if (form.has('refuse'))
    return provider.interactionFinished(req, res, {
      error: 'access_denied',
      error_description: 'AADSTS65004: the user declined to sign in',
    })
  const who = people.find((p) => p.short === form.get('person') || p.id === form.get('person'))
  const mfa = form.has('mfa')
  if (!who) return show('There is nobody of that name.')
  if (!who.accountEnabled) return show(`AADSTS50057: the account of ${who.displayName} is disabled.`)
  if (demanded && !mfa) return show('AADSTS50076: this sign-in demands a second factor. Tick the box.')
  const login = { accountId: who.id, amr: mfa ? ['pwd', 'mfa'] : ['pwd'], remember: true }
  await provider.interactionFinished(req, res, { login }, { mergeWithLastSubmission: false })
}

const isHinted = (p: Person, hint: string) =>
  hint !== '' && [p.short, p.userPrincipalName.toLowerCase(), p.id].includes(hint)

type Shown = { appUrl: string; people: Person[]; hint: string; demanded: boolean; warning?: string }

function choosePage({ appUrl, people, hint, demanded, warning }: Shown): Answer {
  const rows = people.map((p) => {
    const attributes = `${p.accountEnabled ? '' : ' disabled'}${isHinted(p, hint) ? ' class="hinted" autofocus' : ''}`
    const note = [p.jobTitle, p.userType === 'Guest' && 'guest', !p.accountEnabled && 'disabled']
      .filter(Boolean)
      .join(', ')
    return `<li><button name="person" value="${escapeHtml(p.short)}"${attributes}><b>${escapeHtml(p.displayName)}</b><span class="quiet">${escapeHtml(note)}</span></button></li>`
  })
  const body = `<h1>Choose who you are</h1>
<p class="quiet">This is the simulated tenant “Contoso”. Nobody has a password here.</p>
${warning ? `<p class="warning" role="alert">${escapeHtml(warning)}</p>` : ''}
<form method="post">
<label><input type="checkbox" name="mfa"${demanded ? ' checked' : ''}> with a second factor${demanded ? ' (this sign-in demands it)' : ''}</label>
<ul class="rows">
${rows.join('\n')}
</ul>
<p><button name="refuse" value="1">Do not sign in</button></p>
</form>`
  return page('Choose who you are', body, {
    formTargets: ` http://127.0.0.1:* http://localhost:* ${new URL(appUrl).origin}`,
  })
}
