import type { TableClient } from '@azure/data-tables'
import type { Agenda } from '../clock/agenda.ts'
import type { Work } from '../clock/work.ts'
import type { HostJson } from '../host-json.ts'
import type { Log } from '../log.ts'
import { rerunAfter } from '../settings.ts'
import type { HostedFunction, TriggerType } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { createEngine } from './engine.ts'
import { createEpisodes } from './episode.ts'
import { createInstanceStore } from './instance-store.ts'
import { createManagement, type Management } from './management.ts'

type Options = {
  functions: HostedFunction[]
  settings: HostJson
  tables: { instances: TableClient; host: TableClient }
  invoke: Invoke
  agenda: Agenda
  work: Work
  log: Log
}

/** Puts the parts of Durable Functions together. */
export async function startDurable(
  options: Options,
): Promise<{ management: Management; recover(): Promise<void> }> {
  const { functions, settings, tables, ...shared } = options
  const named = (type: TriggerType) =>
    new Map(functions.filter((fn) => fn.type === type).map((fn) => [fn.name.toLowerCase(), fn]))
  const store = createInstanceStore(tables.instances, tables.host)
  const engine = createEngine({
    ...shared,
    store,
    runEpisode: createEpisodes(named('orchestration'), shared.invoke),
    activities: named('activity'),
    functionTimeout: settings.functionTimeout,
    rerunAfter: rerunAfter(),
    maxConcurrentActivities: settings.durable.maxConcurrentActivities,
    maxConcurrentOrchestrators: settings.durable.maxConcurrentOrchestrators,
  })
  const management = createManagement({ engine, store, hub: settings.durable.hubName })
  return { management, recover: engine.recover }
}
