import type { Answer } from './http.ts'
import { escapeHtml, page } from './page.ts'
import type { Tenant } from './tenant.ts'

/** What one sees who opens the tenant's address in a browser. */
export function welcome({ directory, clock }: Tenant): Answer {
  const rows = [...directory.people.values()].map(
    (p) => `<li><a href="/mailbox?to=${encodeURIComponent(p.short)}"><b>${escapeHtml(p.displayName)}</b>
<span class="quiet">${escapeHtml(p.short)} · ${escapeHtml(p.jobTitle)}${p.accountEnabled ? '' : ' · disabled'}</span></a></li>`,
  )
  const away = Math.round(clock.offset() / 1000)
  const body = `<h1>The simulated tenant “Contoso”</h1>
<p>It is ${escapeHtml(new Date().toUTCString())} here${away ? `, ${away} seconds away from the machine’s clock` : ''}.</p>
<p><a href="/mailbox">Mailbox</a> · <a href="/letters">All mails</a> · <a href="/control/state">Directory</a> · <a href="/control/calls">Calls</a> · <a href="/control/faults">Faults</a></p>
<h2>People, and their mail</h2>
<ul class="rows">${rows.join('\n')}</ul>`
  return page('Simulated tenant', body)
}
