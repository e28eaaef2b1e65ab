import { expect, test } from 'vitest'
import { story } from '../support/story.ts'
import { isForeign, useWorld } from '../support/world.ts'

const world = useWorld({ NOTICE_BUNDLE_MINUTES: '10' })

test.skipIf(isForeign)(
  'an administrator hears of three activations in two mails, each of the three of their own at once',
  async () => {
    const { ada, grace, linus, katherine, makeEligible, becomes } = await story(world, 'securityReader')
    const before = (await katherine.mails(0)).length
    for (const who of [grace, linus]) await makeEligible(who)
    for (const who of [ada, grace, linus]) await becomes(await who.asks(), 'Provisioned')
    for (const who of [ada, grace, linus])
      expect((await who.mails(1)).map(({ subject }) => subject)).toContainEqual(
        expect.stringMatching(/^PIM: Your .* is active until/),
      )
    const toKatherine = async () => (await katherine.mails(before)).slice(before)
    const active = async () => (await toKatherine()).filter(({ text }) => / is active until /.test(text))
    const alone = (await active()).length
    expect(alone).toBeLessThanOrEqual(1) // making them eligible may have been told first
    await world.advance('PT16M')
    const told = await active()
    expect(told).toHaveLength(alone + 1)
    const bundle = told.at(-1)
    expect(bundle?.subject).toMatch(/^PIM: \d changes to access that concern you$/)
    for (const name of ['Grace Hopper', 'Linus Torvalds']) expect(bundle?.text).toContain(`Who: ${name}`)
    await world.advance('PT30M')
    expect(await active()).toHaveLength(alone + 1)
  },
)
