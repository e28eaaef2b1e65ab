const MONTHS = 'January February March April May June July August September October November December'
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'
type Field = { least: number; most: number; names?: string[] }
const FIELDS: Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS.split(' ') },
  { least: 0, most: 6, names: DAYS.split(' ') },
]

export type Schedule = {
  /** The first occurrence strictly after the instant, in UTC; undefined when there is none. */
  next(after: number): number | undefined
}

/**
 * NCRONTAB with five or six fields. Unlike cron, day of month and day of week must both fit, Sunday is only 0,
 * a reversed range is swapped, and names may be shortened to any prefix.
 */
export function parseSchedule(expression: string): Schedule {
  const parts = expression.trim().split(/\s+/)
  if (parts.length === 5) parts.unshift('0')
  if (parts.length !== 6)
    throw new Error(`the schedule "${expression}" is not an NCRONTAB expression of 5 or 6 fields.`)
  const sets = parts.map((part, index) => fieldValues(part, FIELDS[index] as Field, expression))
  const [seconds, minutes, hours, days, months, weekdays] = sets as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ]

  return {
    next(after) {
      let at = new Date(Math.floor(after / 1000) * 1000 + 1000)
      // The 29th of February on a given weekday comes round within 28 years, or 40 across 2100.
      const end = at.getUTCFullYear() + 41
      while (at.getUTCFullYear() < end) {
        const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
        const [hour, minute, second] = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()]
        if (!months.has(month + 1)) at = new Date(Date.UTC(year, month + 1, 1))
        else if (!days.has(day) || !weekdays.has(at.getUTCDay()))
          at = new Date(Date.UTC(year, month, day + 1))
        else if (!hours.has(hour)) at = new Date(Date.UTC(year, month, day, hour + 1))
        else if (!minutes.has(minute)) at = new Date(Date.UTC(year, month, day, hour, minute + 1))
        else if (!seconds.has(second)) at = new Date(at.getTime() + 1000)
        else return at.getTime()
      }
      return undefined
    },
  }
}

function fieldValues(text: string, field: Field, expression: string): Set<number> {
  const refuse = (what: string): never => {
    throw new Error(`the schedule "${expression}" is not NCRONTAB: "${what}".`)
  }
  const value = (word: string): number => {
    if (/^\d+$/.test(word)) {
      const number = Number(word)
      return number < field.least || number > field.most ? refuse(word) : number
    }
    const index = (field.names ?? []).findIndex(
      (name) => word !== '' && name.toLowerCase().startsWith(word.toLowerCase()),
    )
    return index < 0 ? refuse(word) : index + field.least
  }
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [range = '', stepText, more] = part.split('/')
    const step = stepText === undefined ? 1 : Number(stepText)
    if (!(Number.isInteger(step) && step > 0) || more !== undefined) refuse(part)
    let from = field.least
    let to = field.most
    if (range.includes('-')) {
      const [a, b] = range.split('-').map(value) as [number, number]
      from = Math.min(a, b)
      to = Math.max(a, b)
    } else if (range !== '*') {
      from = value(range)
      to = stepText === undefined ? from : field.most
    }
    for (let each = from; each <= to; each += step) values.add(each)
  }
  return values
}
