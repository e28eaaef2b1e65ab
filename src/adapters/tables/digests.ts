import type { Digest, DigestMailing } from '../../domain/digest.ts'
import type { Digests } from '../../ports.ts'
import { digests as keys, range } from './keys.ts'
import type { Table } from './table.ts'

/** Digests in a partition of the truth: what one says may be more than a row holds, so it is kept in parts. */
export function tableDigests(table: Table): Digests {
  let began: Date | undefined
  const row = (rowKey: string, doc: string) => ({ partitionKey: keys.partition, rowKey, doc })

  return {
    async since(now) {
      if (began) return began
      const there = await table.get(keys.partition, keys.since)
      const noted = there ?? row(keys.since, JSON.stringify({ since: now.toISOString() }))
      if (!there && !(await table.transact([{ put: noted, onlyIf: 'absent' }]))) return this.since(now)
      began = new Date((JSON.parse(noted.doc) as { since: string }).since)
      return began
    },

    async find(week) {
      const { from, to } = range(`${keys.state(week)}|`)
      const parts = await table.query(keys.partition, from, to, MOST_PARTS)
      return parts.length > 0 ? (JSON.parse(parts.map(({ doc }) => doc).join('')) as Digest) : undefined
    },

    async readMailing(week) {
      const read = await table.get(keys.partition, keys.state(week))
      return read && { value: JSON.parse(read.doc) as DigestMailing, etag: read.etag }
    },

    async keep(digest, mailing) {
      const { week } = digest
      const written = await table.transact([
        { put: row(keys.state(week), JSON.stringify(mailing)), onlyIf: 'absent' },
        ...inParts(JSON.stringify(digest)).map((part, n) => ({
          put: row(keys.part(week, n), part),
          onlyIf: 'whatever' as const,
        })),
      ])
      return written !== undefined
    },

    async writeMailing(read, mailing) {
      const put = row(keys.state(mailing.week), JSON.stringify(mailing))
      return (await table.transact([{ put, onlyIf: { etag: read.etag } }])) !== undefined
    },
  }
}

const MOST_PARTS = 90
const A_ROWFUL = 30_000

/** Of characters, not of halves of them. Every line is in one of three lists of ten, so there are never many. */
function inParts(text: string): string[] {
  const parts: string[] = []
  for (let start = 0; start < text.length; ) {
    const whole = /[\uD800-\uDBFF]/.test(text[start + A_ROWFUL - 1] ?? '') ? A_ROWFUL - 1 : A_ROWFUL
    parts.push(text.slice(start, start + whole))
    start += whole
  }
  return parts
}
