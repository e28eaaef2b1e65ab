import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { builtMain } from '../built.ts'
import { scopes } from './arm/seed-azure.ts'
import type { FaultSpec } from './control/faults.ts'
import type { Mail } from './mail/mailbox.ts'
import {
  AUTHENTICATION_CONTEXT,
  CLIENT_ID,
  CLIENT_SECRET,
  MAIL_FROM,
  MAIL_KEY,
  people,
  TENANT_ID,
} from './seed.ts'

type TokenOptions = Record<string, string | number | boolean | object>

export type TenantProcess = {
  url: string
  pid: number
  /** The app's settings that point it at this tenant. */
  settings(): Record<string, string>
  /** An access token for the API; the options are those of GET /token. */
  token(who: string, options?: TokenOptions): Promise<string>
  /** Oldest first. */
  mails(to?: string): Promise<Mail[]>
  holds(who: string, role: string, scope?: string): Promise<boolean>
  fault(spec: FaultSpec): Promise<{ id: string }>
  clearFaults(): Promise<void>
  lag(spec: { ms: number } | { reads: number }): Promise<void>
  /** Any control call: `control('PATCH', '/people/ken', { accountEnabled: true })`. Throws on a refusal. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the call answers
  control(method: string, path: string, body?: unknown): Promise<any>
  stop(): Promise<void>
}

/** Starts the tenant as a process of its own, on a free port unless one is given. It ends when this process does. */
export async function spawnTenant({
  port = 0,
  appUrl,
}: {
  port?: number
  appUrl?: string
} = {}): Promise<TenantProcess> {
  const args = [builtMain('tenant'), '--port', `${port}`, '--with-parent']
  if (appUrl) args.push('--app-url', appUrl)
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const url = await new Promise<string>((ready, failed) => {
    let said = ''
    const listen = (chunk: Buffer) => {
      said += chunk
      const hit = /is ready: (\S+)/.exec(said)
      if (hit?.[1]) ready(hit[1])
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    const words = () => said.replaceAll(/^oidc-provider WARNING: Unsupported runtime.*$/gm, '').trim()
    child.once('exit', () => failed(new Error(words() || 'The simulated tenant ended without a word.')))
    child.once('error', failed)
  })
  child.stdout.removeAllListeners('data').resume()
  child.stderr.removeAllListeners('data').on('data', (chunk) => process.stderr.write(chunk))
  return {
    ...connectTenant(url),
    pid: child.pid as number,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** A tenant that runs already, wherever. */
export function connectTenant(url: string): Omit<TenantProcess, 'pid' | 'stop'> {
  const call = async (method: string, path: string, body?: unknown) => {
    const init =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const answer = await fetch(url + path, { method, ...init })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
    return answer.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text
  }
  const control: TenantProcess['control'] = (method, path, body) => call(method, `/control${path}`, body)
  return {
    url,
    settings: () => tenantSettings(url),
    token(who, options = {}) {
      const query = new URLSearchParams({ as: who })
      for (const [name, value] of Object.entries(options))
        query.set(name, value === true ? '1' : typeof value === 'object' ? JSON.stringify(value) : `${value}`)
      return call('GET', `/token?${query}`)
    },
    mails: (to) => call('GET', `/mailbox.json?${new URLSearchParams(to === undefined ? {} : { to })}`),
    async holds(who, role, scope = '/') {
      return (await control('GET', `/holds?${new URLSearchParams({ principal: who, role, scope })}`)).holds
    },
    fault: (spec) => control('POST', '/faults', spec),
    clearFaults: () => control('DELETE', '/faults'),
    lag: (spec) => control('PUT', '/lag', spec),
    control,
  }
}

const tenantSettings = (url: string): Record<string, string> => ({
  ENTRA_TENANT_ID: TENANT_ID,
  ENTRA_CLIENT_ID: CLIENT_ID,
  ENTRA_CLIENT_SECRET: CLIENT_SECRET,
  ENTRA_AUTHORITY: url,
  GRAPH_URL: `${url}/v1.0`,
  ARM_URL: url,
  AZURE_SCOPES: scopes.contoso,
  MAIL_CONNECTION: `endpoint=${url};accesskey=${MAIL_KEY}`,
  MAIL_FROM,
  MFA_AUTHENTICATION_CONTEXT: AUTHENTICATION_CONTEXT,
  BREAK_GLASS_IDS: `${people.breakglass1.id},${people.breakglass2.id}`,
  LOCAL_CLOCK_URL: `${url}/control/clock`,
})
