export type Service = 'graph' | 'arm' | 'mail' | 'signin'
/** `status` is null while unanswered, and stays so for what never was answered. */
export type LoggedCall = {
  n: number
  at: string
  service: Service
  method: string
  path: string
  status: number | null
  fault?: string
}

const KEPT = 10_000

/** What the app called, the last ten thousand times. */
export class CallLog {
  private calls: LoggedCall[] = []
  private count = 0

  add(call: Omit<LoggedCall, 'n' | 'at' | 'status'>): LoggedCall {
    const logged: LoggedCall = { n: ++this.count, at: new Date().toISOString(), status: null, ...call }
    this.calls.push(logged)
    if (this.calls.length > KEPT) this.calls.shift()
    return logged
  }

  find(service: string | null): { count: number; counts: Record<string, number>; calls: LoggedCall[] } {
    const calls = this.calls.filter((c) => service === null || c.service === service)
    const counts: Record<string, number> = {}
    for (const { method, path } of calls) {
      const key = `${method} ${path.split('?')[0]?.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '{id}')}`
      counts[key] = (counts[key] ?? 0) + 1
    }
    return { count: calls.length, counts, calls }
  }

  clear(): void {
    this.calls = []
  }
}
