import { randomUUID } from 'node:crypto'
import { rulesFor, type Wants } from '../../local/demo/rules.ts'
import { Actor, type Asked, accepted } from './actor.ts'
import type { World } from './world.ts'

type Relation = 'member' | 'owner'

/** A group of the tenant, as somebody asks for a place in it. */
class GroupInStory {
  readonly id: string
  readonly short: string
  private readonly world: World

  constructor(world: World, { id, short }: { id: string; short: string }) {
    this.world = world
    this.id = id
    this.short = short
  }

  as(roleDefinitionId: Relation) {
    return { provider: 'group', roleDefinitionId, scope: `/groups/${this.id}` }
  }

  /** Read back from the tenant. */
  async has({ short }: { short: string }, relation: Relation = 'member'): Promise<boolean> {
    const query = new URLSearchParams({ principal: short, role: this.short, relation: `${relation}s` })
    return (await this.world.tenant.control('GET', `/holds?${query}`)).holds
  }

  /** What somebody does to the group in the admin centre. */
  outside(method: 'PUT' | 'DELETE', { short }: { short: string }, relation: Relation = 'member') {
    return this.world.tenant.control(method, `/groups/${this.short}/${relation}s/${short}`)
  }

  isDeleted() {
    return this.world.tenant.control('DELETE', `/groups/${this.short}`)
  }
}

/** Ada wants to be in a group that Olga owns; Grace approves where that is asked for; Katherine administers everything. */
export async function groupStory(world: World, more: object = {}) {
  const run = randomUUID().slice(0, 8)
  const meet = async (name: string, displayName: string) =>
    new Actor(
      world,
      await world.tenant.control('POST', '/people', { short: `${name}-${run}`, displayName }),
      '',
    )
  const newGroup = async (displayName: string, given: object = {}) => {
    const short = `${displayName.toLowerCase().replaceAll(' ', '-')}-${run}`
    return new GroupInStory(
      world,
      await world.tenant.control('POST', '/groups', { short, displayName, ...given }),
    )
  }
  const [ada, grace, olga] = await Promise.all([
    meet('ada', 'Ada Lovelace'),
    meet('grace', 'Grace Hopper'),
    meet('olga', 'Olga Ladyzhenskaya'),
  ])
  const katherine = new Actor(world, { id: '', short: 'katherine' }, '')
  const group = await newGroup('Operators', { owners: [olga.short], ...more })

  const triesToMakeEligible = ({ id: principalId }: { id: string }, role: object, by: Actor = katherine) =>
    by.calls('POST', '/api/eligibilities', { principalId, ...role })

  return {
    ada,
    grace,
    olga,
    katherine,
    group,
    meet,
    newGroup,
    triesToMakeEligible,
    makeEligible(principal: { id: string }, role: object, by: Actor = katherine) {
      return accepted<{ id: string }>(201, triesToMakeEligible(principal, role, by))
    },
    setRules(relation: Relation, wants: Wants, by: Actor = katherine) {
      const path = `/api/roles/${relation}/settings?provider=group&scope=/groups/${group.id}`
      return accepted(200, by.calls('PATCH', path, { rules: rulesFor(wants) }))
    },
    becomes: (request: { id: string }, status: Asked['status']): Promise<Asked> =>
      world.look(
        () => katherine.sees(request),
        (seen) => seen.status === status,
      ),
  }
}
