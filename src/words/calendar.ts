import type { Entry } from '../domain/calendar.ts'
import { scopeLabel, wantedOf } from './access.ts'
import { withoutOverrides } from './html.ts'

/** A calendar of RFC 5545: lines of at most 75 octets, each ended as in mails, with everything in them escaped that means something there. */
export function calendarFeed(entries: readonly Entry[], host: string): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Interim//Privileged access//EN',
    'CALSCALE:GREGORIAN',
    'NAME:Privileged access',
    'X-WR-CALNAME:Privileged access',
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    'X-PUBLISHED-TTL:PT1H',
    ...entries.flatMap((entry) => eventLines(entry, host)),
    'END:VCALENDAR',
  ]
  return `${lines.map(folded).join('\r\n')}\r\n`
}

function eventLines(entry: Entry, host: string): string[] {
  const { uid, sequence, changedAt, start, end, kind } = entry
  const summary = SUMMARIES[kind](wantedOf(entry.role))
  return [
    'BEGIN:VEVENT',
    `UID:${escaped(uid)}@${escaped(host)}`,
    `DTSTAMP:${stamp(changedAt)}`,
    `SEQUENCE:${sequence}`,
    `DTSTART:${stamp(start)}`,
    ...(end ? [`DTEND:${stamp(end)}`] : []),
    `SUMMARY:${escaped(summary)}`,
    `DESCRIPTION:${escaped(describe(entry))}`,
    `STATUS:${kind === 'asked' ? 'TENTATIVE' : 'CONFIRMED'}`,
    'TRANSP:TRANSPARENT', // nobody is busy because they may do something
    'CLASS:PRIVATE',
    ...(kind === 'eligibleUntil' ? alarmLines(summary) : []),
    'END:VEVENT',
  ]
}

const alarmLines = (summary: string) => [
  'BEGIN:VALARM',
  'ACTION:DISPLAY',
  'TRIGGER:-P1D',
  `DESCRIPTION:${escaped(summary)}`,
  'END:VALARM',
]

const SUMMARIES: Record<Entry['kind'], (what: string) => string> = {
  active: (what) => `Active: ${what}`,
  scheduled: (what) => `Will be active: ${what}`,
  asked: (what) => `Asked for, not decided yet: ${what}`,
  eligibleFrom: (what) => `You may activate ${what} from now on`,
  eligibleUntil: (what) => `You may no longer activate ${what}`,
}

function describe({ role, reason, kind }: Entry): string {
  const facts = [`${scopeLabel(role.provider)}: ${role.scopeName}`]
  if (reason) facts.push(`Why: ${reason}`)
  if (kind === 'eligibleUntil') facts.push('Ask for an extension if you still need it.')
  return facts.join('\n')
}

/** `2026-11-21T14:05:00.000Z` as `20261121T140500Z`. */
const stamp = (instant: string) => `${instant.slice(0, 19).replace(/[-:]/g, '')}Z`

/** Nothing that somebody wrote can end a line or a value. */
function escaped(text: string): string {
  return withoutOverrides(text)
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, '\n')
    .replace(/(?![\t\n])\p{Cc}/gu, ' ')
    .replace(/[\\;,]/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n')
}

/** Broken after 75 octets, never within a character; what goes on begins with a blank. */
export function folded(line: string): string {
  const parts: string[] = []
  let part = ''
  let octets = 0
  for (const character of line) {
    const more = octetsOf(character)
    if (octets + more > MOST_OCTETS) {
      parts.push(part)
      part = ' '
      octets = 1
    }
    part += character
    octets += more
  }
  return [...parts, part].join('\r\n')
}

const MOST_OCTETS = 75

function octetsOf(character: string): number {
  const code = character.codePointAt(0) as number
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}
