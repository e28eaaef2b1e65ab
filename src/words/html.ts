/** Text that is HTML already. Everything else is escaped where it is put into a template. */
export type Html = { readonly html: string }

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (text: string) =>
  withoutOverrides(text).replace(/[&<>"']/g, (character) => ESCAPES[character] as string)

/** A template whose values are escaped, unless they are `Html` themselves. Null and undefined leave nothing. */
export function html(
  parts: TemplateStringsArray,
  ...values: (string | number | Html | null | undefined | Html[])[]
): Html {
  const show = (value: (typeof values)[number]): string => {
    if (value === null || value === undefined) return ''
    if (Array.isArray(value)) return value.map(show).join('')
    return typeof value === 'object' ? value.html : escapeHtml(`${value}`)
  }
  return { html: parts.reduce((text, part, index) => text + show(values[index - 1]) + part) }
}

/** One line of text: what ends up in a subject or a header must not be able to begin another. */
export const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()

/**
 * Without the characters that turn what follows around, or that nobody sees: a name must not be able to have the rest of a line read
 * backwards, nor look like another's.
 */
export const withoutOverrides = (text: string) =>
  text.replace(/[\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E007F}]/gu, '')
