import { Refusal } from '../refusal.ts'
import { constraint } from './constraints.ts'

type Parameter = { name: string; otherwise?: string; tests: ((value: string) => boolean)[] }
/** Answers the parameters when the path (its segments still encoded) fits the template. */
export type RouteMatch = (path: string) => Record<string, string> | undefined

const ESCAPE = /[.*+?^${}()|[\]\\]/g

/** An ASP.NET route template: literals in any case, `{a} {a?} {a=b} {*rest} {a:int} {name}.{ext?}`. */
export function compileRoute(prefix: string, template: string): RouteMatch {
  if (template.startsWith('/')) throw new Refusal([`Route ${template}: a route must not start with "/".`])
  const parameters: Parameter[] = []
  const segments = [...prefix.split('/'), ...splitSegments(hideBraces(template))].filter(
    (part) => part !== '',
  )
  const expression = new RegExp(
    `^${segments.map((segment) => segmentPattern(segment, template, parameters)).join('')}/?$`,
    'is',
  )

  return (path) => {
    const found = expression.exec(decodeSegments(path))
    if (!found) return undefined
    const values: Record<string, string> = {}
    for (const [index, { name, otherwise, tests }] of parameters.entries()) {
      const value = found[index + 1] || otherwise
      if (value === undefined) continue
      if (!tests.every((test) => test(value))) return undefined
      values[name] = value
    }
    return values
  }
}

/** A doubled brace is a brace and no parameter; two characters nobody writes stand for it meanwhile. */
const hideBraces = (text: string) => text.replaceAll('{{', '\u0001').replaceAll('}}', '\u0002')
const showBraces = (text: string) => text.replaceAll('\u0001', '{').replaceAll('\u0002', '}')

/** Slashes inside braces (a regex constraint) do not separate. */
function splitSegments(template: string): string[] {
  return template.match(/(?:\{[^}]*\}|[^/{])+/g) ?? []
}

function segmentPattern(segment: string, template: string, parameters: Parameter[]): string {
  const whole = /^\{([^{}]*)\}$/.exec(segment)
  if (whole) {
    const { pattern, mayBeAbsent } = parameter(whole[1] as string, template, parameters)
    return mayBeAbsent ? `(?:/(${pattern}))?` : `/(${pattern})`
  }
  // Mixed: literals and parameters in one segment. A dot before an optional parameter goes with it.
  const parts = segment.replace(/(\.?)\{([^{}]+)\}|([^{}.]+|\.)/g, (_, dot, inside, literal) => {
    if (literal !== undefined) return showBraces(literal).replace(ESCAPE, '\\$&')
    const { pattern, mayBeAbsent } = parameter(inside, template, parameters)
    const lazy = pattern === '[^/]+' ? '[^/]+?' : pattern
    return mayBeAbsent ? `(?:${dot ? '\\.' : ''}(${lazy}))?` : `${dot ? '\\.' : ''}(${lazy})`
  })
  return `/${parts}`
}

function parameter(text: string, template: string, parameters: Parameter[]) {
  const [, stars = '', name = '', constraints = '', otherwise, question] =
    /^(\*{0,2})(\w+)((?::(?:\w+(?:\((?:[^()]|\([^()]*\))*\))?))*)(?:=([^?]*))?(\?)?$/.exec(text) ?? []
  if (!name) throw new Refusal([`Route ${template}: "{${text}}" is not understood.`])
  const tests = (constraints.match(/\w+(?:\((?:[^()]|\([^()]*\))*\))?/g) ?? []).map((each) =>
    constraint(showBraces(each), template),
  )
  parameters.push({ name, tests, ...(otherwise === undefined ? {} : { otherwise }) })
  return {
    pattern: stars ? '.*' : '[^/]+',
    mayBeAbsent: Boolean(stars || question || otherwise !== undefined),
  }
}

/** Everything is decoded but an encoded slash, which would make two segments of one. */
function decodeSegments(path: string): string {
  return path
    .replace(/%2f/gi, (slash) => `%25${slash.slice(1)}`)
    .replace(/(%[0-9a-f]{2})+/gi, (escaped) => {
      try {
        return decodeURIComponent(escaped)
      } catch {
        return escaped
      }
    })
}
