import { apply } from './apply.ts'
import { connectApi } from './client.ts'
import { readPolicy } from './file.ts'
import { planOf, type Step } from './plan.ts'

const USAGE = `Usage: npm run policy -- check|plan|apply FILE

  check   is the file sound? Asks nobody.              0: it is, 1: it is not
  plan    what would change?  Changes nothing.         0: nothing, 2: something, 1: it could not be told
  apply   makes it so; safe to repeat.                 0: it is so, 2: some of it waits for a second person, 1: some of it failed

plan and apply call the API at POLICY_URL (http://127.0.0.1:7071 if not set) with the access token in POLICY_TOKEN.`

const [command = '', path = ''] = process.argv.slice(2)
try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function main(): Promise<number> {
  if (!['check', 'plan', 'apply'].includes(command) || !path) throw new Error(USAGE)
  const { file, faults } = await readPolicy(path)
  for (const fault of faults) console.error(`${fault.path}: ${fault.code}: ${fault.message}`)
  if (!file || faults.length > 0) return 1
  if (command === 'check') {
    console.log('The file is sound.')
    return 0
  }
  const { POLICY_URL = 'http://127.0.0.1:7071', POLICY_TOKEN } = process.env
  if (!POLICY_TOKEN) throw new Error('POLICY_TOKEN is not set: an access token of an administrator.')
  const api = connectApi(POLICY_URL, POLICY_TOKEN)
  const steps = await planOf(api, file, new Date())
  if (steps.length === 0) {
    console.log('Nothing to change: all is as the file says.')
    return 0
  }
  return command === 'plan' ? show(steps) : apply(api, steps)
}

function show(steps: readonly Step[]): number {
  for (const { title, lines } of steps) console.log([title, ...lines].join('\n'))
  console.log(
    `\n${steps.length} to change, all of it here. In the tenant nothing changes at once: what is activated stays until its end.`,
  )
  return 2
}
