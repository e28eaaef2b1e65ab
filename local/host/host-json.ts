import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Json, unsupported } from './host-json-known.ts'
import { Refusal } from './refusal.ts'
import { parseJson, resolveSettings } from './settings.ts'
import { parseTimeSpan } from './time-span.ts'

export type HostJson = {
  /** Milliseconds; Infinity for none. */
  functionTimeout: number
  logLevels: Record<string, string>
  http: {
    routePrefix: string
    customHeaders: Record<string, string>
    maxConcurrentRequests: number
    maxOutstandingRequests: number
  }
  queues: {
    maxPollingInterval: number
    visibilityTimeout: number
    batchSize: number
    newBatchThreshold: number
    maxDequeueCount: number
    base64: boolean
  }
  durable: {
    hubName: string
    connection: string
    maxConcurrentActivities: number
    maxConcurrentOrchestrators: number
  }
}

/** `AzureFunctionsJobHost__extensions__queues__batchSize=1` overrides the file. */
function applyOverrides(json: Json): void {
  for (const [name, value] of Object.entries(process.env)) {
    const path = /^AzureFunctionsJobHost__(.+)$/i.exec(name)?.[1]?.split('__')
    if (!path || value === undefined) continue
    let at = json
    path.forEach((part, index) => {
      const key = Object.keys(at).find((each) => each.toLowerCase() === part.toLowerCase()) ?? part
      if (index === path.length - 1) at[key] = value
      else {
        at[key] ??= {}
        at = at[key] as Json
      }
    })
  }
}

export async function loadHostJson(root: string): Promise<HostJson> {
  const path = join(root, 'host.json')
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Refusal([`There is no host.json in ${root}.`])
  })
  const json = parseJson<Json>(path, text)
  applyOverrides(json)
  const problems = unsupported(json)
  if (json.version !== '2.0') problems.unshift('host.json: version must be "2.0".')

  const read = <T>(keys: string, otherwise: T): T => {
    const found = keys.split('.').reduce<unknown>((at, key) => (at as Json | undefined)?.[key], json)
    return (found ?? otherwise) as T
  }
  const span = (keys: string, otherwise: number): number => {
    const text = read<string | undefined>(keys, undefined)
    if (text === undefined) return otherwise
    if (keys === 'functionTimeout' && text === '-1') return Number.POSITIVE_INFINITY
    const value = parseTimeSpan(String(text))
    if (value === undefined) problems.push(`host.json: ${keys} = "${text}" is not a time span (hh:mm:ss).`)
    return value ?? otherwise
  }
  const count = (keys: string, otherwise: number): number => {
    const value = Number(read<number>(keys, otherwise))
    if (!Number.isInteger(value)) problems.push(`host.json: ${keys} must be a whole number.`)
    return value
  }
  const unlimited = (value: number) => (value < 0 ? Number.POSITIVE_INFINITY : value)

  const batchSize = count('extensions.queues.batchSize', 16)
  if (batchSize < 1 || batchSize > 32)
    problems.push('host.json: extensions.queues.batchSize must be 1 to 32.')
  const encoding = read<string>('extensions.queues.messageEncoding', 'base64').toLowerCase()
  if (encoding !== 'base64' && encoding !== 'none')
    problems.push('host.json: extensions.queues.messageEncoding must be base64 or none.')
  const perCore = 10 * availableParallelism()
  const durable = 'extensions.durableTask'
  const hubName = resolveSettings(read<string>(`${durable}.hubName`, 'TestHubName'), 'host.json: hubName')
  if (!/^[a-z][a-z0-9]{2,44}$/i.test(hubName))
    problems.push(`host.json: the task hub name "${hubName}" must be 3 to 45 letters and digits.`)

  const settings: HostJson = {
    functionTimeout: span('functionTimeout', 30 * 60_000),
    logLevels: read<Record<string, string>>('logging.logLevel', {}),
    http: {
      routePrefix: read<string>('extensions.http.routePrefix', 'api').replace(/^\/|\/$/g, ''),
      customHeaders: read<Record<string, string>>('extensions.http.customHeaders', {}),
      maxConcurrentRequests: unlimited(count('extensions.http.maxConcurrentRequests', -1)),
      maxOutstandingRequests: unlimited(count('extensions.http.maxOutstandingRequests', -1)),
    },
    queues: {
      maxPollingInterval: span('extensions.queues.maxPollingInterval', 2000),
      visibilityTimeout: span('extensions.queues.visibilityTimeout', 0),
      batchSize,
      newBatchThreshold: count('extensions.queues.newBatchThreshold', Math.floor(batchSize / 2)),
      maxDequeueCount: count('extensions.queues.maxDequeueCount', 5),
      base64: encoding === 'base64',
    },
    durable: {
      hubName,
      connection: read<string>(
        `${durable}.storageProvider.connectionName`,
        read<string>(`${durable}.storageProvider.connectionStringName`, ''),
      ),
      maxConcurrentActivities: count(`${durable}.maxConcurrentActivityFunctions`, perCore),
      maxConcurrentOrchestrators: count(`${durable}.maxConcurrentOrchestratorFunctions`, perCore),
    },
  }
  if (problems.length > 0) throw new Refusal(problems)
  return settings
}
