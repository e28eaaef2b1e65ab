import type { ChangeInShort, SettingsNotice } from '../domain/notice.ts'
import { titleOfChange } from '../domain/settings-change.ts'
import { scopeLabel } from './access.ts'
import { type Composed, composed } from './letter.ts'
import { BECAUSE, when } from './letters.ts'

/** A change of what a role asks for, told to those who may confirm it, or to who has asked for it. */
export function settingsLetter(kind: SettingsNotice['kinds'][number], change: ChangeInShort): Composed {
  const isAsked = kind === 'settingsChangeAsked'
  return composed({
    tone: isAsked ? 'decision' : 'news',
    ...(isAsked ? asked(change) : decided(change)),
    facts: [
      ['Role', titleOfChange(change)],
      [scopeLabel(change.role.provider), change.scopeName],
      ['Who', change.requestedBy.displayName],
      ['Why', change.justification ?? 'no reason given'],
      ['Until', 'somebody else confirms it or turns it down'],
      ['Rules', change.ruleIds.length > 0 ? change.ruleIds.join(', ') : 'back to what is inherited'],
      ['Asked', when(change.requestedDateTime)],
      ['Change', change.id],
    ].filter(([label]) => isAsked || label !== 'Until') as [string, string][],
    because: isAsked ? BECAUSE.administrator : 'You get it because you have asked for this change.',
  })
}

const asked = (change: ChangeInShort) => ({
  headline: `${change.requestedBy.displayName} asks to change the settings of ${titleOfChange(change)}`,
  sentence:
    'Nothing changes until another administrator confirms it: it is on the list of changes that wait for a second person.',
})

const decided = ({ status, decidedBy, ...change }: ChangeInShort) => ({
  headline: `Your change of the settings of ${titleOfChange(change)} was ${status === 'Applied' ? 'confirmed' : 'turned down'} by ${decidedBy?.displayName ?? 'somebody'}`,
  sentence: status === 'Applied' ? 'It is in force now.' : 'Nothing has changed.',
})
