import { expect, test } from 'vitest'
import type { Told } from '../../src/domain/bundle.ts'
import { bundleLetter } from '../../src/words/bundle-letter.ts'

const told = (n: number): Told => ({
  key: `${n}`,
  headline: `Headline ${n} of all.`,
  facts: [['Who', `Person ${n}`]],
  sentence: `Sentence ${n} of all.`,
  because: n % 2 ? 'You look after it.' : 'You were asked.',
})
const many = (count: number) => Array.from({ length: count }, (_, n) => told(n + 1))

test.each([2, 15, 16, 215, 216, 1000])(
  'of %d the first are told in full, and the rest shorter and shorter',
  (count) => {
    const { subject, text, html } = bundleLetter(many(count))
    expect(subject).toBe(`PIM: ${count} changes to access that concern you`)
    for (const part of [text, html.replace(/<div style="display:none.*?<\/div>/s, '')]) {
      const all = (what: string) => part.match(new RegExp(`${what} \\d+ of all`, 'g'))?.length ?? 0
      expect([all('Headline'), all('Sentence')]).toEqual([Math.min(count, 215), Math.min(count, 15)])
      expect(part.includes(`And ${count - 15} more`)).toBe(count > 15)
      expect(part.includes(`${count - 215} more are in the audit trail`)).toBe(count > 215)
    }
    expect(text).toContain('You look after it. You were asked.')
  },
)
