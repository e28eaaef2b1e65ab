import { type Digest, isQuiet } from '../domain/digest.ts'
import { type Block, chaptersOf, digestSpan, digestTitle, NOTHING_TO_TELL } from './digest-words.ts'
import { type Html, html, oneLine, withoutOverrides } from './html.ts'
import { type Letter, subjectOf } from './letter.ts'
import { FACTS, FOOTER, factRows, mailFrame, pressable } from './mail-page.ts'
import { frame, type Page } from './pages.ts'

type About = { tenantName: string | null; timeZone: string; page: string; unsubscribe: string }

/** The weekly digest as a mail. */
export function digestLetter(digest: Digest, about: About): Letter {
  const title = digestTitle(about.tenantName)
  return {
    subject: subjectOf(withoutOverrides(title)),
    text: withoutOverrides(plainDigest(digest, title, about)),
    html: htmlDigest(digest, title, about).html,
  }
}

const WHY =
  'You get this because you hold Global Administrator, Privileged Role Administrator or Security Administrator.'

function plainDigest(digest: Digest, title: string, { timeZone, page, unsubscribe }: About): string {
  const lines = [oneLine(title), digestSpan(digest, timeZone), '']
  for (const chapter of chaptersOf(digest)) {
    lines.push(chapter.title, '='.repeat(chapter.title.length), '')
    for (const { title, rows, more } of chapter.blocks) {
      lines.push(title)
      for (const [what, detail] of rows) lines.push(`- ${oneLine(what)}: ${oneLine(detail)}`)
      if (more) lines.push(`  ${more}`)
      lines.push('')
    }
  }
  lines.push('This week so far:', page, '', '-- ', FOOTER, WHY, 'No more of these:', unsubscribe)
  return `${lines.join('\n')}\n`
}

function htmlDigest(digest: Digest, title: string, { timeZone, page, unsubscribe }: About): Html {
  const span = digestSpan(digest, timeZone)
  const chapters = chaptersOf(digest).map(
    (chapter) =>
      html`<h2 class="ink" style="font-size:17px;line-height:1.3;margin:28px 0 4px;color:#1b1f24">${chapter.title}</h2>${chapter.blocks.map(mailedBlock)}`,
  )
  return mailFrame({
    tone: 'news',
    headline: title,
    preview: span,
    body: html`<p class="soft" style="margin:0 0 8px;color:#5a6472;font-size:14px">${span}</p>${chapters}${pressable('This week so far', page)}`,
    because: html`${WHY} <a class="soft" href="${unsubscribe}" style="color:#5a6472">No more of these</a>`,
  })
}

const mailedBlock = ({ title, rows, more }: Block): Html =>
  html`<h3 class="ink" style="font-size:14px;margin:16px 0 2px;color:#1b1f24">${title}</h3><table width="100%" border="0" cellpadding="0" cellspacing="0" style="${FACTS}">${factRows(rows, '55%')}</table>${more ? html`<p class="soft" style="font-size:13px;margin:6px 0 0;color:#5a6472">${more}</p>` : null}`

/** The same as a page, for whoever is signed in. `others`: the other weeks that it leads to. */
export function digestPage(
  digest: Digest,
  { tenantName, timeZone }: Pick<About, 'tenantName' | 'timeZone'>,
  others: { label: string; address: string }[],
): Page {
  const chapters = chaptersOf(digest).map(
    (chapter) => html`<h2>${chapter.title}</h2>${chapter.blocks.map(pageBlock)}`,
  )
  const quiet = isQuiet(digest) ? html`<p class="note" role="status">${NOTHING_TO_TELL}</p>` : null
  const links = others.map(({ label, address }) => html`<a href="${address}">${label}</a> `)
  return frame(
    digestTitle(tenantName),
    html`<h1>${digestTitle(tenantName)}</h1><p>${digestSpan(digest, timeZone)}</p>${quiet}${chapters}<p>${links}</p>`,
  )
}

const pageBlock = ({ title, rows, more }: Block): Html =>
  html`<h3>${title}</h3><table>${rows.map(
    ([what, detail]) => html`<tr><th scope="row">${what}</th><td>${detail}</td></tr>`,
  )}</table>${more ? html`<p><small>${more}</small></p>` : null}`

export function digestSignInPage(address: string): Page {
  return frame(
    'Weekly digest',
    html`<h1>Weekly digest</h1><p>It is for administrators and those who may look on.</p><p><a class="button main" href="${address}">Sign in</a></p>`,
  )
}

/** Opening the link ends nothing: mail programs open links by themselves. */
export function unsubscribePage(action: string): Page {
  return frame(
    'No more weekly digests',
    html`<h1>No more weekly digests?</h1><p>You will not get the weekly digest any more. All other mails stay as they are.</p><form method="post" action="${action}"><button class="main">No more weekly digests</button></form>`,
  )
}

export function unsubscribedPage(): Page {
  return frame(
    'No more weekly digests',
    html`<h1>Done</h1><p class="note" role="status">You will not get the weekly digest any more. To have it again: PATCH /api/me/notifications.</p>`,
  )
}
