import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** The files package.json's `main` names; it may be a glob such as `dist/{index,functions/*}.js`. */
export async function entryFiles(root: string, main: string): Promise<string[]> {
  const pattern = main.replace(/^\.\//, '')
  if (!/[*{[?]/.test(pattern)) return [join(root, pattern)]
  const expressions = expandBraces(pattern).map(toRegExp)
  const files = await filesBelow(root, root)
  return files
    .filter((file) => expressions.some((expression) => expression.test(file)))
    .map((file) => join(root, file))
}

function expandBraces(pattern: string): string[] {
  const found = /\{([^{}]*)\}/.exec(pattern)
  if (!found) return [pattern]
  const before = pattern.slice(0, found.index)
  const after = pattern.slice(found.index + found[0].length)
  return (found[1] ?? '').split(',').flatMap((choice) => expandBraces(before + choice + after))
}

function toRegExp(pattern: string): RegExp {
  const text = pattern.replace(/\*\*\/|\*|\?|[.+^$()|[\]\\]/g, (token) => {
    if (token === '**/') return '(?:.*/)?'
    if (token === '*') return '[^/]*'
    if (token === '?') return '[^/]'
    return `\\${token}`
  })
  return new RegExp(`^${text}$`)
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const nested = entries
    .filter((entry) => entry.name !== 'node_modules' && !entry.name.startsWith('.'))
    .sort((a, b) => a.name.localeCompare(b.name))
    .map(async (entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesBelow(root, path) : [relative(root, path).split(sep).join('/')]
    })
  return (await Promise.all(nested)).flat()
}
