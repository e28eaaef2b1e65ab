import { expect, test } from 'vitest'
import { changeSample, PLACES } from '../../local/mails/samples.ts'
import { settingsLetter } from '../../src/words/settings-letters.ts'

test.each(PLACES.map((place) => [place.provider, place] as const))(
  'whose settings are to change is said in names, not in ids: %s',
  (provider, place) => {
    const { subject, text } = settingsLetter('settingsChangeAsked', changeSample(place))
    const role = provider === 'group' ? `${place.roleName} of ${place.scopeName}` : place.roleName
    expect(subject).toBe(`PIM: Katherine Johnson asks to change the settings of ${role}`)
    expect(text).toContain(place.scopeName)
    expect(text).not.toContain(`: ${place.scope}`)
  },
)
