type Cell = string | number | null | undefined

/** Rows as text in columns; numbers to the right. */
export function table(rows: readonly Record<string, Cell>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const text = rows.map((row) => columns.map((column) => show(row[column])))
  const widths = columns.map((column, n) =>
    Math.max(column.length, ...text.map((cells) => (cells[n] as string).length)),
  )
  const numeric = columns.map((column) =>
    rows.every((row) => typeof row[column] !== 'string' || row[column] === ''),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, n) => (numeric[n] ? cell.padStart(widths[n] as number) : cell.padEnd(widths[n] as number)))
      .join('  ')
      .trimEnd()
  return [line(columns), line(widths.map((width) => '─'.repeat(width))), ...text.map(line)].join('\n')
}

function show(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'string') return cell
  if (Number.isInteger(cell)) return `${cell}`
  return cell >= 100 ? cell.toFixed(0) : cell >= 10 ? cell.toFixed(1) : cell.toFixed(2)
}
