import { parseArgs } from 'node:util'
import { startStack } from '../stack.ts'
import type { FaultSpec } from '../tenant/control/faults.ts'
import { tellOfAzureRole } from './azure-role.ts'
import { tellOfDirectoryRole } from './directory-role.ts'
import { tellOfGroup } from './group.ts'
import { setStage } from './stage.ts'
import { Teller } from './tell.ts'

/** What can be broken, to see that the story notices. */
const BREAKS: Record<string, FaultSpec> = {
  grant: {
    match: { service: 'graph', method: 'POST', path: 'roleAssignments' },
    kind: 'status',
    status: 403,
  },
  removal: { match: { service: 'graph', method: 'DELETE', path: 'roleAssignments' }, kind: 'status' },
  mail: { match: { service: 'mail' }, kind: 'status' },
  'sign-in': { match: { service: 'signin', path: 'authorize' }, kind: 'status' },
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { break: { type: 'string' } } })
  const fault = values.break === undefined ? undefined : BREAKS[values.break]
  if (values.break !== undefined && !fault) {
    console.error(`npm run demo -- --break ${Object.keys(BREAKS).join(' | ')}`)
    return 2
  }
  const tell = new Teller()
  tell.title(
    'Interim: privileged access, for now.',
    'Storage, a simulated tenant and the host start on this machine. Nothing leaves it, and the clock is moved.',
  )
  const stack = await startStack()
  try {
    if (fault) await stack.tenant.fault({ ...fault, times: 'forever' })
    const stage = setStage(stack, tell)
    await tellOfDirectoryRole(stack, stage, tell)
    await tellOfAzureRole(stage, tell)
    await tellOfGroup(stage, tell)
    tell.end()
    return 0
  } catch (error) {
    tell.brokenBy(error as Error)
    return 1
  } finally {
    await stack.stop()
  }
}

process.exitCode = await main()
