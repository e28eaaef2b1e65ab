import { Problem } from './problem.ts'

type Value = string | number | boolean | null
type Test = (row: Record<string, unknown>) => boolean

const TOKEN = /\s*(?:'((?:[^']|'')*)'|([A-Za-z_][\w./:-]*)|([(),])|(-?\d[\w.:+-]*))/y

/** What we understand of $filter: eq, ne, in, startsWith, and, or, not, brackets. */
export function parseFilter(text: string, allowed: readonly string[], type: string): Test {
  const tokens = tokenize(text)
  let at = 0
  const invalid = () => new Problem(400, 'BadRequest', `Invalid filter clause: ${text}`)
  const peek = () => tokens[at]
  const take = (expected?: string) => {
    const token = tokens[at++]
    if (!token || (expected !== undefined && (token.kind === 'text' || token.text !== expected)))
      throw invalid()
    return token
  }
  const is = (word: string) => peek()?.kind !== 'text' && peek()?.text === word

  const property = (): string => {
    const { text: name, kind } = take()
    if (kind !== 'word') throw invalid()
    if (!allowed.includes(name))
      throw new Problem(
        400,
        'BadRequest',
        `Could not find a property named '${name}' on type '${type}', or it cannot be filtered on.`,
      )
    return name
  }
  const value = (): Value => {
    const token = take()
    if (token.kind === 'text') return token.text
    if (token.text === 'true' || token.text === 'false') return token.text === 'true'
    if (token.text === 'null') return null
    if (/^-?\d+$/.test(token.text)) return Number(token.text)
    if (/^\d/.test(token.text)) return token.text
    throw invalid()
  }
  const values = (): Value[] => {
    take('(')
    const list = [value()]
    while (is(',')) {
      take(',')
      list.push(value())
    }
    take(')')
    return list
  }
  const comparison = (): Test => {
    const name = property()
    const operator = take().text
    if (operator === 'in') {
      const list = values()
      return (row) => list.some((v) => same(row[name], v))
    }
    const wanted = value()
    if (operator === 'eq') return (row) => same(row[name], wanted)
    if (operator === 'ne') return (row) => !same(row[name], wanted)
    throw invalid()
  }
  const term = (): Test => {
    if (is('not')) {
      take('not')
      const inner = term()
      return (row) => !inner(row)
    }
    if (is('(')) {
      take('(')
      const inner = either()
      take(')')
      return inner
    }
    if (/^startswith$/i.test(peek()?.text ?? '') && tokens[at + 1]?.text === '(') {
      take()
      take('(')
      const name = property()
      take(',')
      const start = `${value()}`.toLowerCase()
      take(')')
      return (row) => `${row[name] ?? ''}`.toLowerCase().startsWith(start)
    }
    return comparison()
  }
  const both = (): Test => {
    let left = term()
    while (is('and')) {
      take('and')
      const [a, b] = [left, term()]
      left = (row) => a(row) && b(row)
    }
    return left
  }
  const either = (): Test => {
    let left = both()
    while (is('or')) {
      take('or')
      const [a, b] = [left, both()]
      left = (row) => a(row) || b(row)
    }
    return left
  }

  const test = either()
  if (at !== tokens.length) throw invalid()
  return test
}

type Token = { kind: 'text' | 'word' | 'sign' | 'number'; text: string }

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const hit = TOKEN.exec(text)
    if (!hit) throw new Problem(400, 'BadRequest', `Invalid filter clause: ${text}`)
    const [, quoted, word, sign, number] = hit
    if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replaceAll("''", "'") })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
    else tokens.push({ kind: 'number', text: number ?? '' })
  }
  return tokens
}

/** The directory compares text without regard to case. */
function same(a: unknown, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase()
  return (a ?? null) === b
}
