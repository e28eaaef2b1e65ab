import { afterAll, beforeAll } from 'vitest'
import type { HostProcess } from '../../local/host/spawn.ts'
import { type Stack, startStack } from '../../local/stack.ts'
import { connectTenant, type TenantProcess } from '../../local/tenant/spawn.ts'

const { JOURNEYS_URL, JOURNEYS_TENANT = 'http://127.0.0.1:7072', JOURNEYS_LOG } = process.env

/** The stories are told on a host that is not ours: nobody there moves the clock or kills it. */
export const isForeign = JOURNEYS_URL !== undefined

type Tenant = Omit<TenantProcess, 'pid' | 'stop'>
type Parts = { url: string; tenant: Tenant; host?: HostProcess; storage?: string; stop(): Promise<void> }

/** Where stories happen: a stack of this file's own, or a host and a tenant that run already. */
export class World {
  private parts: Parts | undefined
  private readonly startOwn: () => Promise<Stack>

  constructor(startOwn: () => Promise<Stack>) {
    this.startOwn = startOwn
  }

  async start(): Promise<void> {
    if (JOURNEYS_URL) {
      const url = JOURNEYS_URL.replace(/\/$/, '')
      this.parts = { url, tenant: connectTenant(JOURNEYS_TENANT), stop: async () => undefined }
      return
    }
    const stack = await this.startOwn()
    const { host, tenant, azurite } = stack
    const storage = azurite.connectionString
    this.parts = { url: host.url, tenant, host, storage, stop: () => stack.stop() }
  }

  async stop(): Promise<void> {
    if (JOURNEYS_LOG) process.stderr.write(this.parts?.host?.output() ?? '')
    await this.parts?.stop()
  }

  get url(): string {
    return this.started.url
  }

  get tenant(): Tenant {
    return this.started.tenant
  }

  /** The host's process, to move its clock or to kill it; not there on a host that is not ours. */
  get host(): HostProcess {
    const { host } = this.started
    if (!host) throw new Error('This story is for a host of our own: skip it where isForeign.')
    return host
  }

  /** The connection string of the storage behind our own host. */
  get storage(): string {
    return this.started.storage ?? ''
  }

  /**
   * Looks until what is seen is enough. Our own host says when it is at rest, so one look then tells; at a foreign one
   * we look again and again, for as long as the slowest of polls may take. Answers what was seen last.
   */
  async look<T>(see: () => Promise<T>, isEnough: (seen: T) => boolean): Promise<T> {
    if (!isForeign) {
      await this.host.idle()
      return see()
    }
    let seen = await see()
    for (const end = Date.now() + 60_000; !isEnough(seen) && Date.now() < end; seen = await see())
      await new Promise((wake) => setTimeout(wake, 250))
    return seen
  }

  /** Walks the clock on, everything due on the way done in its time. */
  async advance(duration: string): Promise<void> {
    await this.host.advance(duration)
  }

  /** The instant, by the clock that host and tenant share. */
  async now(): Promise<Date> {
    return new Date((await this.tenant.control('GET', '/clock')).now)
  }

  /** From now, in ISO form. */
  async inMinutes(minutes: number): Promise<string> {
    return new Date((await this.now()).getTime() + minutes * 60_000).toISOString()
  }

  /** The clock goes on by itself while the host is down. */
  async timePasses(minutes: number): Promise<void> {
    const { offset } = await this.tenant.control('GET', '/clock')
    await this.tenant.control('PUT', '/clock', { offset: offset + minutes * 60_000 })
  }

  private get started(): Parts {
    if (!this.parts) throw new Error('The world has not been started: use it inside a test.')
    return this.parts
  }
}

/** What has its own stories is not walked through in all others: each hour of the clock would cost four comparisons. */
export const WITHOUT_LOOKING_AROUND = {
  'AzureWebJobs.drift.Disabled': 'true',
  'AzureWebJobs.digest.Disabled': 'true',
}
/** For stories about what is found outside, and about weeks. */
export const LOOKING_AROUND = {
  'AzureWebJobs.drift.Disabled': 'false',
  'AzureWebJobs.digest.Disabled': 'false',
}

/** One world for all the stories of a file; `env` are settings of its host. */
export function useWorld(env: Record<string, string> = {}): World {
  return use(new World(() => startStack({}, { ...WITHOUT_LOOKING_AROUND, ...env })))
}

/** What all files of this worker share; it goes when the worker does, whose pipes its processes watch. */
let sharedStack: Promise<Stack> | undefined

async function shareStack(): Promise<Stack> {
  const left = await sharedStack?.catch(() => undefined)
  if (left) {
    try {
      await left.tenant.clearFaults()
      await left.tenant.lag({ ms: 0 })
      await left.host.idle()
      return left
    } catch {
      await left.stop().catch(() => undefined) // a story that failed has left it in a bad way
    }
  }
  sharedStack = startStack({}, WITHOUT_LOOKING_AROUND)
  return sharedStack
}

/**
 * A world in which the stories of other files may have been told before, as on any host that has run for a while: its clock
 * is ahead, and there are people, roles with rules, and mails. Half of what a file costs is a stack of its own, so this is for
 * all that neither count what is there nor change what everybody needs.
 */
export function useSharedWorld(): World {
  return use(new World(async () => ({ ...(await shareStack()), stop: async () => undefined })))
}

function use(world: World): World {
  beforeAll(() => world.start())
  afterAll(() => world.stop())
  return world
}
