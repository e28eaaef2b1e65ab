import { Refusal } from '../refusal.ts'
import type { AppRegistry, Binding, Callback, Metadata } from './core-module.ts'

export type TriggerType = 'http' | 'timer' | 'queue' | 'orchestration' | 'activity'

/** A function of the app that this host can run. */
export type HostedFunction = {
  name: string
  type: TriggerType
  trigger: Binding
  /** Extra inputs; the only kind there is here is the durable client. */
  clients: Binding[]
  metadata: Metadata
  callback: Callback
}

const TRIGGERS: Record<string, { type: TriggerType; options: string[] }> = {
  httptrigger: { type: 'http', options: ['authLevel', 'methods', 'route'] },
  timertrigger: { type: 'timer', options: ['schedule', 'runOnStartup', 'useMonitor'] },
  queuetrigger: { type: 'queue', options: ['queueName', 'connection'] },
  orchestrationtrigger: { type: 'orchestration', options: [] },
  activitytrigger: { type: 'activity', options: [] },
}
const CLIENTS = ['durableclient', 'orchestrationclient']
const OWN_KEYS = ['name', 'type', 'direction', 'properties']

/** All functions by name, or a refusal that names everything this host does not run. */
export function hostedFunctions(app: AppRegistry): HostedFunction[] {
  const problems: string[] = []
  const accepted: HostedFunction[] = []
  for (const { metadata, callback } of app.functions.values()) {
    const { name } = metadata
    const bindings = Object.entries(metadata.bindings).map(([key, binding]) => ({ ...binding, name: key }))
    const trigger = bindings.find((binding) => /trigger$/i.test(binding.type))
    const known = trigger && TRIGGERS[trigger.type.toLowerCase()]
    if (!trigger || !known) {
      problems.push(`Function ${name}: ${trigger?.type ?? 'no trigger'} is not supported by the local host.`)
      continue
    }
    const others = bindings.filter((binding) => binding !== trigger)
    const problemsHere = [
      ...unknownOptions(trigger, known.options),
      ...others.flatMap((binding) => bindingProblem(binding, known.type)),
      ...(metadata.retryOptions ? ['retry options are not supported by the local host.'] : []),
    ]
    problems.push(...problemsHere.map((problem) => `Function ${name}: ${problem}`))
    if (isDisabled(name)) continue
    const clients = others.filter((binding) => isClient(binding))
    accepted.push({ name, type: known.type, trigger, clients, metadata, callback })
  }
  if (problems.length > 0) throw new Refusal(problems)
  return accepted.sort((a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()))
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const isClient = (binding: Binding) => CLIENTS.includes(binding.type.toLowerCase())
const isDisabled = (name: string) => /^(true|1)$/i.test(process.env[`AzureWebJobs.${name}.Disabled`] ?? '')

function unknownOptions(trigger: Binding, options: string[]): string[] {
  return Object.entries(trigger)
    .filter(([key, value]) => value !== undefined && !OWN_KEYS.includes(key) && !options.includes(key))
    .map(([key]) => `the option ${key} of ${trigger.type} is not supported by the local host.`)
}

function bindingProblem(binding: Binding, type: TriggerType): string[] {
  if (binding.direction === 'in' && isClient(binding)) return []
  if (type === 'http' && binding.name === '$return' && binding.type === 'http') return []
  const kind = binding.direction === 'in' ? 'input' : 'output'
  return [`the ${kind} binding ${binding.type} is not supported by the local host.`]
}
