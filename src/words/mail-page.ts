import { type Html, html } from './html.ts'
import type { Content, Tone } from './letter.ts'

/**
 * The one look of all mails. Mail programs are not browsers: layout by tables and inline styles, 600 wide at most, nothing from
 * elsewhere, no picture, no script. The style sheet in the head only adds dark colours where a program reads it.
 */

const TAGS: Record<Tone, { words: string; colour: string }> = {
  decision: { words: 'Your decision is needed', colour: '#0f5ea8' },
  attention: { words: 'Please look at this', colour: '#b3261e' },
  news: { words: 'For your information', colour: '#5a6472' },
}

export const FOOTER = 'Interim, privileged access for now. No tracking in this mail.'

const FONT = "font-family:'Segoe UI',system-ui,-apple-system,Roboto,Helvetica,Arial,sans-serif"
export const BREAK = 'overflow-wrap:anywhere;word-break:break-word'

const DARK = `.page{background-color:#14161a!important}.card{background-color:#1e2126!important;border-color:#3a4048!important}.ink{color:#f2f4f7!important}.soft{color:#b3bac4!important}.line{border-color:#3a4048!important}.press{background-color:#63b0f4!important}.press a{color:#0b1016!important}.decision{color:#7dbdf5!important}.attention{color:#ff9c94!important}.news{color:#b3bac4!important}.bar-decision{border-top-color:#63b0f4!important}.bar-attention{border-top-color:#ff7a70!important}.bar-news{border-top-color:#59626e!important}`

/** Outlook on the web marks what it shows in the dark instead of asking the style sheet. */
const STYLE: Html = {
  html: `:root{color-scheme:light dark;supported-color-schemes:light dark}@media (prefers-color-scheme:dark){${DARK}}${DARK.replaceAll(/\.(?=[a-z-]+[ {])/g, '[data-ogsc] .')}@media (max-width:480px){.inner{padding-left:18px!important;padding-right:18px!important}.press a{display:block!important;text-align:center!important}.press,.button{width:100%!important}}`,
}

/** Keeps the facts out of the line that lists show below the subject. */
const FILLER: Html = { html: '&#847;&zwnj;&nbsp;'.repeat(60) }

/** A table of facts, of which the first cell of each row names the second. */
export const factRows = (facts: readonly (readonly [string, string])[], width: string): Html =>
  html`${facts.map(
    ([label, value]) =>
      html`<tr><th class="soft line" scope="row" width="${width}" style="width:${width};text-align:left;vertical-align:top;padding:8px 12px 8px 0;border-bottom:1px solid #e3e6ea;color:#5a6472;font-weight:400;font-size:14px;${BREAK}">${label}</th><td class="ink line" style="vertical-align:top;padding:8px 0;border-bottom:1px solid #e3e6ea;color:#1b1f24;${BREAK}">${value}</td></tr>`,
  )}`

export const FACTS = 'width:100%;table-layout:fixed;border-collapse:collapse;font-size:15px'

/** What can be pressed. */
export const pressable = (label: string, address: string): Html =>
  html`<table class="button" role="presentation" border="0" cellpadding="0" cellspacing="0" style="margin:24px 0 12px"><tr><td class="press" bgcolor="#0f5ea8" style="border-radius:6px;background-color:#0f5ea8"><a href="${address}" target="_blank" rel="noopener noreferrer" style="display:inline-block;padding:14px 28px;color:#ffffff;font-size:16px;font-weight:600;line-height:20px;text-decoration:none">${label}</a></td></tr></table>`

export function mailPage({ tone, headline, facts, sentence, button, because }: Content): Html {
  const press = button
    ? html`${pressable(button.label, button.address)}<p class="soft" style="margin:0;color:#5a6472;font-size:14px">${button.hint}</p>`
    : null
  const body = html`<table width="100%" border="0" cellpadding="0" cellspacing="0" style="${FACTS}">${factRows(facts, '84px')}</table><p class="ink" style="margin:18px 0 0;color:#1b1f24;${BREAK}">${sentence}</p>${press}`
  return mailFrame({ tone, headline, preview: sentence, body, because: html`${because}` })
}

type Frame = { tone: Tone; headline: string; preview: string; body: Html; because: Html }

/** Around whatever a mail says. `preview` is what lists show below the subject; `because`: why somebody gets it. */
export function mailFrame({ tone, headline, preview, body, because }: Frame): Html {
  const tag = TAGS[tone]
  return html`<!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no"><title>${headline}</title><style>${STYLE}</style></head><body class="page" style="margin:0;padding:0;background-color:#f2f4f6;-webkit-text-size-adjust:100%"><div style="display:none;max-height:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;mso-hide:all">${preview}${FILLER}</div><table class="page" role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" style="background-color:#f2f4f6;${FONT};font-size:16px;line-height:1.5"><tr><td align="center" style="padding:20px 10px"><table class="card bar-${tone}" role="presentation" width="600" border="0" cellpadding="0" cellspacing="0" style="width:100%;max-width:600px;background-color:#ffffff;border:1px solid #d8dce1;border-top:4px solid ${tag.colour};border-radius:8px;table-layout:fixed;text-align:left"><tr><td class="inner" style="padding:22px 28px 26px"><p class="${tone}" style="margin:0 0 6px;color:${tag.colour};font-size:13px;font-weight:600">${tag.words}</p><h1 class="ink" style="margin:0 0 16px;color:#1b1f24;font-size:21px;line-height:1.3;font-weight:600;${BREAK}">${headline}</h1>${body}</td></tr><tr><td class="inner soft line" style="padding:14px 28px 18px;border-top:1px solid #e3e6ea;color:#5a6472;font-size:13px;line-height:1.45">${FOOTER}<br>${because}</td></tr></table></td></tr></table></body></html>`
}
