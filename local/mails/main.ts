import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { html } from '../../src/words/html.ts'
import { allMails } from './all.ts'

/** Writes every mail into a folder, as HTML and as plain text, with a list of them. */
const [folder] = process.argv.slice(2)
if (!folder) {
  console.error('Usage: npm run mails -- FOLDER')
  process.exit(1)
}
const mails = allMails()
await mkdir(folder, { recursive: true })
for (const { name, letter } of mails) {
  await writeFile(join(folder, `${name}.html`), letter.html)
  await writeFile(join(folder, `${name}.txt`), `Subject: ${letter.subject}\n\n${letter.text}`)
}
const rows = mails.map(
  ({ name, letter }) =>
    html`<tr><td><a href="${name}.html">${letter.subject}</a></td><td>${name}</td><td><a href="${name}.txt">text</a></td></tr>`,
)
const list = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>All mails</title></head><body style="font-family:system-ui,sans-serif"><h1>All mails</h1><table cellpadding="6">${rows}</table></body></html>`
await writeFile(join(folder, 'index.html'), list.html)
console.log(`${mails.length} mails are in ${folder}: open ${join(folder, 'index.html')}`)
