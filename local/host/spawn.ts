import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { builtMain } from '../built.ts'
import { freePort } from '../free-port.ts'

export type HostOptions = {
  /** The folder of the app; this repository when it is not given. */
  root?: string
  port?: number
  /** Settings for the app and the host; nothing of our own environment but what a process needs. */
  env: Record<string, string>
}

export type HostProcess = {
  url: string
  port: number
  pid: number
  /** All it has printed so far. */
  output(): string
  /** Resolves when nothing is running and nothing is due. */
  idle(): Promise<void>
  /** Walks the clock on by a duration such as PT8H. */
  advance(duration: string): Promise<Moved>
  /** Walks the clock to an instant. */
  moveTo(instant: string): Promise<Moved>
  /** Moves the clock by a duration, or to an instant, at once: as if the host had slept. */
  jump(to: string): Promise<Moved>
  /** Resolves when the process that runs now has ended, however. */
  ended(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGTERM. */
  stop(): Promise<void>
  /** A new process on the same port with the same settings. */
  restart(): Promise<void>
}
export type Moved = { now: string; offset: number; walked: number }

const READY = /^Interim local host is ready: (\S+)$/m

/** Starts the built host as a process of its own; rejects with what it said when it does not get ready. */
export async function spawnHost(options: HostOptions): Promise<HostProcess> {
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  let said = ''
  let child: ChildProcess

  const start = async () => {
    const args = [builtMain('host'), '--root', options.root ?? process.cwd(), '--port', `${port}`]
    child = spawn(process.execPath, args, {
      env: { ...minimalEnvironment(), ...options.env },
      // The fourth is never spoken on: when it closes, the host knows that we are gone.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const from = said.length
    let isReady = false
    await new Promise<void>((ready, failed) => {
      const listen = (chunk: Buffer) => {
        said += chunk
        // Only until then: what a long story says is long, and would be read from its beginning at every line.
        if (!isReady && READY.test(said.slice(from))) {
          isReady = true
          ready()
        }
      }
      child.stdout?.on('data', listen)
      child.stderr?.on('data', listen)
      child.once('close', (code) =>
        failed(new Error(`The local host ended with code ${code}: ${said.slice(from).trim()}`)),
      )
    })
  }
  await start()

  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
  const post = async (path: string, body: object = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${text}`)
    return text
  }
  const move = async (body: object) => JSON.parse(await post('/admin/clock', body)) as Moved

  return {
    url,
    port,
    get pid() {
      return child.pid as number
    },
    output: () => said,
    idle: async () => void (await post('/admin/idle')),
    advance: (advance) => move({ advance }),
    moveTo: (to) => move({ to }),
    jump: (to) => move({ ...(to.startsWith('P') ? { advance: to } : { to }), jump: true }),
    ended: async () => {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async restart() {
      await end('SIGKILL')
      await start()
    },
  }
}

function minimalEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries(kept) as Record<string, string>
}
