import { randomUUID } from 'node:crypto'
import { type Answer, call } from '../../local/demo/caller.ts'
import { azureRoles } from '../../local/tenant/arm/seed-azure.ts'
import { people, roles, servicePrincipals } from '../../local/tenant/seed.ts'
import type { Role } from '../../src/domain/role.ts'
import { accepted } from './actor.ts'
import { daily } from './daily.ts'
import { PRINCIPALS, type Principal, TARGETS, type Target, TYPES, type Type, unfit } from './matrix.ts'
import type { World } from './world.ts'

export type Somebody = { id: string; short: string }
export const ROUTES = { eligible: '/api/eligibilities', active: '/api/requests' } as const
type Route = (typeof ROUTES)[Type]
export const justification = 'CHG-7'
const lasting = (duration: string) => ({ expiration: { type: 'afterDuration', duration } })

/** Somebody who has it for ten days, and somebody like them who had it for ten minutes; by the ids of what they were given. */
export type Holder = { target: Target; principal: Principal; has: Given; had: Given }
export type Given = { who: Somebody } & Partial<Record<Type, string>>
/** Somebody who has activated what they are eligible for, for an hour. */
export type Activated = { target: Target; principal: Principal; who: Somebody }

export const everywhere = <T, U>(some: readonly T[], make: (target: Target, each: T) => U): U[] =>
  TARGETS.flatMap((target) => some.map((each) => make(target, each)))

/** A role of each provider with default settings, who administers it, and people as fresh as one likes. */
export class MatrixGround {
  readonly roles: Record<Target, Role>
  now = new Date()
  holders: Holder[] = []
  activated: Activated[] = []
  private readonly world: World
  private readonly tokens = new Map<string, Promise<string>>()

  private constructor(world: World, subscription: string, group: string) {
    this.world = world
    const ofGroup = (roleDefinitionId: string): Role => ({
      provider: 'group',
      roleDefinitionId,
      scope: `/groups/${group}`,
    })
    this.roles = {
      directory: { provider: 'directory', roleDefinitionId: roles.reportsReader.id, scope: '/' },
      azure: { provider: 'azure', roleDefinitionId: azureRoles.reader.name, scope: subscription },
      'group member': ofGroup('member'),
      'group owner': ofGroup('owner'),
    }
  }

  static async prepare(world: World): Promise<MatrixGround> {
    const { tenant } = world
    const { id } = await tenant.control('POST', '/azure/subscriptions', { displayName: 'Matrix' })
    await tenant.control('POST', '/azure/role-assignments', { principal: 'alan', role: 'Owner', scope: id })
    const group = await tenant.control('POST', '/groups', { short: 'matrix', owners: ['grace'] })
    const ground = new MatrixGround(world, id, group.id)
    ground.now = await world.now()
    // Of the day's third each target has a person, and each kind of principal some target.
    const fit = daily(
      everywhere(PRINCIPALS, (target, principal) => ({ target, principal })),
      3,
    ).filter(({ target, principal }) => !unfit(principal, target, 'active'))
    ground.holders = await Promise.all(fit.map((each) => ground.hold(each.target, each.principal)))
    ground.activated = await Promise.all(
      everywhere(['user', 'guest'] as const, (target, principal) => ground.activate(target, principal)),
    )
    await world.host.idle()
    return ground
  }

  /** Somebody of this kind whom nobody has met; of what there is only one, that one. */
  async somebody(kind: Principal): Promise<Somebody> {
    const short = `m-${randomUUID()}`
    const { tenant } = this.world
    switch (kind) {
      case 'unknown':
        return { id: randomUUID(), short }
      case 'break-glass account':
        return people.breakglass1
      case 'service principal':
        return servicePrincipals.deployer
      case 'plain group':
        return tenant.control('POST', '/groups', { short })
      case 'role-assignable group':
        return tenant.control('POST', '/groups', { short, isAssignableToRole: true })
      case 'guest':
        return tenant.control('POST', '/people', { short, userType: 'Guest' })
      case 'disabled user':
        return tenant.control('POST', '/people', { short, accountEnabled: false })
      case 'user':
        return tenant.control('POST', '/people', { short })
    }
  }

  administers(target: Target, path: Route, body: object): Promise<Answer> {
    return this.sends(target === 'azure' ? people.alan : people.katherine, path, body)
  }

  /** By whoever it is: of somebody unknown with the token of one who was deleted since. */
  async sends({ id, short }: Somebody, path: string, body: object): Promise<Answer> {
    const token = this.tokens.get(id) ?? this.tokenOf(id, short)
    this.tokens.set(id, token)
    return call(this.world.url, await token, 'POST', path, body)
  }

  private tokenOf(id: string, short: string): Promise<string> {
    const { tenant } = this.world
    if (Object.values(servicePrincipals).some((each) => each.id === id))
      return tenant.token(short, { app: 1 })
    return tenant.token(short, {}).catch(() => tenant.token('mallory', { set: { oid: id } }))
  }

  private async hold(target: Target, principal: Principal): Promise<Holder> {
    const isApplication = principal === 'service principal' // of which there are not so many
    const has: Given = { who: await this.somebody(principal) }
    const had: Given = { who: isApplication ? servicePrincipals.reporting : await this.somebody(principal) }
    for (const type of TYPES)
      if (!unfit(principal, target, type)) {
        has[type] = await this.give(target, type, has.who, 'P10D')
        had[type] = await this.give(target, type, had.who, 'PT10M')
      }
    return { target, principal, has, had }
  }

  private async activate(target: Target, principal: Principal): Promise<Activated> {
    const who = await this.somebody(principal)
    await this.give(target, 'eligible', who, 'P10D')
    await accepted(201, this.sends(who, '/api/requests', this.activation(target, 'selfActivate', 'PT1H')))
    return { target, principal, who }
  }

  /** Of what there is only one, that one may have it. */
  isHeldAlready(target: Target, principal: Principal): boolean {
    return (
      principal === 'service principal' &&
      this.holders.some((each) => each.target === target && each.principal === principal)
    )
  }

  activation(target: Target, action: 'selfActivate' | 'selfExtend', duration: string): object {
    return { action, ...this.roles[target], justification, scheduleInfo: lasting(duration) }
  }

  private async give(target: Target, type: Type, to: Somebody, duration: string): Promise<string> {
    const body = {
      action: 'adminAssign',
      principalId: to.id,
      ...this.roles[target],
      justification,
      scheduleInfo: lasting(duration),
    }
    const { id } = await accepted<{ id: string }>(201, this.administers(target, ROUTES[type], body))
    return id
  }
}
