import type { Result } from './selection.ts'

/** A line for each group, and one for all of them. */
export function summary(title: string, results: readonly Result[], seconds: number): string {
  const groups = [...new Set(results.map(({ group }) => group))].sort()
  const rows = groups.map((name) => [name, ...counts(results.filter(({ group }) => group === name))])
  const table = [[title, 'points', 'runs', 'hit', 'not reached', 'failed'], ...rows]
  if (rows.length > 1) table.push(['all', ...counts(results)])
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => `${row[column]}`.length))) ?? []
  const line = (row: (string | number)[]) =>
    row
      .map((cell, i) => (i ? `${cell}`.padStart(widths[i] ?? 0) : `${cell}`.padEnd(widths[i] ?? 0)))
      .join('  ')
  const spent = results.reduce((sum, each) => sum + each.seconds, 0)
  const each = (spent / Math.max(1, results.length)).toFixed(1)
  return [
    ...table.map(line),
    `mails that came again: ${doublesOf(results)}`,
    `${seconds} s; a run takes ${each} s`,
  ].join('\n')
}

const counts = (results: readonly Result[]) => [
  new Set(results.map(({ group, point }) => `${group} ${point}`)).size,
  results.length,
  results.filter(({ hit }) => hit).length,
  results.filter(({ hit }) => !hit).length,
  results.filter(({ wrong }) => wrong.length > 0).length,
]

function doublesOf(results: readonly Result[]): string {
  const sums = new Map<string, number>()
  for (const { doubles } of results)
    for (const [kind, n] of Object.entries(doubles)) sums.set(kind, (sums.get(kind) ?? 0) + n)
  return [...sums].map(([kind, n]) => `${n} × ${kind}`).join(', ') || 'none'
}
