/** `JOURNEYS_THOROUGH=1` (and the whole campaign of faults) runs everything at its full size; every day has a part of what is many of a kind. */
export const isThorough = Boolean(process.env.JOURNEYS_THOROUGH) || process.env.FAULTS === 'all'

/** Every so many-th of them, or all. */
export const daily = <T>(all: readonly T[], stride: number): readonly T[] =>
  isThorough ? all : all.filter((_, i) => i % stride === 0)
