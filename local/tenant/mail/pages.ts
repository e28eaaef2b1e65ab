import type { Answer, Call } from '../http.ts'
import { escapeHtml, page } from '../page.ts'
import type { Mail, Mailbox } from './mailbox.ts'

/** Every mail that the app can send, with made-up people: whoever started the tenant has put them there. */
export function lettersAnswer({ path, method }: Call, letters: Mailbox): Answer {
  if (method !== 'GET') return page('Not here', '<p>Only reading.</p>', { status: 405 })
  if (path === '/letters') return list(letters.find(), null, '/letters')
  const [, id = '', part] = /^\/letters\/([^/]+)(\/html)?$/.exec(path) ?? []
  const mail = letters.get(id)
  if (!mail) return page('No such mail', '<h1>No such mail</h1>', { status: 404 })
  return part ? htmlPart(mail) : one(mail, '/letters')
}

/** The mailbox that a person reads, and the one that a script reads. */
export function mailboxAnswer(call: Call, mailbox: Mailbox): Answer {
  const { path, query, method } = call
  if (method === 'DELETE' && path === '/mailbox') {
    mailbox.clear()
    return { status: 204 }
  }
  if (method !== 'GET') return page('Not here', '<p>Only reading, and DELETE /mailbox.</p>', { status: 405 })
  if (path === '/mailbox.json')
    return { status: 200, body: mailbox.find({ to: query.get('to'), since: query.get('since') }) }
  if (path === '/mailbox') return list(mailbox.find({ to: query.get('to') }), query.get('to'))
  const [, id = '', part] = /^\/mailbox\/([^/]+)(\/html)?$/.exec(path) ?? []
  const mail = mailbox.get(id)
  if (!mail)
    return page('No such mail', '<h1>No such mail</h1><p><a href="/mailbox">To the mailbox</a></p>', {
      status: 404,
    })
  return part ? htmlPart(mail) : one(mail)
}

const when = (at: string) => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`

function list(mails: Mail[], to: string | null, at = '/mailbox'): Answer {
  const rows = mails.toReversed().map(
    (mail) => `<li><a href="${at}/${mail.id}"><b>${escapeHtml(mail.subject)}</b>
<span class="quiet">to ${escapeHtml(everybody(mail))} · ${when(mail.at)}</span></a></li>`,
  )
  const all = to ? `<p><a href="/mailbox">Everybody’s mail</a></p>` : ''
  if (at === '/letters')
    return page('All mails', `<h1>All mails</h1><ul class="rows">${rows.join('\n')}</ul>`)
  const body = `<h1>Mailbox${to ? ` of ${escapeHtml(to)}` : ''}</h1>${all}
${rows.length ? `<ul class="rows">${rows.join('\n')}</ul>` : '<p class="quiet">No mail has arrived.</p>'}
<p class="quiet">Nothing here leaves this machine. Scripts read <a href="/mailbox.json">/mailbox.json</a>.</p>`
  return page(to ? `Mailbox of ${to}` : 'Mailbox', body)
}

const everybody = (mail: Mail) => [...mail.to, ...mail.cc, ...mail.bcc].join(', ')

function one(mail: Mail, at = '/mailbox'): Answer {
  const fields: [string, string][] = [
    ['From', mail.from],
    ['To', mail.to.join(', ')],
    ['Cc', mail.cc.join(', ')],
    ['Bcc', mail.bcc.join(', ')],
    ['Reply to', mail.replyTo.join(', ')],
    ['When', when(mail.at)],
    ['Attached', mail.attachments.join(', ')],
    ...Object.entries(mail.headers),
  ]
  const shown = fields
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
  // No scripts and no forms in there, and its links open outside.
  const html = `<iframe title="The mail" src="${at}/${mail.id}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`
  const body = `<p><a href="${at}">← ${at === '/letters' ? 'All mails' : 'Mailbox'}</a></p><h1>${escapeHtml(mail.subject)}</h1>
<dl>${shown.join('')}</dl>
${mail.html ? html : ''}
${mail.text ? `<h2 class="quiet">As text</h2><pre>${escapeHtml(mail.text)}</pre>` : ''}`
  return page(mail.subject, body)
}

function htmlPart(mail: Mail): Answer {
  const base = '<base target="_blank">'
  const head = /<head[^>]*>/i
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
    },
    body: head.test(mail.html) ? mail.html.replace(head, (tag) => tag + base) : base + mail.html,
  }
}
