import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

// Only that the tests are there can be seen here, not that they show what the row says: whoever edits the page reads them.
const rows = readFileSync('docs/parity.md', 'utf8')
  .split('\n')
  .filter(
    (line) => line.startsWith('| ') && !/^\| (---|.*Microsoft's (feature|rule|setting|action) \|)/.test(line),
  )
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .map((cells) => ({ what: cells.slice(0, -3).join(' '), state: cells.at(-3), tests: cells.at(-1) ?? '' }))

test('the page has its rows, and each is in one of three states', () => {
  expect(rows.length).toBeGreaterThan(120)
  for (const { what, state } of rows) expect([what, state]).toEqual([what, expect.stringMatching(STATES)])
})

test.each(rows.filter(({ state }) => state !== 'not ours (yet)'))(
  '$what: its tests are there',
  ({ tests }) => {
    const named = [...tests.matchAll(/`([\w/-]+)` “([^”]+)”/g)]
    expect(named.length).toBeGreaterThan(0)
    expect(named.map(([all]) => all).join('; ')).toBe(tests)
    for (const [, file, words] of named) {
      const path = [`test/${file}.test.ts`, `test/${file}.ts`].find((each) => existsSync(each))
      expect(path, `${file} is no test`).toBeDefined()
      expect(readFileSync(path as string, 'utf8'), `${file} has it not`).toContain(words)
    }
  },
)

const STATES = /^(works|differs|not ours \(yet\))$/
