/** Anything a table key does not take, or takes differently from service to service, is written as ^hhhh. */
export function toKey(id: string): string {
  return id.replace(/[^A-Za-z0-9 _.:@-]/g, (char) => `^${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function fromKey(key: string): string {
  return key.replace(/\^([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
