/** The lines of an iCalendar text as RFC 5545 has them: unfolded. Throws for what no calendar would take. */
export function contentLines(text: string): string[] {
  if (!text.endsWith('\r\n')) throw new Error('The last line is not ended.')
  if (/[^\r]\n|\r[^\n]/.test(text)) throw new Error('A line is not ended by CRLF.')
  const lines = text.replaceAll('\r\n ', '').split('\r\n').slice(0, -1)
  const strange = lines.find(
    (line) => !/^[A-Z-]+(;[A-Z]+=[^:;]+)*:[^\p{Cc}]*$/u.test(line.replaceAll('\t', ' ')),
  )
  if (strange !== undefined) throw new Error(`No content line: ${JSON.stringify(strange)}`)
  return lines
}

/** The properties of each event, their values as they were before they were escaped; without those of its alarms. */
export function parseCalendar(text: string): Record<string, string>[] {
  const lines = contentLines(text)
  if (lines[0] !== 'BEGIN:VCALENDAR' || lines.at(-1) !== 'END:VCALENDAR') throw new Error('No calendar.')
  const events: Record<string, string>[] = []
  const open: string[] = []
  for (const line of lines) {
    const at = line.indexOf(':')
    const [name, value] = [line.slice(0, at), line.slice(at + 1)]
    if (name === 'BEGIN') {
      open.push(value)
      if (value === 'VEVENT') events.push({})
    } else if (name === 'END') {
      if (open.pop() !== value) throw new Error(`${value} ends and was not open.`)
    } else if (open.at(-1) === 'VEVENT') {
      const event = events.at(-1) as Record<string, string>
      if (name in event) throw new Error(`${name} is there twice.`)
      event[name] = unescaped(value)
    }
  }
  if (open.length > 0) throw new Error('Something is still open.')
  return events
}

function unescaped(value: string): string {
  if (/(^|[^\\])(\\\\)*[;,]/.test(value)) throw new Error(`Not escaped: ${value}`)
  return value.replace(/\\(.)/g, (_, character) => (/n/i.test(character) ? '\n' : character))
}
