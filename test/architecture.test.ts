import { readdirSync, readFileSync } from 'node:fs'
import { cruise, type IConfiguration } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { describe, expect, test } from 'vitest'
// @ts-expect-error: plain JavaScript, as dependency-cruiser wants it
import untyped from '../.dependency-cruiser.mjs'

const config = untyped as IConfiguration

async function violations(only?: string): Promise<{ seen: number; found: string[] }> {
  const forbidden = config.forbidden?.filter(({ name }) => !only || name === only) ?? []
  const { output } = await cruise(
    ['functions', 'src', 'local'],
    { ...config.options, ruleSet: { forbidden }, validate: true },
    undefined,
    { tsConfig: extractTSConfig('tsconfig.json') },
  )
  if (typeof output === 'string') throw new Error(output)
  return {
    seen: output.summary.totalCruised,
    found: output.summary.violations.map((each) => `${each.rule.name}: ${each.from} → ${each.to}`),
  }
}

test('every room imports only from the rooms it may', async () => {
  const { seen, found } = await violations()
  expect(seen).toBeGreaterThan(120) // a cruise that sees nothing approves of everything
  expect(found).toEqual([])
}, 60_000)

const sources = ['src', 'functions'].flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${room}/${name.replaceAll('\\', '/')}`)
    .map((file) => ({ file, text: readFileSync(file, 'utf8') })),
)

describe('what imports do not show', () => {
  test('only one file reads the environment', () => {
    expect(sources.length).toBeGreaterThan(60)
    expect(sources.filter(({ text }) => /process\.env/.test(text)).map(({ file }) => file)).toEqual([
      'src/app.ts',
    ])
  })

  test('the clock is read by the ports only: nothing else asks what time it is', () => {
    const asks = sources.filter(({ text }) => /new Date\(\)|Date\.now\(\)|Math\.random\(\)/.test(text))
    expect(asks.map(({ file }) => file)).toEqual(['src/app.ts'])
  })

  test('only adapters fetch', () => {
    const fetching = sources.filter(({ text }) => /\bfetch\(/.test(text)).map(({ file }) => file)
    expect(fetching.filter((file) => !file.startsWith('src/adapters/'))).toEqual([])
  })
})
