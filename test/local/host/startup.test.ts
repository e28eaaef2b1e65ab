import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { freePort } from '../../../local/free-port.ts'
import { loadHostJson } from '../../../local/host/host-json.ts'
import { spawnHost } from '../../../local/host/spawn.ts'
import { appFolder, newHub, startApp } from './support.ts'

const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true })
})

/** An app made for one test, where it finds the packages of this repository. */
function makeApp(code: string, more: Record<string, unknown> = {}): string {
  const root = mkdtempSync(join(appFolder('.'), '.made-'))
  made.push(root)
  const files: Record<string, unknown> = {
    'package.json': { main: 'index.js' },
    'host.json': { version: '2.0' },
    'index.js': `const { app, output, input } = require('@azure/functions'); ${code.includes('df.') ? "const df = require('durable-functions');" : ''} ${code}`,
    ...more,
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}
const start = async (root: string, env: Record<string, string> = {}, port?: number) => {
  const settings = { AzureWebJobsStorage: inject('storage'), ...env }
  const host = await spawnHost({ root, env: settings, ...(port === undefined ? {} : { port }) })
  await host.kill()
  return host.output()
}
const handler = 'handler: () => ({})'

describe('the host does not start, and names all it does not do:', () => {
  let said = ''
  beforeAll(async () => {
    const root = makeApp(`
      app.storageBlob('pictures', { path: 'x/{name}', connection: 'AzureWebJobsStorage', ${handler} })
      app.eventGrid('news', { ${handler} })
      df.app.entity('counter', () => undefined)
      app.http('sends', { extraOutputs: [output.storageQueue({ queueName: 'q', connection: '' })], ${handler} })
      app.http('reads', { extraInputs: [input.storageBlob({ path: 'a/b', connection: '' })], ${handler} })
      app.timer('again', { schedule: '0 * * * * *', retry: { strategy: 'fixedDelay', maxRetryCount: 1, delayInterval: 1000 }, ${handler} })`)
    said = await start(root).catch((error) => error.message)
  })

  test.each([
    'The local host ended with code 1:',
    'Function pictures: blobTrigger is not supported by the local host.',
    'Function news: eventGridTrigger is not supported by the local host.',
    'Function counter: entityTrigger is not supported by the local host.',
    'Function sends: the output binding queue is not supported by the local host.',
    'Function reads: the input binding blob is not supported by the local host.',
    'Function again: retry options are not supported by the local host.',
  ])('%s', (words) => {
    expect(said).toContain(words)
  })
})

describe.concurrent('the host does not start, and says why:', () => {
  test.each([
    [
      'a schedule that is none',
      `app.timer('never', { schedule: 'at noon', ${handler} })`,
      'Function never: the schedule "at noon" is not an NCRONTAB expression of 5 or 6 fields.',
    ],
    [
      'a setting that is missing',
      `app.timer('unset', { schedule: '%NO_SUCH_SETTING%', ${handler} })`,
      'Function unset: the setting NO_SUCH_SETTING is not set.',
    ],
    [
      'a connection without a connection string',
      `app.storageQueue('q', { queueName: 'q', connection: 'Elsewhere', ${handler} })`,
      'Function q: Elsewhere is an identity-based connection, which the local host does not support; give a connection string.',
    ],
    [
      'two functions of one name, in whatever case',
      `app.http('twin', { ${handler} }); df.app.activity('Twin', { ${handler} })`,
      'A function with id "Twin" has already been registered.',
    ],
    ['an entry file that throws', `throw new Error('broken entry')`, 'failed to load: broken entry'],
    [
      'a route constraint nobody knows',
      `app.http('odd', { route: 'a/{b:colour}', ${handler} })`,
      'Route a/{b:colour}: the constraint "colour" is not known.',
    ],
  ])('%s', async (_, code, words) => {
    const failure = start(makeApp(code), { Elsewhere__queueServiceUri: 'http://127.0.0.1' })
    await expect(failure).rejects.toThrow('ended with code 1')
    await expect(failure).rejects.toThrow(words)
  })

  test.each([
    [{ version: '1.0' }, 'host.json: version must be "2.0".'],
    [{ version: '2.0', retry: { strategy: 'fixedDelay' } }, 'host.json: retry is not supported'],
    [
      { version: '2.0', extensions: { blobs: { maxDegreeOfParallelism: 4 } } },
      'host.json: extensions.blobs is not supported',
    ],
    [
      { version: '2.0', extensions: { durableTask: { extendedSessionsEnabled: true } } },
      'host.json: extensions.durableTask.extendedSessionsEnabled = true is not supported',
    ],
    [
      { version: '2.0', functionTimeout: 'five minutes' },
      'functionTimeout = "five minutes" is not a time span',
    ],
    [{ version: '2.0', extensions: { durableTask: { hubName: '%UNSET%' } } }, 'the setting UNSET is not set'],
    ['{ nothing', 'is not valid JSON'],
  ])('a host.json with %j', async (hostJson, words) => {
    await expect(loadHostJson(makeApp('', { 'host.json': hostJson }))).rejects.toThrow(words)
  })

  test('a main that matches no file', async () => {
    const root = makeApp('', { 'package.json': { main: 'dist/*.js' } })
    await expect(start(root)).rejects.toThrow('main "dist/*.js" matches no file.')
  })

  test('storage that is needed and not set', async () => {
    const root = makeApp(`app.timer('tick', { schedule: '0 * * * * *', ${handler} })`)
    await expect(start(root, { AzureWebJobsStorage: '' })).rejects.toThrow(
      'The setting AzureWebJobsStorage is not set; function tick needs it.',
    )
  })

  test('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => other.once('listening', listening))
    const { port } = other.address() as { port: number }
    await expect(start(makeApp(''), {}, port)).rejects.toThrow(
      `ended with code 1: Port ${port} is in use by another program.`,
    )
    other.close()
  })
})

describe.concurrent('the host starts', () => {
  test('and says so in one line', async () => {
    const port = await freePort()
    expect(await start(makeApp(''), {}, port)).toBe(`Interim local host is ready: http://127.0.0.1:${port}\n`)
  })

  test('with the values of local.settings.json, where the environment wins', async () => {
    const code = `app.http('env', { handler: () => ({ jsonBody: { a: process.env.A, b: process.env.B, host: process.env.WEBSITE_HOSTNAME, kind: process.env.AZURE_FUNCTIONS_ENVIRONMENT } }) })`
    const root = makeApp(code, { 'local.settings.json': { Values: { A: 'file', B: 'file' } } })
    const host = await spawnHost({ root, env: { A: 'real' } })
    expect(await (await fetch(`${host.url}/api/env`)).json()).toEqual({
      a: 'real',
      b: 'file',
      host: `127.0.0.1:${host.port}`,
      kind: 'Development',
    })
    await host.stop()
  })

  test('on what the app logs: as much as host.json lets through', async () => {
    const code = `app.http('talks', { handler: (_, context) => { context.log('quiet words'); context.warn('a warning'); return {} } })`
    const root = makeApp(code, {
      'host.json': { version: '2.0', logging: { logLevel: { default: 'Information', Function: 'Warning' } } },
    })
    const host = await spawnHost({ root, env: {} })
    await fetch(`${host.url}/api/talks`)
    await host.stop()
    expect(host.output()).toContain('warning talks a warning')
    expect(host.output()).not.toContain('quiet words')
  })

  test('again on the same port after it was asked to stop', async () => {
    const host = await startApp('durable', { TASKHUB_NAME: newHub() })
    const { pid } = host
    await host.stop()
    await host.restart()
    expect(host.pid).not.toBe(pid)
    expect((await fetch(`${host.url}/admin/host/ping`)).status).toBe(200)
  })

  test('an activity that takes longer than functionTimeout fails', async () => {
    const code = `
      df.app.activity('endless', { handler: () => new Promise((wake) => setTimeout(wake, 2000)) })
      df.app.orchestration('waits', function* (context) { yield context.df.callActivity('endless') })`
    const root = makeApp(code, { 'host.json': { version: '2.0', functionTimeout: '00:00:01' } })
    const host = await spawnHost({ root, env: { AzureWebJobsStorage: inject('storage') } })
    const base = `${host.url}/runtime/webhooks/durabletask`
    const { id } = (await (await fetch(`${base}/orchestrators/waits`, { method: 'POST' })).json()) as {
      id: string
    }
    await host.idle()
    const { output } = (await (await fetch(`${base}/instances/${id}`)).json()) as { output: string }
    await host.kill()
    expect(output).toContain('Timeout value of 00:00:01 was exceeded by function: endless')
  })
})
