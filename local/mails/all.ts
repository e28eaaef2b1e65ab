import type { Told } from '../../src/domain/bundle.ts'
import { type Capacity, occasionOf, toldOf } from '../../src/domain/notification.ts'
import { bundleLetter } from '../../src/words/bundle-letter.ts'
import { digestLetter } from '../../src/words/digest-letter.ts'
import { eligibilityLetter } from '../../src/words/eligibility-letters.ts'
import { incidentLetter } from '../../src/words/incident-letters.ts'
import type { Letter } from '../../src/words/letter.ts'
import { letter } from '../../src/words/letters.ts'
import { settingsLetter } from '../../src/words/settings-letters.ts'
import {
  changeSample,
  decidedChange,
  digestSample,
  eligibilitySample,
  incidentSample,
  PLACES,
  requestSamples,
} from './samples.ts'

/** One mail as somebody would get it. The name says of what, for whom, and of which kind of role. */
export type Sample = { name: string; letter: Letter }

export const ELIGIBILITY_KINDS = [
  'assigned',
  'endsIn14Days',
  'endsIn1Day',
  'hasEnded',
  'moved',
  'removed',
] as const
const ADDRESS = 'https://interim.example/api/approve/eyJyIjoicmVxLTEifQ.0123456789abcdef'

/** Every mail there is: each kind, for each who is told of it, of each kind of role. */
export function allMails(): Sample[] {
  const ofRoles = PLACES.flatMap((place) => {
    const { provider } = place
    const requests = requestSamples(place).flatMap(([name, kind, request]) =>
      (Object.keys(toldOf(kind, occasionOf(request))) as Capacity[]).map((reader) => ({
        name: `${name}-${reader}-${provider}`,
        letter: letter(kind, request, reader, reader === 'approver' ? ADDRESS : null),
      })),
    )
    const eligibilities = ELIGIBILITY_KINDS.flatMap((kind) =>
      [true, false].map((isOwn) => ({
        name: `eligibility-${kind}-${isOwn ? 'requester' : 'administrator'}-${provider}`,
        letter: eligibilityLetter(kind, eligibilitySample(place), isOwn),
      })),
    )
    const others: [string, Letter][] = [
      ['foundOutside-administrator', incidentLetter('foundOutside', incidentSample(place), 1)],
      ['foundAtFirstLook-administrator', incidentLetter('foundAtFirstLook', incidentSample(place), 12)],
      ['settingsChangeAsked-administrator', settingsLetter('settingsChangeAsked', changeSample(place))],
      ['settingsChangeDecided-requester', settingsLetter('settingsChangeDecided', decidedChange(place))],
    ]
    return [
      ...requests,
      ...eligibilities,
      ...others.map(([name, each]) => ({ name: `${name}-${provider}`, letter: each })),
    ]
  })
  const [place] = PLACES
  const asked = place && requestSamples(place).find(([name]) => name === 'approvalRequested')
  const delegated = asked && letter('approvalRequested', asked[2], 'approver', ADDRESS, 'Grace Hopper')
  return [
    ...ofRoles,
    ...(delegated ? [{ name: 'approvalRequested-delegate-directory', letter: delegated }] : []),
    { name: 'bundle-administrator', letter: bundleLetter(gathered()) },
    { name: 'weeklyDigest-administrator', letter: digestLetter(digestSample(), ABOUT) },
  ]
}

/** What somebody who looks after all kinds of roles is told in one mail. */
const gathered = (): Told[] =>
  PLACES.flatMap((place) =>
    requestSamples(place)
      .filter(([name]) => name === 'activated' || name === 'assigned')
      .map(([name, kind, request]) => ({
        key: `${name} ${place.provider}`,
        ...letter(kind, request, 'administrator', null).content,
      })),
  )

const ABOUT = {
  tenantName: 'Contoso',
  timeZone: 'Europe/Berlin',
  page: 'https://interim.example/api/digest',
  unsubscribe: 'https://interim.example/api/digest/unsubscribe/eyJ.0123456789abcdef',
}
