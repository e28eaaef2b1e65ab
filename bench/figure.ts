/** One line of the result. Ratios and counts say something on any machine, milliseconds only beside their floor. */
export type Figure = {
  what: string
  value: number
  unit: string
  /** The least it could be, measured in the same run, and what that is. */
  floor?: number
  /** How far from the floor: always “how many times worse”. */
  ratio?: number
  /** What it is meant not to exceed (or, for rates, to reach), in the unit of the value or in floors. */
  aim?: string
  note?: string
}

export type Options = {
  samples: number
  activations: number
  eligibilities: number
  events: number
}

export type Scenario = (options: Options) => Promise<Figure[]>

export const times = (what: string, value: number, floor: number, more: Partial<Figure> = {}): Figure => ({
  what,
  value,
  unit: 'ms',
  floor,
  ratio: value / floor,
  ...more,
})

export const count = (what: string, value: number, more: Partial<Figure> = {}): Figure => ({
  what,
  value,
  unit: '',
  ...more,
})
