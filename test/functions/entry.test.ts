import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { routes } from '../../functions/routes/index.ts'
import { createActivities } from '../../src/activities/index.ts'
import { workflows } from '../../src/workflows/index.ts'
import { world } from '../fakes/world.ts'

const SETTINGS = {
  ENTRA_TENANT_ID: 'aaaaaaaa-0000-4000-8000-00000000c0de',
  ENTRA_CLIENT_ID: 'aaaaaaaa-0000-4000-8000-00000000c11d',
  ENTRA_CLIENT_SECRET: 'a secret to nobody',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  MAIL_CONNECTION: 'endpoint=http://127.0.0.1:1/;accesskey=AAAA',
  MAIL_FROM: 'interim@contoso.example',
  LINK_SIGNING_KEYS: 'x'.repeat(40),
  PUBLIC_URL: 'https://interim.example',
}
const { main } = JSON.parse(readFileSync('package.json', 'utf8')) as { main: string }

/** What is deployed (infra/scripts/package.sh): there are no node_modules beside it. */
const deployed = mkdtempSync(join(tmpdir(), 'deployed-'))
cpSync('dist/app', join(deployed, 'dist/app'), { recursive: true })
cpSync('package.json', join(deployed, 'package.json'))
afterAll(() => rmSync(deployed, { recursive: true }))

/** Loads it as Microsoft's worker does, which answers to `require`, in a process of its own; asks what it has registered. */
function load(env: Record<string, string>) {
  const program = `
    import { createRequire } from 'node:module'
    const require = createRequire(process.cwd() + '/x.js')
    const Module = require('node:module')
    const registered = []
    const core = {
      version: '4', hostVersion: '4.1037.0', getProgrammingModel: () => undefined,
      setProgrammingModel() {}, registerHook: () => ({ dispose() {} }), Disposable: class {},
      registerFunction: (metadata) => { registered.push([metadata.name, Object.values(metadata.bindings).map(({ type }) => type)]) },
    }
    Module.prototype.require = new Proxy(Module.prototype.require, {
      apply: (given, on, asked) => (asked[0] === '@azure/functions-core' ? core : Reflect.apply(given, on, asked)),
    })
    await import(process.cwd() + '/${main}')
    console.log('REGISTERED' + JSON.stringify(registered))
  `
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: process.env.PATH ?? '', ...env },
    cwd: deployed,
    encoding: 'utf8',
    timeout: 15_000,
  })
  const said = /^REGISTERED(.*)$/m.exec(stdout)?.[1]
  return { stderr, registered: said ? (JSON.parse(said) as [name: string, bindings: string[]][]) : undefined }
}

test('the built app loads and registers every route, workflow and activity, the queues and the sweep, and no more', () => {
  const { registered, stderr } = load(SETTINGS)
  if (!registered) throw new Error(`it did not load: ${stderr}`)
  const names = registered.map(([name]) => name)
  expect([...names].sort()).toEqual(
    [
      ...routes.map(({ name }) => name),
      ...Object.keys(workflows),
      ...Object.keys(createActivities(world().ports)),
      'outbox',
      'forgetFinishedWorkflows',
      'outboxPoison',
      'webhooks',
      'webhooksPoison',
      'sweep',
      'drift',
      'digest',
    ].sort(),
  )
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
})

test('wrong settings are told at once and by name, and nothing starts', () => {
  const { registered, stderr } = load({
    ...SETTINGS,
    ENTRA_TENANT_ID: 'contoso',
    LINK_SIGNING_KEYS: 'short',
    MAIL_FROM: '',
  })
  expect(registered).toBeUndefined()
  for (const name of ['ENTRA_TENANT_ID', 'LINK_SIGNING_KEYS', 'MAIL_FROM']) expect(stderr).toContain(name)
  expect(stderr).not.toContain('short')
})
