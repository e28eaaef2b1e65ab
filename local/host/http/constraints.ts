import { Refusal } from '../refusal.ts'

type Test = (value: string) => boolean

const matches =
  (expression: RegExp): Test =>
  (value) =>
    expression.test(value)
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** ASP.NET's inline route constraints, by name; each takes the text between its brackets. */
const CONSTRAINTS: Record<string, (argument: string) => Test> = {
  int: () => (value) => /^[+-]?\d+$/.test(value) && Math.abs(Number(value)) <= 2147483648,
  long: () => matches(/^[+-]?\d{1,19}$/),
  bool: () => matches(/^(true|false)$/i),
  decimal: () => matches(/^[+-]?(\d+\.?\d*|\.\d+)$/),
  double: () => matches(NUMBER),
  float: () => matches(NUMBER),
  datetime: () => (value) => !Number.isNaN(Date.parse(value)),
  guid: () => matches(/^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i),
  alpha: () => matches(/^[a-z]*$/i),
  required: () => (value) => value.length > 0,
  regex: (argument) => matches(new RegExp(argument, 'i')),
  minlength: (argument) => (value) => value.length >= Number(argument),
  maxlength: (argument) => (value) => value.length <= Number(argument),
  length: (argument) => {
    const [least = 0, most = least] = argument.split(',').map(Number)
    return (value) => value.length >= least && value.length <= most
  },
  min: (argument) => (value) => Number(value) >= Number(argument),
  max: (argument) => (value) => Number(value) <= Number(argument),
  range: (argument) => {
    const [least = 0, most = 0] = argument.split(',').map(Number)
    return (value) => /^[+-]?\d+$/.test(value) && Number(value) >= least && Number(value) <= most
  },
}

export function constraint(text: string, route: string): Test {
  const [, name = '', argument = ''] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? []
  const make = CONSTRAINTS[name.toLowerCase()]
  if (!make) throw new Refusal([`Route ${route}: the constraint "${text}" is not known.`])
  return make(argument)
}
