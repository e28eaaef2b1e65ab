/** Rubbish made from a JSON schema and an example that fits it: each differs from the example in one thing. */

type Schema = {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  pattern?: string
  format?: string
  maxLength?: number
  minimum?: number
  maximum?: number
  maxItems?: number
}

export type Rubbish = {
  what: string
  /** The field, with dots; empty is the whole body. */
  field: string
  /** Text, because not all of it could be made by JSON.stringify. */
  json: string
}

const FREE_TEXT = /^(justification|description|ticketNumber|ticketSystem)$/

const HOSTILE = [
  '',
  ' ',
  "' or 1 eq 1 or '",
  '"}]',
  '../../admin',
  '..%2f..%2fadmin',
  '<script>alert(1)</script>',
  '\u0000',
  'a\r\nSet-Cookie: a=b',
  '\u202egnp.exe',
  '\ud800',
  '$\u007b7*7}',
  '{{7*7}}',
  'null',
  'undefined',
  'NaN',
  '__proto__',
  '😀'.repeat(500),
]

const DURATIONS = ['PT0S', '-PT1H', 'P', 'PT', '1', '8h', 'PT8', 'P99999999Y', 'PT1e3H', 'PT1H;PT2H', 'P-1D']
const INSTANTS = [
  '2030-01-01',
  '2030-01-01T09:00:00',
  '2030-02-30T09:00:00Z',
  '2029-02-29T09:00:00Z',
  '2030-13-01T00:00:00Z',
  '2030-01-01T24:00:00Z',
  '2030-01-01T09:00:60Z',
  '2030-01-01T09:00:00+25:00',
  '1999-12-31T23:59:59Z',
  '9999-12-31T23:59:59Z',
  '+275760-09-13T00:00:00Z',
  '0',
  '1893456000',
  'now',
  'tomorrow',
]

export function* rubbish(schema: Schema, example: unknown): Generator<Rubbish> {
  for (const { what, field, value } of around(schema, example, ''))
    yield { what, field, json: JSON.stringify(value) }
}

type Odd = { what: string; field: string; value: unknown }

function* around(schema: Schema, value: unknown, field: string): Generator<Odd> {
  const { branch, nullable } = branchFor(schema, value)
  const odd = (what: string, other: unknown): Odd => ({ what, field, value: other })
  if (!nullable) yield odd('null', null)
  const type = typeOf(branch)
  for (const [what, other] of OF_OTHER_TYPES)
    if (what !== type && !(what === 'number' && type === 'integer')) yield odd(what, other)
  if (type !== 'array') yield odd('in an array', [value])
  if (type === 'string') yield* aroundText(branch, value as string, field)
  if (type === 'integer' || type === 'number') yield* aroundNumber(branch, field)
  if (type === 'array') yield* aroundList(branch, value as unknown[], field)
  if (type === 'object') yield* aroundObject(branch, value as Record<string, unknown>, field)
}

const OF_OTHER_TYPES: [string, unknown][] = [
  ['number', 12345],
  ['boolean', true],
  ['string', 'x'],
  ['object', { a: 1 }],
  ['object', { toString: 'x', valueOf: 1 }],
  ['array', []],
  ['array', nested(200)],
  ['object', { length: 1, 0: 'x' }],
]

function nested(depth: number): unknown {
  let value: unknown = []
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

function* aroundText(schema: Schema, value: string, field: string): Generator<Odd> {
  const name = field.split('.').at(-1) ?? ''
  if (schema.maxLength) yield { what: 'too long', field, value: 'x'.repeat(schema.maxLength + 1) }
  if (FREE_TEXT.test(name)) {
    for (const bad of ['\ud800', 'a\udc00b', 'a\u0000b', 'a\u001bb', 'a\u0008b', 'a\u0085b'])
      yield { what: `text ${JSON.stringify(bad)}`, field, value: bad }
    return
  }
  const texts = name === 'claimValue' ? HOSTILE.filter((text) => text !== '') : HOSTILE
  for (const text of [...texts, `${value} `, ` ${value}`, `${value}\n`, `${value}\u0000`, `${value}'`])
    yield { what: `text ${JSON.stringify(text).slice(0, 30)}`, field, value: text }
  if (/duration/i.test(name)) for (const each of DURATIONS) yield { what: each, field, value: each }
  if (schema.format === 'date-time') for (const each of INSTANTS) yield { what: each, field, value: each }
}

function* aroundNumber({ minimum, maximum }: Schema, field: string): Generator<Odd> {
  const numbers: unknown[] = [-1, 1.5, 1e21, -1e308, '7', 'NaN', 'Infinity', '0x7', '']
  if (minimum !== undefined) numbers.push(minimum - 1)
  if (maximum !== undefined) numbers.push(maximum + 1)
  for (const each of numbers) yield { what: `number ${JSON.stringify(each)}`, field, value: each }
}

function* aroundList({ maxItems, items }: Schema, value: unknown[], field: string): Generator<Odd> {
  const [first] = value
  if (maxItems !== undefined && first !== undefined)
    yield { what: 'too many', field, value: Array.from({ length: maxItems + 1 }, () => first) }
  for (const each of [[null], [[]], [12], ['\u0000'], [first, null]])
    yield { what: `list ${JSON.stringify(each).slice(0, 30)}`, field, value: each }
  if (items && first !== undefined)
    for (const { what, field: inner, value: odd } of around(items, first, `${field}.0`))
      yield { what, field: inner, value: [odd, ...value.slice(1)] }
}

function* aroundObject(schema: Schema, value: Record<string, unknown>, field: string): Generator<Odd> {
  const dot = (name: string) => (field ? `${field}.${name}` : name)
  for (const name of schema.required ?? []) {
    const { [name]: _, ...without } = value
    yield { what: 'missing', field: dot(name), value: without }
  }
  for (const name of SURPRISES) yield { what: `with ${name}`, field, value: withOwn(value, name) }
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    if (name in value)
      for (const { what, field: deeper, value: odd } of around(inner, value[name], dot(name)))
        yield { what, field: deeper, value: { ...value, [name]: odd } }
}

const SURPRISES = ['surprise', '__proto__', 'constructor', 'toString', 'status', 'id', '$filter', ' ', '']

/** As an own property, also where the name means something to the language. */
function withOwn(value: object, name: string): object {
  const copy = { ...value }
  if (!Object.hasOwn(copy, name)) {
    const more = { value: { admin: true }, enumerable: true, configurable: true, writable: true }
    return Object.defineProperty(copy, name, more)
  }
  return { ...copy, surprise: 1 }
}

function branchFor(schema: Schema, value: unknown): { branch: Schema; nullable: boolean } {
  const all = schema.anyOf ?? schema.oneOf
  const nullable =
    (Array.isArray(schema.type) && schema.type.includes('null')) ||
    (all ?? []).some(({ type }) => type === 'null')
  if (!all) return { branch: schema, nullable }
  const branch = all
    .flatMap((each) => each.anyOf ?? each.oneOf ?? [each])
    .find((each) => each.type !== 'null' && fits(each, value))
  if (!branch) throw new Error(`The example fits no branch: ${JSON.stringify(value)}`)
  return { branch, nullable }
}

/** As deep as telling branches apart takes. */
function fits(schema: Schema, value: unknown): boolean {
  if ('const' in schema) return schema.const === value
  if (schema.enum) return schema.enum.includes(value)
  if (schema.type !== 'object' || typeof value !== 'object' || value === null) return schema.type !== 'object'
  const has = value as Record<string, unknown>
  return (
    (schema.required ?? []).every((name) => name in has) &&
    Object.entries(schema.properties ?? {}).every(
      ([name, inner]) => !(name in has) || !('const' in inner || inner.enum) || fits(inner, has[name]),
    )
  )
}

function typeOf({ type }: Schema): string {
  return Array.isArray(type) ? (type.find((each) => each !== 'null') as string) : (type ?? 'string')
}
