/**
 * Importing this module replaces the global `Date` by one that adds an offset, so everything loaded in this
 * process, the app included, lives in moved time without knowing. Import it before anything else.
 */
const MachineDate = globalThis.Date
let offset = 0

export const machineNow = (): number => MachineDate.now()
export const clockOffset = (): number => offset
export const setClockOffset = (milliseconds: number): void => {
  offset = milliseconds
}

function MovedDate(this: unknown, ...args: unknown[]): unknown {
  if (new.target === undefined) return new MachineDate(MachineDate.now() + offset).toString()
  const from = args.length === 0 ? [MachineDate.now() + offset] : args
  const target = (new.target as unknown) === MovedDate ? MachineDate : new.target
  return Reflect.construct(MachineDate, from, target)
}

// One prototype for both: dates made by the platform itself are instances of the moved Date too.
Object.defineProperties(MovedDate, {
  name: { value: 'Date' },
  length: { value: 7 },
  prototype: { value: MachineDate.prototype },
  now: { value: () => MachineDate.now() + offset, configurable: true, writable: true },
  parse: { value: MachineDate.parse },
  UTC: { value: MachineDate.UTC },
})
MachineDate.prototype.constructor = MovedDate as unknown as DateConstructor
globalThis.Date = MovedDate as unknown as DateConstructor
