import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from './stack.ts'

const USAGE = `npm run test:journeys                            every story, on stacks of their own
npm run test:journeys -- --url http://…          those that need no hand on the clock, on a host that runs already
                         --tenant http://…       the simulated tenant of that host, unless http://127.0.0.1:7072`

type Report = {
  success: boolean
  numTotalTests: number
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
}

async function main(): Promise<number> {
  const { url, tenant } = parseArgs({
    options: { url: { type: 'string' }, tenant: { type: 'string' } },
  }).values
  if (url) {
    await mustAnswer(`${url.replace(/\/$/, '')}/api/health`, 'the host')
    await mustAnswer(`${tenant ?? 'http://127.0.0.1:7072'}/control/clock`, 'the simulated tenant')
  }
  const { code, report } = await runStories({
    ...(url && { JOURNEYS_URL: url }),
    ...(tenant && { JOURNEYS_TENANT: tenant }),
  })
  if (!report) {
    console.error('The stories did not run to their end.')
    return code || 1
  }
  const { numPassedTests: passed, numFailedTests: failed, numTotalTests: total } = report
  const where = url ?? 'stacks of their own'
  const left = total - passed - failed
  const why = left > 0 ? ` ${left} were left out: they move the clock, kill the host or cause an outage.` : ''
  console.log(
    `\n${passed + failed} of ${total} stories ran on ${where}: ${passed} passed, ${failed} failed.${why}`,
  )
  return passed > 0 && failed === 0 && report.success ? code : code || 1
}

async function mustAnswer(address: string, what: string): Promise<void> {
  const answer = await fetch(address).catch((error) => ({ ok: false, status: `${error.cause ?? error}` }))
  if (!answer.ok) throw new Error(`${what} does not answer at ${address}: ${answer.status}`)
}

/** One file after the other: on a shared host they change the settings of the same roles. */
async function runStories(
  env: Record<string, string>,
): Promise<{ code: number; report: Report | undefined }> {
  const folder = await mkdtemp(join(tmpdir(), 'interim-journeys-'))
  const file = join(folder, 'report.json')
  try {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const child = spawn(
      process.execPath,
      [vitest, 'run', '--project', 'journeys', '--no-file-parallelism', ...reporters],
      { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } },
    )
    const [code] = (await once(child, 'exit')) as [number | null]
    const text = await readFile(file, 'utf8').catch(() => undefined)
    return { code: code ?? 1, report: text === undefined ? undefined : (JSON.parse(text) as Report) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  process.exitCode = 1
}
