import { z } from 'zod'
import { AppliedAnswer, appliedAnswer, TierAnswer, tierAnswer } from '../../src/api/settings-answers.ts'
import { applyTier, getTier, listTiers, putTier, removeTier } from '../../src/api/tiers.ts'
import { TierName } from '../../src/domain/role-settings.ts'
import { TierApplication, TierBody } from '../../src/domain/tier.ts'
import { json, type Route, route } from '../route.ts'

const params = z.object({ name: TierName })

export const tiers: Route[] = [
  route({
    name: 'tiersList',
    methods: ['GET'],
    path: 'tiers',
    who: 'user',
    summary: 'The tiers: named sets of rules that many roles are given.',
    answers: { 200: { description: 'All tiers.', body: z.object({ value: z.array(TierAnswer) }) } },
    async handle({ ports }) {
      return json(200, { value: (await listTiers(ports)).map(tierAnswer) })
    },
  }),
  route({
    name: 'tiersGet',
    methods: ['GET'],
    path: 'tiers/{name}',
    who: 'user',
    summary: 'One tier.',
    params,
    answers: { 200: { description: 'The tier.', body: TierAnswer } },
    async handle({ ports, params: { name } }) {
      return json(200, tierAnswer(await getTier(ports, name)))
    },
  }),
  route({
    name: 'tiersPut',
    methods: ['PUT'],
    path: 'tiers/{name}',
    who: 'administrator',
    summary: 'Make a tier or replace it. Roles that have it stay as they are until it is applied again.',
    params,
    body: TierBody,
    answers: { 200: { description: 'The tier as it is now.', body: TierAnswer } },
    async handle({ ports, caller, params: { name }, body }) {
      return json(200, tierAnswer(await putTier(ports, caller, name, body)))
    },
  }),
  route({
    name: 'tiersRemove',
    methods: ['DELETE'],
    path: 'tiers/{name}',
    who: 'administrator',
    summary: 'Take a tier back. Roles keep the rules that it gave them.',
    params,
    answers: { 204: { description: 'It is gone.' } },
    async handle({ ports, caller, params: { name } }) {
      await removeTier(ports, caller, name)
      return { status: 204 }
    },
  }),
  route({
    name: 'tiersApply',
    methods: ['POST'],
    path: 'tiers/{name}/apply',
    who: 'user',
    summary:
      'Give many roles the rules of a tier; each has an outcome of its own, and a dry run who gains and loses.',
    params,
    body: TierApplication,
    answers: { 200: { description: 'What became of each role.', body: AppliedAnswer } },
    async handle({ ports, caller, params: { name }, body }) {
      return json(200, { value: (await applyTier(ports, caller, name, body)).map(appliedAnswer) })
    },
  }),
]
