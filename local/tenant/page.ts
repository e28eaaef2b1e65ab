import { createHash } from 'node:crypto'
import type { Answer } from './http.ts'

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (c) => ESCAPES[c] ?? c)

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #3b5bdb; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 46rem; }
h1 { font-size: 1.35rem; margin: .5rem 0 1rem; }
a { color: inherit; }
.quiet { opacity: .7; font-size: .9rem; }
.warning { border-left: 4px solid #e8590c; padding: .5rem .75rem; background: var(--soft); }
ul.rows { list-style: none; margin: 1rem 0; padding: 0; border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
ul.rows > li + li { border-top: 1px solid var(--line); }
ul.rows a, ul.rows button { display: block; width: 100%; padding: .7rem .9rem; text-align: left; text-decoration: none;
  font: inherit; color: inherit; background: none; border: 0; cursor: pointer; overflow-wrap: anywhere; }
ul.rows a:hover, ul.rows button:hover, ul.rows a:focus, ul.rows button:focus { background: var(--soft); }
ul.rows button[disabled] { opacity: .5; cursor: not-allowed; }
ul.rows .hinted { box-shadow: inset 4px 0 var(--accent); }
ul.rows b, ul.rows span { display: block; }
label { display: block; padding: .7rem 0; }
input[type=checkbox] { width: 1.2rem; height: 1.2rem; vertical-align: -.2rem; accent-color: var(--accent); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem .8rem; margin: 0 0 1rem; }
dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 70vh; min-height: 20rem; border: 1px solid var(--line); border-radius: .6rem; background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .8rem; background: var(--soft); border-radius: .6rem; }
`

const styleHash = createHash('sha256').update(STYLE).digest('base64')

/** A page without a script. `formTargets` widens where its forms may lead: browsers follow redirects with that rule. */
export function page(title: string, body: string, { status = 200, formTargets = '' } = {}): Answer {
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; frame-src 'self'; form-action 'self'${formTargets}; base-uri 'none'; frame-ancestors 'none'`
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    },
    body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title>
<style>${STYLE}</style></head>
<body>
${body}
</body>
</html>
`,
  }
}
