export type Level = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none'

const ORDER: Level[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none']

export type Log = {
  /** A line of a function's own: `level function message`, as far as host.json lets it through. */
  fromFunction(level: string, name: string, message: string): void
  /** A line of the host. */
  say(message: string): void
  /** A line of the host that is printed however quiet it is. */
  complain(message: string): void
}

/** `levels` is host.json's logging.logLevel: the longest category that is a prefix decides. */
export function createLog(levels: Record<string, string>, quiet: boolean): Log {
  const rank = (level: string) => {
    const known = ORDER.indexOf(level.toLowerCase() as Level)
    return known < 0 ? ORDER.indexOf('information') : known
  }
  const floor = (category: string) => {
    const matching = Object.keys(levels).filter((key) => `${category}.`.startsWith(`${key}.`))
    const longest = matching.sort((a, b) => b.length - a.length)[0]
    return rank(levels[longest ?? 'default'] ?? levels.Default ?? 'information')
  }
  const floors = new Map<string, number>()
  const floorOf = (name: string) => {
    const category = `Function.${name}.User`
    let found = floors.get(category)
    if (found === undefined) {
      found = floor(category)
      floors.set(category, found)
    }
    return found
  }

  return {
    fromFunction(level, name, message) {
      if (rank(level) < floorOf(name) || (quiet && rank(level) < rank('error'))) return
      console.log(`${level} ${name} ${message}`)
    },
    say(message) {
      if (!quiet) console.log(message)
    },
    complain: (message) => console.error(message),
  }
}
