import { fileURLToPath } from 'node:url'
import { type Azurite, startAzurite } from './azurite.ts'
import { freePort } from './free-port.ts'
import { type HostProcess, spawnHost } from './host/spawn.ts'
import { spawnTenant, type TenantProcess } from './tenant/spawn.ts'

export type Ports = { host: number; tenant: number; blob: number; queue: number; table: number }

export type Services = {
  azurite: Azurite
  tenant: TenantProcess
  settings: Record<string, string>
  stop(): Promise<void>
}

/** For Microsoft's own host on this machine: tests write into node_modules, and what is due should not wait for a lazy poll. */
export const FOR_MICROSOFTS_HOST = {
  AzureFunctionsJobHost__fileWatchingEnabled: 'false',
  AzureFunctionsJobHost__extensions__durableTask__storageProvider__maxQueuePollingInterval: '00:00:02',
}

export type Stack = Services & { host: HostProcess }

/** The folder that the host loads: this repository, built. */
export const ROOT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '..' : '../..', import.meta.url))

/** Azurite and the simulated tenant, and the settings that point any host at them. Ports that are not given are free ones. */
export async function startServices(given: Partial<Ports> = {}): Promise<Services> {
  const hostPort = given.host ?? (await freePort())
  const publicUrl = `http://127.0.0.1:${hostPort}`
  const azurite = await startAzurite(given).catch((error) => startAgain(given, error))
  const tenant = await spawnTenant({ port: given.tenant ?? 0, appUrl: publicUrl }).catch(async (error) => {
    await azurite.stop()
    throw error
  })
  const settings = {
    ...tenant.settings(),
    AzureWebJobsStorage: azurite.connectionString,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    TASKHUB_NAME: 'interim',
    LINK_SIGNING_KEYS: 'a-local-key-that-signs-links-and-is-nobodys-secret',
    PUBLIC_URL: publicUrl,
    MAIL_PER_MINUTE: '100000', // the tenant has no quota but the faults that are ordered
    MAIL_PER_HOUR: '100000',
    WEBHOOK_ALLOWED_HOSTS: '127.0.0.1,localhost',
  }
  return {
    azurite,
    tenant,
    settings,
    async stop() {
      await Promise.all([tenant.stop(), azurite.stop()])
    },
  }
}

/** A free port may be taken between its finding and its use; one that was asked for by number is the caller's affair. */
async function startAgain(given: Partial<Ports>, error: Error): Promise<Azurite> {
  if (given.blob || given.queue || given.table) throw error
  return startAzurite()
}

/** Everything, as processes of their own: Azurite, the tenant, and the embedded host with the built app. */
export async function startStack(
  given: Partial<Ports> = {},
  env: Record<string, string> = {},
): Promise<Stack> {
  const services = await startServices(given)
  const port = Number(new URL(services.settings.PUBLIC_URL as string).port)
  try {
    const host = await spawnHost({ root: ROOT, port, env: { ...services.settings, ...env } })
    return {
      ...services,
      host,
      async stop() {
        await host.stop()
        await services.stop()
      },
    }
  } catch (error) {
    await services.stop()
    throw error
  }
}
