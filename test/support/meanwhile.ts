/** Does `deed` the nth time only. */
export function onlyThe(nth: number, deed: () => Promise<unknown>): () => Promise<void> {
  let calls = 0
  return async () => {
    if (++calls === nth) await deed()
  }
}

/** `deed` comes just before `act`. */
export function butFirst<Args extends unknown[], Result>(
  deed: () => Promise<unknown>,
  act: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    await deed()
    return act(...args)
  }
}

/** `deed` comes when `act` has done its work, but its caller has yet to hear of it. */
export function andThen<Args extends unknown[], Result>(
  act: (...args: Args) => Promise<Result>,
  deed: () => Promise<unknown>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    const result = await act(...args)
    await deed()
    return result
  }
}

/** Every call runs a second time, unheard, when the next one is already over. */
export function eachAgainLate<Args extends unknown[], Result>(
  act: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  let previous = async (): Promise<unknown> => undefined
  return async (...args) => {
    const result = await act(...args)
    await previous()
    previous = () => act(...args)
    return result
  }
}
