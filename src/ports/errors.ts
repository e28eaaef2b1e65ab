/** Something outside did not answer, or asked us to wait: worth trying again, not before `retryAfterSeconds` where it said so. */
export class Unavailable extends Error {
  override name = 'Unavailable'
  readonly retryAfterSeconds: number | null
  constructor(message: string, retryAfterSeconds: number | null = null) {
    super(message)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** It is asked for less, whatever it is: what was not taken is no worse than what was. */
export class Throttled extends Unavailable {
  override name = 'Throttled'
}

/** Something outside refused for good: trying again will not help. */
export class Impossible extends Error {
  override name = 'Impossible'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
