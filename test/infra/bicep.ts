/**
 * A small reader of Bicep, enough to hold templates to what a compiler would say first: brackets and quotes close, names
 * are declared and used, modules exist and get the parameters they ask for. No types: those need the real compiler.
 */

export type Token = { kind: 'name' | 'text' | 'number' | 'mark' | 'line'; text: string; line: number }

export type Declaration = {
  kind: 'param' | 'var' | 'resource' | 'module' | 'output' | 'type' | 'func'
  name: string
  line: number
  /** Of a resource its type and version, of a module its path. */
  target?: string
  /** Everything after the name; `bodyAt` is where its object opens, if it has one. */
  tokens: Token[]
  decorators: string[]
}

export type Template = { tokens: Token[]; declarations: Declaration[]; extensions: string[] }

const CLOSES: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
const KINDS = ['param', 'var', 'resource', 'module', 'output', 'type', 'func']
const WORDS = new Set(
  [
    ...KINDS,
    'if for in existing true false null string int bool object array targetScope extension metadata using import as',
  ].flatMap((words) => words.split(' ')),
)

/** What may be called. A name that is not here is a mistake, or belongs here. */
const FUNCTIONS = new Set(
  `allowed array base64 bool concat contains deployment description empty environment export filter first flatten format
   guid indexOf int intersection items join json last length loadJsonContent loadTextContent map max maxLength maxValue
   metadata min minLength minValue newGuid range reduce replace resourceGroup resourceId secure skip sort split startsWith
   string subscription subscriptionResourceId substring take tenant toLower toObject toUpper trim union uniqueString uri
   utcNow`.split(/\s+/),
)

export function readTemplate(source: string): Template {
  const tokens = tokenize(source)
  return {
    tokens,
    declarations: declarationsOf(tokens),
    extensions: tokens.flatMap((token, at) =>
      token.text === 'extension' && startsLine(tokens, at) ? [tokens[at + 1]?.text ?? ''] : [],
    ),
  }
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  const open: { mark: string; line: number }[] = []
  let at = 0
  let line = 1
  const push = (kind: Token['kind'], text: string) => tokens.push({ kind, text, line })

  /** From behind the quote, or behind the brace that ends an insertion, to the quote or to the next insertion. */
  function quoted() {
    let text = ''
    for (; ; at++) {
      const sign = source[at]
      if (sign === undefined || sign === '\n') throw new Error(`line ${line}: a quote is not closed`)
      if (sign === '\\') text += source[++at]
      else if (sign === "'") {
        at++
        return push('text', text)
      } else if (source.startsWith('${', at)) {
        push('text', text)
        push('mark', '${')
        open.push({ mark: '${', line })
        at += 2
        return
      } else text += sign
    }
  }

  while (at < source.length) {
    const rest = source.slice(at)
    const sign = source[at] as string
    if (sign === '\n') {
      push('line', sign)
      line++
      at++
    } else if (/\s/.test(sign)) at++
    else if (rest.startsWith('//')) at += (/^[^\n]*/.exec(rest) as RegExpExecArray)[0].length
    else if (rest.startsWith('/*') || rest.startsWith("'''")) {
      const mark = rest.startsWith('/*') ? '*/' : "'''"
      const end = rest.indexOf(mark, 2 + Number(mark === "'''"))
      if (end < 0) throw new Error(`line ${line}: ${mark} is missing`)
      if (mark === "'''") push('text', rest.slice(3, end))
      line += rest.slice(0, end).split('\n').length - 1
      at += end + mark.length
    } else if (sign === "'") {
      at++
      quoted()
    } else if (/[A-Za-z_]/.test(sign)) {
      const name = (/^\w+/.exec(rest) as RegExpExecArray)[0]
      push('name', name)
      at += name.length
    } else if (/\d/.test(sign)) {
      const number = (/^\d+/.exec(rest) as RegExpExecArray)[0]
      push('number', number)
      at += number.length
    } else if (sign === '}' && open.at(-1)?.mark === '${') {
      open.pop()
      push('mark', '}$')
      at++
      quoted()
    } else {
      const mark = (/^(=>|==|!=|<=|>=|&&|\|\||\?\?|\.\?|\.\.\.|=~|!~|::)/.exec(rest)?.[0] ?? sign) as string
      if ('([{'.includes(mark)) open.push({ mark, line })
      const opener = CLOSES[mark]
      if (opener && open.pop()?.mark !== opener)
        throw new Error(`line ${line}: ${mark} closes nothing that ${opener} opened`)
      if (!/^[()[\]{}=.:,?!<>@+\-*/%&|~]+$/.test(mark)) throw new Error(`line ${line}: what is ${mark}?`)
      push('mark', mark)
      at += mark.length
    }
  }
  const left = open.pop()
  if (left) throw new Error(`line ${left.line}: ${left.mark} is not closed`)
  return tokens
}

const startsLine = (tokens: Token[], at: number) => at === 0 || tokens[at - 1]?.kind === 'line'

function declarationsOf(tokens: Token[]): Declaration[] {
  const declarations: Declaration[] = []
  let depth = 0
  let decorators: string[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.kind === 'mark') {
      if (['(', '[', '{', '${'].includes(token.text)) depth++
      if ([')', ']', '}', '}$'].includes(token.text)) depth--
      if (depth === 0 && token.text === '@') decorators.push(tokens[at + 1]?.text ?? '')
    }
    if (depth > 0 || !startsLine(tokens, at) || token.kind !== 'name') continue
    const name = tokens[at + 1]
    if (KINDS.includes(token.text) && name?.kind === 'name') {
      const end = endOfDeclaration(tokens, at)
      const target = tokens[at + 2]
      declarations.push({
        kind: token.text as Declaration['kind'],
        name: name.text,
        line: token.line,
        ...(target?.kind === 'text' ? { target: target.text } : {}),
        tokens: tokens.slice(at + 2, end),
        decorators,
      })
    }
    decorators = []
  }
  return declarations
}

function endOfDeclaration(tokens: Token[], from: number): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const { kind, text } = tokens[at] as Token
    if (kind === 'mark' && ['(', '[', '{', '${'].includes(text)) depth++
    if (kind === 'mark' && [')', ']', '}', '}$'].includes(text)) depth--
    const next = tokens[at + 1]
    if (kind === 'line' && depth === 0 && next?.text !== '?' && next?.text !== ':') return at
  }
  return tokens.length
}

/** The entries of the object that opens first in these tokens: each key with the tokens of its value. */
export function entriesOf(tokens: Token[]): Map<string, Token[]> {
  const entries = new Map<string, Token[]>()
  const open = tokens.findIndex(({ kind, text }) => kind === 'mark' && text === '{')
  let depth = 0
  let value: Token[] | undefined
  for (let at = open; at >= 0 && at < tokens.length; at++) {
    const token = tokens[at] as Token
    const isMark = token.kind === 'mark'
    if (isMark && [')', ']', '}', '}$'].includes(token.text)) depth--
    if (depth === 0 && at > open) break
    if (depth === 1 && isKey(tokens, at)) {
      value = []
      entries.set(token.text, value)
    } else value?.push(token)
    if (isMark && ['(', '[', '{', '${'].includes(token.text)) depth++
  }
  return entries
}

/** `name:` or `'text':` where an entry can begin; not the middle of `a ? b : c`. */
function isKey(tokens: Token[], at: number): boolean {
  const token = tokens[at] as Token
  const before = tokens[at - 1]
  return (
    (token.kind === 'name' || token.kind === 'text') &&
    tokens[at + 1]?.text === ':' &&
    (before === undefined || before.kind === 'line' || before.text === '{' || before.text === ',')
  )
}

/** Names that are read, with their lines: not keys, not members, not what is declared there. */
function namesRead({ tokens }: Template): Token[] {
  return tokens.filter((token, at) => {
    if (token.kind !== 'name' || WORDS.has(token.text) || isKey(tokens, at)) return false
    const before = tokens[at - 1]?.text
    if (before === '.' || before === '.?' || before === '::' || before === '@') return false
    if (tokens[at + 1]?.text === '(') return false
    if ([...KINDS, 'extension', 'metadata'].includes(before ?? '') && startsLine(tokens, at - 1)) return false
    return true
  })
}

/** Names that loops and lambdas bring with them. */
function localNames(tokens: Token[]): string[] {
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'name') return []
    const [before, after] = [tokens[at - 1]?.text, tokens[at + 1]?.text]
    return before === 'for' || after === 'in' || after === '=>' ? [token.text] : []
  })
}

/** What is wrong with a template. `resolve` reads the template at a path relative to this one, or undefined. */
export function faultsOf(template: Template, resolve: (path: string) => Template | undefined): string[] {
  const { tokens, declarations, extensions } = template
  const faults: string[] = []
  const declared = declarations.filter(({ kind }) => kind !== 'output')
  const names = new Set([...declared.map(({ name }) => name), ...localNames(tokens), ...extensions])
  const read = namesRead(template)

  for (const { name, line } of declared)
    if (declared.filter((other) => other.name === name).length > 1)
      faults.push(`line ${line}: ${name} is declared twice`)
  for (const { text, line } of read)
    if (!names.has(text)) faults.push(`line ${line}: ${text} is not declared`)
  const used = new Set(read.map(({ text }) => text))
  for (const { kind, name, line } of declared)
    if (['param', 'var'].includes(kind) && !used.has(name)) faults.push(`line ${line}: ${name} is not used`)
  for (const [at, { kind, text, line }] of tokens.entries()) {
    const isMember = ['.', '.?'].includes(tokens[at - 1]?.text ?? '')
    if (
      kind === 'name' &&
      tokens[at + 1]?.text === '(' &&
      !isMember &&
      !WORDS.has(text) &&
      !FUNCTIONS.has(text)
    )
      faults.push(`line ${line}: there is no function ${text}`)
  }
  for (const module of declarations.filter(({ kind }) => kind === 'module'))
    faults.push(...moduleFaults(template, module, resolve(module.target ?? '')))
  return faults
}

function moduleFaults({ tokens }: Template, module: Declaration, target: Template | undefined): string[] {
  const { name, line } = module
  if (!target) return [`line ${line}: there is no ${module.target}`]
  const faults: string[] = []
  const given = entriesOf(entriesOf(module.tokens).get('params') ?? [])
  const wanted = target.declarations.filter(({ kind }) => kind === 'param')
  for (const param of given.keys())
    if (!wanted.some((each) => each.name === param)) faults.push(`line ${line}: ${name} takes no ${param}`)
  for (const param of wanted)
    if (!hasDefault(param) && !given.has(param.name)) faults.push(`line ${line}: ${name} lacks ${param.name}`)
  const outputs = target.declarations.filter(({ kind }) => kind === 'output').map((output) => output.name)
  for (const [at, token] of tokens.entries())
    if (token.text === name && tokens[at + 2]?.text === 'outputs') {
      const output = tokens[at + 4]?.text ?? ''
      if (!outputs.includes(output)) faults.push(`line ${token.line}: ${name} gives no ${output}`)
    }
  return faults
}

export const hasDefault = ({ tokens }: Declaration) => tokens.some(({ text }) => text === '=')

/** A value that is one plain text. */
export const plainText = (tokens: Token[] | undefined): string | undefined => {
  const rest = tokens?.filter(({ kind, text }) => kind !== 'line' && text !== ':' && text !== ',') ?? []
  return rest.length === 1 ? rest[0]?.text : undefined
}
