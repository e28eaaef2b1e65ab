import type { z } from 'zod'
import { unknownNames } from './foreign-names.ts'

type Issue = Pick<z.core.$ZodIssue, 'path' | 'message' | 'code'>
type Unknown = Extract<z.core.$ZodIssue, { code: 'unrecognized_keys' }>

const KINDS: Record<string, string> = {
  string: 'must be text',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  null: 'must be null here, or left out',
}
const ANY_KIND = new Set(Object.values(KINDS))

/** What is wrong with what was sent, each field with what it should be; of one that is missing, that too. */
export function complaints(schema: z.ZodType, sent: unknown): Issue[] {
  const found = issuesOf(schema, sent)
  const missing = found.filter((issue) => isMissing(sent, issue))
  const filled = missing.length > 0 ? issuesOf(schema, withText(sent, missing)) : []
  const unknown = found.find((issue) => issue.code === 'unrecognized_keys') // of the first: each name costs a look
  return found.map((issue) => {
    if (unknown && issue === unknown) return { ...issue, message: ofUnknown(schema, sent, unknown) }
    if (!missing.includes(issue)) return issue
    const { message } = filled.find(({ path }) => `${path}` === `${issue.path}`) ?? issue
    return { ...issue, message: ANY_KIND.has(message) ? 'is required' : `is required, and ${message}` }
  })
}

const issuesOf = (schema: z.ZodType, sent: unknown): z.core.$ZodIssue[] =>
  schema.safeParse(sent, { error: inOurWords }).error?.issues.slice(0, 50) ?? []

/** For whatever has no words of its own: what would be right, instead of what is wrong. */
function inOurWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return KINDS[issue.expected]
  if (issue.code === 'invalid_value') return oneOf(issue.values)
  if (issue.code === 'invalid_union' && 'options' in issue) return oneOf(issue.options as unknown[])
  return undefined
}

/** Of names that are not known; with the names of ours that would be, which trying them shows. */
const ofUnknown = (schema: z.ZodType, sent: unknown, { path, keys }: Unknown) =>
  unknownNames(path.length > 0 ? null : schema, keys, (name, ours) =>
    issuesOf(schema, renamed(sent, path, name, ours)).every(
      (issue) => issue.code !== 'unrecognized_keys' || !issue.keys.includes(ours),
    ),
  )

/** With what stands under one name under another, where nothing does. */
function renamed(sent: unknown, path: readonly PropertyKey[], name: string, ours: string): unknown {
  const changed = structuredClone(sent)
  const holder = valueAt(changed, path) as Record<string, unknown>
  holder[ours] ??= holder[name]
  delete holder[name]
  return changed
}

/** Each once: Graph's own case stands first, and what others write is taken too. */
function oneOf(values: readonly unknown[]): string {
  const named = new Map<string, string>()
  for (const value of values)
    if (value != null && !named.has(`${value}`.toLowerCase()))
      named.set(`${value}`.toLowerCase(), JSON.stringify(value))
  const words = [...named.values()]
  const last = words.pop()
  return `must be ${words.length > 0 ? `${words.join(', ')} or ` : ''}${last}`
}

const isMissing = (sent: unknown, { path, code }: Issue) =>
  path.length > 0 && code.startsWith('invalid_') && valueAt(sent, path) === undefined

const valueAt = (sent: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], sent)

/** With an empty text where something is missing: what is said of that is what it should look like. */
function withText(sent: unknown, missing: readonly Issue[]): unknown {
  const filled = structuredClone(sent)
  for (const { path } of missing) {
    const holder = valueAt(filled, path.slice(0, -1))
    if (typeof holder === 'object' && holder) Object.assign(holder, { [path.at(-1) as PropertyKey]: '' })
  }
  return filled
}
