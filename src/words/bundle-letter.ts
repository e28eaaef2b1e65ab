import type { Told } from '../domain/bundle.ts'
import { type Html, html, oneLine } from './html.ts'
import { composed, harmless, type Letter, subjectOf } from './letter.ts'
import { BREAK, FACTS, FOOTER, factRows, mailFrame } from './mail-page.ts'

/** So many are told in full, or mail programs would cut it short; of the others what they are called. */
const IN_FULL = 15
const BY_NAME = 200

/** Several mails to one person in one; one alone as it would have been. */
export function bundleLetter(told: readonly Told[]): Letter {
  const [first] = told
  if (first && told.length === 1) return composed({ ...first, tone: 'news' })
  const all = told.map(harmless)
  const headline = `${all.length} changes to access that concern you`
  const because = [...new Set(all.map((each) => each.because))].join(' ')
  return {
    subject: subjectOf(headline),
    text: plain(headline, all, because),
    html: mailFrame({
      tone: 'news',
      headline,
      preview: all.map((each) => each.headline).join(' · '),
      body: html`${all.slice(0, IN_FULL).map(inFull)}${byName(all.slice(IN_FULL))}`,
      because: html`${because}`,
    }).html,
  }
}

const inFull = ({ headline, facts, sentence }: Told): Html =>
  html`<h2 class="ink" style="margin:24px 0 4px;color:#1b1f24;font-size:16px;line-height:1.35;font-weight:600;${BREAK}">${headline}</h2><table width="100%" border="0" cellpadding="0" cellspacing="0" style="${FACTS}">${factRows(facts, '84px')}</table><p class="ink" style="margin:10px 0 0;color:#1b1f24;${BREAK}">${sentence}</p>`

function byName(others: readonly Told[]): Html | null {
  if (others.length === 0) return null
  const items = others
    .slice(0, BY_NAME)
    .map(({ headline }) => html`<li style="margin:0 0 4px;${BREAK}">${headline}</li>`)
  return html`<h2 class="ink" style="margin:24px 0 4px;color:#1b1f24;font-size:16px;line-height:1.35;font-weight:600">And ${others.length} more</h2><ul class="ink" style="margin:0;padding:0 0 0 20px;color:#1b1f24">${items}</ul>${rest(others) ? html`<p class="soft" style="margin:6px 0 0;color:#5a6472;font-size:14px">${rest(others)}</p>` : null}`
}

const rest = (others: readonly Told[]) =>
  others.length > BY_NAME ? `${others.length - BY_NAME} more are in the audit trail.` : ''

function plain(headline: string, all: readonly Told[], because: string): string {
  const lines = [headline, '']
  for (const told of all.slice(0, IN_FULL)) {
    lines.push(oneLine(told.headline), '-'.repeat(Math.min(72, told.headline.length)))
    for (const [label, value] of told.facts) lines.push(`${label}: ${oneLine(value)}`)
    lines.push(oneLine(told.sentence), '')
  }
  const others = all.slice(IN_FULL)
  if (others.length > 0) lines.push(`And ${others.length} more:`)
  for (const { headline } of others.slice(0, BY_NAME)) lines.push(`- ${oneLine(headline)}`)
  if (rest(others)) lines.push(rest(others))
  if (others.length > 0) lines.push('')
  lines.push('-- ', FOOTER, because)
  return `${lines.join('\n')}\n`
}
