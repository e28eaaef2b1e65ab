/** The few forms in which values travel between host and worker. */
export type TypedData = {
  string?: string | null
  json?: string | null
  bytes?: Uint8Array | null
  int?: number | null
  double?: number | null
  http?: HttpData | null
}

export type HttpData = {
  method?: string
  url?: string
  statusCode?: string
  headers?: Record<string, string>
  nullableHeaders?: Record<string, { value: string }>
  nullableQuery?: Record<string, { value: string }>
  nullableParams?: Record<string, { value: string }>
  cookies?: HttpCookie[]
  body?: TypedData
}

export type HttpCookie = {
  name: string
  value: string
  domain?: { value: string }
  path?: { value: string }
  expires?: { value: { seconds: number; nanos?: number } }
  maxAge?: { value: number }
  secure?: { value: boolean }
  httpOnly?: { value: boolean }
  sameSite?: string
}

/** As the host reads what a function returned: a string stays a string, json is parsed. */
export function fromTyped(data: TypedData | null | undefined): unknown {
  if (!data) return undefined
  if (data.string != null) return data.string
  if (data.json != null) return JSON.parse(data.json)
  if (data.int != null) return data.int
  if (data.double != null) return data.double
  if (data.bytes) return Buffer.from(data.bytes)
  return undefined
}
