import { oneLine, withoutOverrides } from './html.ts'
import { FOOTER, mailPage } from './mail-page.ts'

/** What a mail carries: the same in a subject line, as plain text, and as HTML. */
export type Letter = { subject: string; text: string; html: string }

/** With what it was made of, for a mail that tells several. */
export type Composed = Letter & { content: Content }

export type Fact = readonly [label: string, value: string]
export type Button = { label: string; address: string; hint: string }

/** How a mail is meant, said in words above its headline; the colour beside them only repeats it. */
export type Tone = 'decision' | 'attention' | 'news'

/** What a mail says. All of it is text: wherever it comes from, nothing in it is taken for markup. */
export type Content = {
  tone: Tone
  headline: string
  /** What it is about: role, scope, who, why, until when first. */
  facts: readonly Fact[]
  /** What has happened, and what is to be done about it. */
  sentence: string
  button?: Button | null
  /** Why this person gets it. */
  because: string
}

/** All forms of one mail: the one way in which mails are made, so that all look alike. */
export function composed(given: Content): Composed {
  const content = harmless(given)
  return {
    subject: subjectOf(content.headline),
    text: plain(content),
    html: mailPage(content).html,
    content: given,
  }
}

/** What writes backwards, or hides, would have a name read as something else. */
export const harmless = <T extends Pick<Content, 'headline' | 'facts' | 'sentence' | 'because'>>(
  content: T,
): T => ({
  ...content,
  headline: shortened(withoutOverrides(content.headline)),
  sentence: withoutOverrides(content.sentence),
  because: withoutOverrides(oneLine(content.because)),
  facts: content.facts.map(([label, value]) => [label, withoutOverrides(value)]),
})

/** A name without an end must not push what it is about off the screen: the facts have all of it. */
function shortened(headline: string): string {
  const characters = [...headline]
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : headline
}

const LONGEST = 240

/** Of all mails; without half characters at its end. */
export const subjectOf = (headline: string) =>
  `PIM: ${oneLine(headline)}`.slice(0, 200).replace(/[\uD800-\uDBFF]$/, '')

function plain({ headline, sentence, facts, button, because }: Content): string {
  const lines = [oneLine(headline), '']
  for (const [label, value] of facts) lines.push(`${label}: ${oneLine(value)}`)
  lines.push('', oneLine(sentence))
  if (button) lines.push('', `${button.label}:`, button.address, '', button.hint)
  lines.push('', '-- ', FOOTER, because)
  return `${lines.join('\n')}\n`
}
