import { readFile } from 'node:fs/promises'
import { type PolicyFault, PolicyFile, policyFaults } from '../../src/domain/policy-file.ts'

/** Reads a policy file and judges it by itself: by the very schemas and rules that the API judges by. */
export async function readPolicy(
  path: string,
): Promise<{ file: PolicyFile | undefined; faults: PolicyFault[] }> {
  const text = await readFile(path, 'utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { file: undefined, faults: [{ code: 'InvalidRequestBody', path, message: `${error}` }] }
  }
  const parsed = PolicyFile.safeParse(json)
  if (parsed.success) return { file: parsed.data, faults: policyFaults(parsed.data) }
  const faults = parsed.error.issues.map((issue) => ({
    code: 'InvalidValue',
    path: issue.path.join('.') || path,
    message: issue.message,
  }))
  return { file: undefined, faults }
}
