/** A step that did not go as told: the story ends here. */
export class Broken extends Error {}

/** Tells a story line by line, and counts its steps. */
export class Teller {
  private steps = 0
  private step = ''

  title(text: string, more: string): void {
    console.log(`${text}\n${more}`)
  }

  /** What happens next, in one line. */
  next(step: string): void {
    this.steps++
    this.step = step
    console.log(`\n${`${this.steps}`.padStart(2)}. ${step}`)
  }

  say(line: string): void {
    console.log(`    ${line}`)
  }

  /** Text as it was received, set apart. */
  quote(text: string): void {
    for (const line of text.trimEnd().split('\n')) console.log(`    | ${line}`.trimEnd())
  }

  /** Says what was found when it is as told, and breaks off when it is not. */
  found(isSo: boolean, asTold: string, instead: string): void {
    if (!isSo) throw new Broken(instead)
    this.say(asTold)
  }

  end(): void {
    console.log(`\nAll ${this.steps} steps went as told.`)
  }

  brokenBy(error: Error): void {
    console.log(`    BROKEN: ${error.message}`)
    console.log(`\nThe story breaks at step ${this.steps}: ${this.step}`)
  }
}
