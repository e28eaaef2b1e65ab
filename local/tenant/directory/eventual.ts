/** How long a read may not know of a write: by the tenant's clock, or for a number of reads. */
export type Lag = { ms: number; reads: number }

type Change<T> = { key: string; before: T | undefined; at: number; reads: number }

/**
 * A map whose lists may lag behind its truth, as directory replicas do. Single look-ups (`get`, `has`) are the truth,
 * and so is everything that decides a write.
 */
export class EventualMap<T> {
  private readonly lag: Lag
  private readonly truth = new Map<string, T>()
  private changes: Change<T>[] = []

  constructor(lag: Lag) {
    this.lag = lag
  }

  get(key: string): T | undefined {
    return this.truth.get(key)
  }

  has(key: string): boolean {
    return this.truth.has(key)
  }

  set(key: string, value: T): void {
    this.remember(key)
    this.truth.set(key, value)
  }

  delete(key: string): boolean {
    if (this.truth.has(key)) this.remember(key)
    return this.truth.delete(key)
  }

  /** What is so. */
  values(): T[] {
    return [...this.truth.values()]
  }

  /** What a list shows now. Counts as one read. */
  seen(): T[] {
    const now = Date.now()
    this.changes = this.changes.filter((c) => now - c.at < this.lag.ms || c.reads < this.lag.reads)
    const shown = new Map(this.truth)
    for (const change of this.changes.toReversed()) {
      change.reads++
      if (change.before === undefined) shown.delete(change.key)
      else shown.set(change.key, change.before)
    }
    return [...shown.values()]
  }

  /** Forgets what is still on its way: the present truth is what everybody sees. */
  settle(): void {
    this.changes = []
  }

  private remember(key: string): void {
    if (this.lag.ms > 0 || this.lag.reads > 0)
      this.changes.push({ key, before: this.truth.get(key), at: Date.now(), reads: 0 })
  }
}
