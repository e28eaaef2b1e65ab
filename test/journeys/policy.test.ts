import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../../local/stack.ts'
import { people, roles } from '../../local/tenant/seed.ts'
import { Actor, accepted } from '../support/actor.ts'
import { daily } from '../support/daily.ts'
import { isForeign, useWorld } from '../support/world.ts'

const world = useWorld()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interim-policy-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const example = async () => JSON.parse(await readFile(join(ROOT, 'examples/policy.json'), 'utf8'))

/** The command as anybody runs it, Katherine's token in its environment. */
async function policy(
  command: string,
  file: object,
  more: Record<string, string> = {},
): Promise<{ code: number | null; out: string }> {
  const path = join(folder, 'policy.json')
  await writeFile(path, JSON.stringify(file))
  const env = {
    ...process.env,
    POLICY_URL: world.url,
    POLICY_TOKEN: await world.tenant.token('katherine', { mfa: 1 }),
    ...more,
  }
  const child = spawn(process.execPath, [join(ROOT, 'dist/local/policy.js'), command, path], { env })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      out += text
    })
  const code = await new Promise<number | null>((ended) => child.on('close', ended))
  return { code, out }
}

const katherine = () => new Actor(world, { id: '', short: 'katherine' }, roles.groupsAdministrator.id)
const settingsOf = (role: { id: string }) =>
  accepted<any>(200, katherine().calls('GET', `/api/roles/${role.id}/settings`))
const longest = (maximumDuration: string) => ({
  '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
  id: 'Expiration_EndUser_Assignment',
  isExpirationRequired: true,
  maximumDuration,
})

describe.skipIf(isForeign)('policy from a file', () => {
  test('is planned, applied, and the second time nothing changes; drift is shown and mended', async () => {
    const file = await example()
    const planned = await policy('plan', file)
    expect(planned.out).toContain('+ tier identity-platform')
    expect(planned.out).toContain('~ settings of Global Administrator (directory /)')
    expect(planned.code).toBe(2)
    expect((await settingsOf(roles.globalAdministrator)).version).toBe(0)

    const applied = await policy('apply', file)
    expect([applied.code, applied.out.match(/failed/)]).toEqual([0, null])
    expect(applied.out.match(/: done/g)).toHaveLength(3 + file.settings.length + file.eligibilities.length)
    const { tier, rules } = await settingsOf(roles.globalAdministrator)
    expect(tier).toEqual({ name: 'identity-platform', version: 1, driftedRules: [], isOutdated: false })
    expect(rules).toContainEqual(longest('PT1H'))
    expect((await settingsOf(roles.helpdeskAdministrator)).rules).toContainEqual(longest('PT4H'))

    const before = await settingsOf(roles.groupsAdministrator)
    for (const command of ['apply', 'plan']) {
      const again = await policy(command, file)
      expect(again).toEqual({ code: 0, out: 'Nothing to change: all is as the file says.\n' })
    }
    expect(await settingsOf(roles.groupsAdministrator)).toEqual(before)

    const path = `/api/roles/${roles.groupsAdministrator.id}/settings`
    await accepted(200, katherine().calls('PATCH', path, { rules: [longest('P1D')] }))
    const drifted = await policy('plan', file)
    expect(drifted.code).toBe(2)
    expect(drifted.out).toContain(
      '"maximumDuration":"P1D"} → {"isExpirationRequired":true,"maximumDuration":"PT8H"}',
    )
    expect(drifted.out).toContain('harder: maximumDuration P1D → PT8H')
    expect(drifted.out).toContain(`harder for: ${people.linus.displayName}`)
    expect((await policy('apply', file)).code).toBe(0)
    expect((await settingsOf(roles.groupsAdministrator)).tier.driftedRules).toEqual([])
    expect((await policy('plan', file)).code).toBe(0)
  })

  test('whoever else is eligible is removed only where the file says so; an end that differs is changed', async () => {
    const roleDefinitionId = roles.conditionalAccessAdministrator.id
    const scheduleInfo = (endDateTime: string) => ({ expiration: { type: 'afterDateTime', endDateTime } })
    const one = (short: keyof typeof people, more: object = {}) => ({
      principalId: people[short].id,
      roleDefinitionId,
      ...more,
    })
    expect((await policy('apply', { eligibilities: [one('ada'), one('grace')] })).code).toBe(0)
    const only = { eligibilities: [one('ada', { scheduleInfo: scheduleInfo('2099-01-01T00:00:00Z') })] }
    const changed = await policy('apply', only)
    expect([changed.code, changed.out]).toEqual([0, expect.stringContaining('~ eligibility of Ada Lovelace')])
    expect((await policy('plan', only)).code).toBe(0)
    await world.advance('PT6M') // nothing is taken away within its first five minutes
    const removed = await policy('apply', { ...only, removeOtherEligibilities: true })
    expect(removed.out).toContain('- eligibility of Grace Hopper for Conditional Access Administrator: done')
    const { value } = await accepted<any>(
      200,
      katherine().calls('GET', `/api/eligibilities?roleDefinitionId=${roleDefinitionId}`),
    )
    expect(value).toMatchObject([{ principalId: people.ada.id, endDateTime: '2099-01-01T00:00:00.000Z' }])
  })

  test('a file that is not sound is refused without asking anybody, with what is wrong with it', async () => {
    const file = { tiers: { high: { rules: [longest('P2D')] } } }
    for (const command of daily(['check', 'plan', 'apply'], 2)) {
      const { code, out } = await policy(command, file, { POLICY_URL: 'http://127.0.0.1:1' })
      expect(code).toBe(1)
      expect(out).toContain('tiers.high.Expiration_EndUser_Assignment.maximumDuration: InvalidPolicy')
    }
    expect(await policy('check', await example(), { POLICY_TOKEN: '' })).toEqual({
      code: 0,
      out: 'The file is sound.\n',
    })
    expect((await policy('plan', await example(), { POLICY_TOKEN: '' })).out).toContain('POLICY_TOKEN')
    expect((await policy('plan', await example(), { POLICY_URL: 'http://127.0.0.1:1' })).code).toBe(1)
  })

  test('one step that is refused keeps no other from being taken', async () => {
    const nobody = '00000000-0000-4000-8000-00000000dead'
    const { id: roleDefinitionId } = roles.intuneAdministrator
    const eligibilities = [
      { principalId: nobody, roleDefinitionId },
      { principalId: people.ada.id, roleDefinitionId },
    ]
    const { code, out } = await policy('apply', { eligibilities })
    expect(code).toBe(1)
    expect(out).toContain('SubjectNotFound')
    expect(out).toContain(`eligibility of ${people.ada.id} for ${roleDefinitionId} (directory /): done`)
  })
})
