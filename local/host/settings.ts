import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from './refusal.ts'

type LocalSettings = {
  Values?: Record<string, string>
  Host?: Record<string, unknown>
  IsEncrypted?: boolean
}

/** Reads local.settings.json into the environment, where what is already set wins; answers its port. */
export async function loadLocalSettings(root: string): Promise<{ port?: number }> {
  const path = join(root, 'local.settings.json')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return {}
  const settings = parseJson<LocalSettings>(path, text)
  if (settings.IsEncrypted) throw new Refusal([`${path} is encrypted, which the local host does not read.`])
  const unknown = Object.keys(settings.Host ?? {}).filter((key) => key !== 'LocalHttpPort')
  if (unknown.length > 0)
    throw new Refusal(unknown.map((key) => `${path}: Host.${key} is not supported by the local host.`))
  for (const [name, value] of Object.entries(settings.Values ?? {})) process.env[name] ??= String(value)
  const port = settings.Host?.LocalHttpPort
  return port === undefined ? {} : { port: Number(port) }
}

export function parseJson<T>(path: string, text: string): T {
  try {
    return JSON.parse(text) as T
  } catch (error) {
    throw new Refusal([`${path} is not valid JSON: ${(error as Error).message}`])
  }
}

/** Replaces `%NAME%` by the setting of that name, as the host does in bindings and in host.json. */
export function resolveSettings(text: string, where: string): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = process.env[name]
    if (value === undefined) throw new Refusal([`${where}: the setting ${name} is not set.`])
    return value
  })
}

/** The connection string behind a binding's `connection` (or the host's own). */
export function connectionString(name: string, where: string): string {
  const setting = name || 'AzureWebJobsStorage'
  const found = process.env[`AzureWebJobs${setting}`] || process.env[setting]
  if (found) return found
  const identity = Object.keys(process.env).some((key) => key.startsWith(`${setting}__`))
  throw new Refusal([
    identity
      ? `${where}: ${setting} is an identity-based connection, which the local host does not support; give a connection string.`
      : `${where}: the setting ${setting} is not set.`,
  ])
}

const RERUN_SECONDS = 300

/** How long after its start an activity runs again whose host was killed: on the real host five minutes. */
export const rerunAfter = (): number => Number(process.env.LOCAL_HOST_RERUN_SECONDS ?? RERUN_SECONDS) * 1000
