/** A table property holds at most 32 K characters, so longer text is split over several: body0, body1, … */
const LONGEST = 30_000

export function toColumns(name: string, text: string): Record<string, string> {
  const columns: Record<string, string> = {}
  for (let index = 0; index === 0 || index * LONGEST < text.length; index++)
    columns[`${name}${index}`] = text.slice(index * LONGEST, (index + 1) * LONGEST)
  return columns
}

export function fromColumns(name: string, row: Record<string, unknown>): string {
  let text = ''
  for (let index = 0; `${name}${index}` in row; index++) text += row[`${name}${index}`]
  return text
}
