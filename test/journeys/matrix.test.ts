import { beforeAll, describe, expect, test } from 'vitest'
import { daily, isThorough } from '../support/daily.ts'
import {
  asked,
  type Case,
  failing,
  NOT_PERMITTED,
  NOT_THERE,
  ofAdministrators,
  ofPeople,
  otherwise,
  PRINCIPALS,
  type Principal,
  type Target,
  THERE,
  TOO_SHORT,
  TYPES,
  type Type,
  unfit,
  WINDOWS,
  type Window,
  WRONG_SCHEDULE,
} from '../support/matrix.ts'
import {
  type Activated,
  everywhere,
  type Holder,
  justification,
  MatrixGround,
  ROUTES,
  type Somebody,
} from '../support/matrix-ground.ts'
import { isForeign, useWorld } from '../support/world.ts'

const world = useWorld()
let ground: MatrixGround
beforeAll(async () => {
  if (!isForeign) ground = await MatrixGround.prepare(world)
})

const dry = { isValidationOnly: true }
/** Whose it is makes no difference to how it is moved: all windows are tried of people, of others some. */
const windowsFor = (principal: Principal): readonly Window[] =>
  principal === 'user' ? WINDOWS : ['time-bound', 'permanent']

/** Of so many windows for each, every day a seventh: in the end each window. */
const STRIDE = 7

let tried = 0
const tries = async (cases: readonly (Case | readonly Case[])[]) => {
  tried += cases.flat().length
  expect(await otherwise(cases)).toEqual([])
}

describe.skipIf(isForeign)('what administrators give', () => {
  test.each(TYPES)('%s: to everybody, of everything, for any time', async (type) => {
    const combinations = everywhere(PRINCIPALS, (target, principal) =>
      WINDOWS.map((window) => ({ target, principal, window })),
    )
    await tries(
      await Promise.all(
        daily(combinations.flat(), STRIDE).map(async ({ target, principal, window }): Promise<Case> => {
          const { id: principalId } = await ground.somebody(principal)
          const body = {
            action: 'adminAssign',
            principalId,
            ...ground.roles[target],
            justification,
            scheduleInfo: asked(window, ground.now, 'days'),
            ...(type === 'active' && dry),
          }
          const may = unfit(principal, target, type) ?? ofAdministrators(window, target)
          return {
            name: `${type} ${target} ${principal} ${window}`,
            is: may === '201' && ground.isHeldAlready(target, principal) ? THERE : may,
            send: () => ground.administers(target, ROUTES[type], body),
          }
        }),
      ),
    )
  })
})

type Person = { target: Target; name: string; who: Somebody; denied: string[]; eligibility: string }

/** Those who are eligible, and everybody else who may try. */
async function peopleOf(): Promise<Person[]> {
  const eligible = ground.holders.flatMap(({ target, principal, has }): Person[] => {
    if (!has.eligible || /group/.test(principal)) return []
    const denied = principal === 'disabled user' ? ['RequesterRule'] : []
    return [{ target, name: principal, who: has.who, denied, eligibility: has.eligible }]
  })
  const others = [
    ['user', []],
    ['unknown', ['RequesterRule']],
    ['break-glass account', ['BreakGlassRule']],
  ] as const
  const notEligible = everywhere(
    others,
    async (target, [principal, rules]): Promise<Person> => ({
      target,
      name: `${principal} without it`,
      who: await ground.somebody(principal),
      denied: ['EligibilityRule', ...rules],
      eligibility: eligible.find((each) => each.target === target)?.eligibility as string,
    }),
  )
  return [...eligible, ...(await Promise.all(notEligible))]
}
const isEligible = ({ denied }: Person) => !denied.includes('EligibilityRule')

/** Dry: so everything can be tried by the same people. */
const selfCase = (
  { target, name, who }: Pick<Person, 'target' | 'name' | 'who'>,
  action: 'selfActivate' | 'selfExtend',
  window: Window,
  is: string,
): Case => ({
  name: `${action} ${target} ${name} ${window}`,
  is,
  send: () =>
    ground.sends(who, '/api/requests', {
      ...ground.activation(target, action, 'PT1H'),
      scheduleInfo: asked(window, ground.now, 'hours'),
      ...dry,
    }),
})
const deactivates = ({ target, name, who }: Pick<Person, 'target' | 'name' | 'who'>, is: string): Case => ({
  name: `selfDeactivate ${target} ${name}: ${is}`,
  is,
  send: () => ground.sends(who, '/api/requests', { action: 'selfDeactivate', ...ground.roles[target] }),
})
const ofEligibility = (
  action: 'selfExtend' | 'selfRenew',
  person: Pick<Person, 'target' | 'name' | 'who' | 'eligibility'>,
  window: Window,
  is: string,
): Case => ({
  name: `${action} of eligible ${person.target} ${person.name} ${window}`,
  is,
  send: () =>
    ground.sends(person.who, '/api/eligibility-requests', {
      action,
      targetScheduleId: person.eligibility,
      justification,
      scheduleInfo: asked(window, ground.now, 'days'),
      ...dry,
    }),
})
/** Nobody asks for an extension that begins later: there is no such word. */
const ofExtension = (window: Window, denied: readonly string[] = []) =>
  window === 'starts later' ? '400 BadRequest' : ofPeople(window, denied)
/** In a directory role nothing is too long for an eligibility. */
const ofMoreTime = (window: Window, target: Target, denied: readonly string[] = []) =>
  ofPeople(window === 'too long' && target === 'directory' ? 'time-bound' : window, denied)

describe.skipIf(isForeign)('what people ask for themselves', () => {
  let people: Person[]
  const applications = everywhere(['service principal'] as const, (target, name) => ({ target, name }))
  const each = (make: (person: Person, window: Window) => Case) =>
    daily(
      people.flatMap((person) => WINDOWS.map((window) => make(person, window))),
      STRIDE,
    )
  const eachActive = (make: (active: Activated, window: Window) => Case) =>
    daily(
      ground.activated.flatMap((active) => WINDOWS.map((window) => make(active, window))),
      STRIDE,
    )
  beforeAll(async () => {
    people = await peopleOf()
  })

  test('selfActivate: by who is eligible, and nobody else, for as long as the settings say', () =>
    tries([
      ...each((person, window) => selfCase(person, 'selfActivate', window, ofPeople(window, person.denied))),
      ...eachActive(({ target, who }, window) => {
        const may = ofPeople(window)
        const is = may === '201' && window !== 'starts later' ? THERE : may // one may follow when the other has ended
        return selfCase({ target, who, name: 'active already' }, 'selfActivate', window, is)
      }),
    ]))

  test('selfExtend of an activation: of one that runs, to a later end', () =>
    tries([
      ...each((person, window) => {
        const may = ofExtension(window, person.denied)
        return selfCase(person, 'selfExtend', window, may === '201' ? NOT_THERE : may)
      }),
      ...eachActive(({ target, who, principal: name }, window) =>
        selfCase({ target, who, name }, 'selfExtend', window, ofExtension(window)),
      ),
      ...ground.activated.map(({ target, who, principal: name }) => ({
        name: `selfExtend ${target} ${name} to an earlier end`,
        is: WRONG_SCHEDULE,
        send: () =>
          ground.sends(who, '/api/requests', {
            ...ground.activation(target, 'selfExtend', 'PT30M'),
            ...dry,
          }),
      })),
    ]))

  test('selfDeactivate: what is active, and not in its first five minutes', () =>
    tries([
      ...people.map((person) => deactivates(person, NOT_THERE)),
      ...ground.activated.map(({ principal: name, ...more }) => deactivates({ name, ...more }, TOO_SHORT)),
    ]))

  test('selfExtend and selfRenew of an eligibility: of one’s own, in its time', () =>
    tries([
      ...each((person, window) => {
        const may = ofMoreTime(window, person.target, person.denied)
        const isMine = isEligible(person) || window === 'permanent'
        return ofEligibility('selfExtend', person, window, isMine ? may : NOT_THERE)
      }),
      ...each((person, window) => {
        const may = ofMoreTime(window, person.target, [...person.denied, 'ExpirationRule']) // it has not ended
        const isMine = isEligible(person) || window === 'permanent'
        return ofEligibility('selfRenew', person, window, isMine ? may : NOT_THERE)
      }),
    ]))

  test('applications ask for nothing themselves', async () => {
    const who = await ground.somebody('service principal')
    const eligibility = people[0]?.eligibility as string
    await tries(
      applications.flatMap(({ target, name }) => [
        selfCase({ target, name, who }, 'selfActivate', 'time-bound', NOT_PERMITTED),
        selfCase({ target, name, who }, 'selfExtend', 'time-bound', NOT_PERMITTED),
        deactivates({ target, name, who }, NOT_PERMITTED),
        ofEligibility('selfExtend', { target, name, who, eligibility }, 'time-bound', NOT_PERMITTED),
      ]),
    )
  })
})

/** What administrators do with what somebody has or had. */
const upon = (
  { target, principal }: Pick<Holder, 'target' | 'principal'>,
  type: Type,
  action: 'adminUpdate' | 'adminExtend' | 'adminRenew' | 'adminRemove',
  targetScheduleId: string,
  is: string,
  window: Window = 'time-bound',
): Case => ({
  name: `${action} of ${type} ${target} ${principal} ${window}`,
  is,
  send: () =>
    ground.administers(target, ROUTES[type], {
      action,
      targetScheduleId,
      justification,
      ...(action !== 'adminRemove' && {
        scheduleInfo: asked(window, ground.now, 'days'),
        ...(type === 'active' && dry),
      }),
    }),
})

/** One after the other for each of what somebody has, or had, and many such at once. */
const ofEach = (which: 'has' | 'had', make: (holder: Holder, type: Type, id: string) => Case[]): Case[][] =>
  ground.holders.flatMap((holder) =>
    TYPES.flatMap((type) => {
      const id = holder[which][type]
      return id ? [make(holder, type, id)] : []
    }),
  )

describe.skipIf(isForeign)('what administrators do with what they gave', () => {
  test('just begun: moved as the settings allow, and neither renewed nor removed', () =>
    tries(
      ofEach('has', (holder, type, id) => {
        const windows = windowsFor(holder.principal)
        const may = (window: Window) => ofAdministrators(window, holder.target)
        return [
          upon(holder, type, 'adminRemove', id, TOO_SHORT),
          upon(holder, type, 'adminRenew', id, type === 'active' ? THERE : WRONG_SCHEDULE),
          ...windows.map((window) => upon(holder, type, 'adminExtend', id, may(window), window)),
          ...windows.map((window) => upon(holder, type, 'adminUpdate', id, may(window), window)),
        ]
      }),
    ))

  test('what nobody has is neither moved nor removed', () =>
    tries(
      everywhere(TYPES, (target, type) => {
        const id = `${type === 'active' ? 'req' : 'elig'}-${'a'.repeat(32)}-${'0'.repeat(20)}`
        return (['adminUpdate', 'adminExtend', 'adminRenew', 'adminRemove'] as const).map((action) =>
          upon({ target, principal: 'unknown' }, type, action, id, NOT_THERE),
        )
      }).flat(),
    ))

  describe('eleven minutes later', () => {
    beforeAll(async () => {
      if (isForeign) return
      await world.advance('PT11M')
      ground.now = await world.now()
    })

    test('what has ended is renewed, and nothing else', async () => {
      await tries(
        ground.holders.flatMap(({ target, principal: name, had: { who, eligible: eligibility } }) => {
          if (!eligibility || /group/.test(name)) return []
          const denied = name === 'disabled user' ? ['RequesterRule'] : []
          const mine = { target, name, who, eligibility }
          return [
            ofEligibility('selfExtend', mine, 'time-bound', failing('ExpirationRule', ...denied)),
            ...WINDOWS.map((window) =>
              ofEligibility('selfRenew', mine, window, ofMoreTime(window, target, denied)),
            ),
          ]
        }),
      )
      await tries(
        ofEach('had', (holder, type, id) => {
          const may = (window: Window) => ofAdministrators(window, holder.target)
          // Eligibilities are renewed in earnest, and then they have not ended any more.
          const windows = windowsFor(holder.principal).filter(
            (window) => type === 'active' || may(window) !== '201',
          )
          const over = type === 'active' ? NOT_THERE : WRONG_SCHEDULE
          return [
            upon(holder, type, 'adminUpdate', id, over),
            upon(holder, type, 'adminExtend', id, over),
            ...windows.map((window) => upon(holder, type, 'adminRenew', id, may(window), window)),
            ...(type === 'active'
              ? [upon(holder, type, 'adminRemove', id, NOT_THERE)]
              : [upon(holder, type, 'adminRenew', id, '201'), upon(holder, type, 'adminRenew', id, over)]),
          ]
        }),
      )
    })

    test('what is given back or removed is gone, and nothing more is done with it', async () => {
      const active = ground.activated.map(({ principal: name, ...more }) => ({ name, ...more }))
      await tries([
        ...active.map((person) => [deactivates(person, '201'), deactivates(person, NOT_THERE)]),
        ...ofEach('has', (holder, type, id) => [upon(holder, type, 'adminRemove', id, '201')]),
      ])
      await world.host.idle()
      await tries(
        ofEach('has', (holder, type, id) =>
          (['adminUpdate', 'adminExtend', 'adminRenew', 'adminRemove'] as const).map((action) =>
            upon(holder, type, action, id, NOT_THERE),
          ),
        ),
      )
    })

    test('so many combinations were tried, and nobody holds anything any more', async () => {
      process.stdout.write(`${tried} combinations\n`)
      expect(tried).toBeGreaterThan(isThorough ? 1900 : 250)
      const { roleAssignments, groups, azure } = await world.tenant.control('GET', '/state')
      const inAzure = azure.roleAssignments.map(({ properties }: { properties: object }) => properties)
      const left = [
        ...roleAssignments.map(({ principalId }: { principalId: string }) => principalId),
        ...groups.flatMap(({ members, owners }: Record<string, string[]>) => [members, owners].flat()),
        ...inAzure
          .filter(
            ({ scope }: { scope: string }) => scope.toLowerCase() === ground.roles.azure.scope.toLowerCase(),
          )
          .map(({ principalId }: { principalId: string }) => principalId),
      ]
      expect(left.length).toBeGreaterThan(10) // whoever holds something for good
      const ours = [...ground.activated, ...ground.holders.flatMap(({ has, had }) => [has, had])]
      expect(ours.map(({ who }) => who.id).filter((id) => left.includes(id))).toEqual([])
    })
  })
})
