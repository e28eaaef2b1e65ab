import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Refusal } from '../refusal.ts'
import { parseJson } from '../settings.ts'
import type { AppRegistry } from './core-module.ts'
import { entryFiles } from './entry-files.ts'

/** Loads the entry files one after another, runs the appStart hooks and closes registration. */
export async function loadApp(root: string, app: AppRegistry): Promise<void> {
  const path = join(root, 'package.json')
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Refusal([`There is no package.json in ${root}.`])
  })
  const { main, type } = parseJson<{ main?: string; type?: string }>(path, text)
  if (!main) throw new Refusal([`${path} has no "main": it names the entry file of the app.`])
  const files = await entryFiles(resolve(root), main)
  if (files.length === 0) throw new Refusal([`${path}: main "${main}" matches no file.`])

  for (const file of files) {
    const isModule = file.endsWith('.mjs') || (type === 'module' && !file.endsWith('.cjs'))
    try {
      if (isModule) await import(pathToFileURL(file).href)
      else createRequire(file)(file)
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      throw Object.assign(new Refusal([`The entry file ${file} failed to load: ${said}`]), { cause: error })
    }
  }

  const hookContext = { hookData: {}, appHookData: {}, functionAppDirectory: root }
  for (const hook of app.hooks.appStart) await hook(hookContext)
  await app.model()?.getCapabilities?.({
    RawHttpBodyBytes: 'true',
    RpcHttpBodyOnly: 'true',
    UseNullableValueDictionaryForHttp: 'true',
  })
  app.lock()
}
