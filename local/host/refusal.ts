/** The app asks for something this host does not do, or cannot start with: told by name, then exit code 1. */
export class Refusal extends Error {
  readonly reasons: string[]
  constructor(reasons: string[]) {
    super(reasons.join('\n'))
    this.reasons = reasons
  }
}
