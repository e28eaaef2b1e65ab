import { createAgenda } from './clock/agenda.ts'
import { type ClockKeeper, createClock, sharedClock } from './clock/clock.ts'
import { machineNow } from './clock/moved-date.ts'
import { createMover } from './clock/mover.ts'
import { createWork } from './clock/work.ts'
import { clientData } from './durable/addresses.ts'
import { startDurable } from './durable/durable.ts'
import { type HostJson, loadHostJson } from './host-json.ts'
import { createAdmin } from './http/admin.ts'
import { createRouter } from './http/router.ts'
import { homePage, openServer } from './http/server.ts'
import { createLog } from './log.ts'
import { Refusal } from './refusal.ts'
import { rerunAfter } from './settings.ts'
import type { ScheduleStatuses } from './timers/schedule-status.ts'
import { createTimerTriggers } from './timers/timer-triggers.ts'
import { installCoreModule } from './worker/core-module.ts'
import { type HostedFunction, hostedFunctions } from './worker/functions.ts'
import { createInvoke } from './worker/invoke.ts'
import { loadApp } from './worker/load-app.ts'

export type Host = { url: string; stop(): Promise<void> }

const IDLE_AT_MOST = 60_000
const STOP_WITHIN = 1500

/** Starts the app in `root` on the port (0: any). Throws a Refusal when it is not one this host can run. */
export async function startHost(root: string, wantedPort: number): Promise<Host> {
  const settings = await loadHostJson(root)
  const log = createLog(settings.logLevels, process.env.LOCAL_HOST_LOG === 'quiet')
  const server = await openServer(wantedPort, log)
  const url = `http://127.0.0.1:${server.port}`
  process.env.WEBSITE_HOSTNAME = `127.0.0.1:${server.port}`
  process.env.AZURE_FUNCTIONS_ENVIRONMENT ??= 'Development'
  process.env.FUNCTIONS_WORKER_RUNTIME ??= 'node'

  const storage = openStorage(settings)
  storage.catch(() => undefined)
  const keeper = process.env.LOCAL_CLOCK_URL
    ? sharedClock(process.env.LOCAL_CLOCK_URL)
    : (await storage)?.clock
  const clock = await createClock(keeper ?? processClock)
  const work = createWork()
  const agenda = createAgenda()
  const app = installCoreModule(log)
  await loadApp(root, app)
  const functions = hostedFunctions(app)
  const stored = await storage
  requireStorage(functions, stored !== undefined)

  const invoke = createInvoke({
    app,
    log,
    work,
    clientData: () => clientData(url, settings.durable.hubName),
  })
  const shared = { invoke, agenda, work, log }
  const durable = stored && (await startDurable({ ...shared, functions, settings, tables: stored.tables }))
  const timers = createTimerTriggers({
    ...shared,
    functions,
    statuses: stored?.statuses ?? noStatuses,
    timeout: settings.functionTimeout,
  })
  const queueFunctions = functions.filter((fn) => fn.type === 'queue')
  const queues =
    queueFunctions.length > 0
      ? (await import('./queues/queue-triggers.ts')).createQueueTriggers({
          ...shared,
          functions: queueFunctions,
          settings: settings.queues,
          // In real time, because the queue service knows no other; short, because somebody may wait for it.
          leaseSeconds: Math.min(30, Math.max(3, rerunAfter() / 1000)),
          timeout: settings.functionTimeout,
        })
      : undefined
  const router = createRouter({ functions, settings: settings.http, invoke, log })

  const settle = async (look: 'pollNow' | 'pollForNew') => {
    const deadline = machineNow() + IDLE_AT_MOST
    for (let first = true; ; first = false) {
      agenda.fireDue()
      await work.settled(deadline)
      const found = await queues?.[first ? look : 'pollForNew']()
      const isDue = (agenda.nextDue() ?? Number.POSITIVE_INFINITY) <= Date.now()
      if (!found && !isDue && work.running().length === 0) return
    }
  }

  /** Nothing is running, nothing is due, and the queues are empty, also of what somebody else has put there. */
  const idle = () => settle('pollNow')

  const admin = createAdmin({
    functions,
    clock,
    mover: createMover(clock, agenda, { idle, settled: () => settle('pollForNew') }),
    idle,
    runNow: (fn, input) => runNow(fn, input),
  })

  const runNow = (fn: HostedFunction, input: unknown) => {
    if (fn.type === 'timer') return void timers.runNow(fn)
    const string = typeof input === 'string' ? input : JSON.stringify(input ?? '')
    const invocation = { data: { string }, timeout: settings.functionTimeout }
    invoke(fn, invocation).catch((error) => log.complain(`error ${fn.name} ${error}`))
  }

  // What starts below may call back, the durable client for one.
  const management = durable ? [durable.management] : []
  server.serve([admin, ...management, homePage, router])
  await queues?.start()
  await durable?.recover()
  await timers.start()

  return {
    url,
    async stop() {
      queues?.stop()
      agenda.pause()
      // What is running may still use its durable client; nobody else gets in.
      server.serve(management, 503)
      await work.settled(machineNow() + STOP_WITHIN).catch(() => undefined)
      for (const hook of app.hooks.appTerminate) await hook({ hookData: {}, appHookData: {} })
      await server.close()
    },
  }
}

/** Without storage a moved clock lasts as long as the process. */
const processClock: ClockKeeper = { read: async () => 0, write: async () => undefined }
const noStatuses: ScheduleStatuses = { read: async () => undefined, write: async () => undefined }

async function openStorage(settings: HostJson) {
  const name = settings.durable.connection || 'AzureWebJobsStorage'
  if (!process.env[name] && !process.env[`AzureWebJobs${name}`]) return undefined
  const { openHostStorage } = await import('./storage/open.ts')
  return openHostStorage(name, settings.durable.hubName)
}

function requireStorage(functions: HostedFunction[], isThere: boolean): void {
  const needing = functions.filter((fn) => fn.type !== 'http' || fn.clients.length > 0)
  if (!isThere && needing.length > 0)
    throw new Refusal([`The setting AzureWebJobsStorage is not set; function ${needing[0]?.name} needs it.`])
}
