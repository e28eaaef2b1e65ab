/**
 * The secret address of a calendar: whose it is, so that it is found without an index, and 256 bits that nobody can guess. Of
 * these only a hash is kept.
 */
export const tokenOf = (personId: string, secret: string) => `${personId.replaceAll('-', '')}${secret}`

export function readToken(token: string): { personId: string; secret: string } | undefined {
  const [, hex, secret] = /^([0-9a-f]{32})([\w-]{43})$/.exec(token) ?? []
  if (!hex || !secret) return undefined
  return { personId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), secret }
}
