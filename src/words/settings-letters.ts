import type { ChangeInShort, SettingsNotice } from '../domain/notice.ts'
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
      ['Role', change.roleName],
      [
        scopeLabel(change.role.provider),
        change.role.scope === '/' ? 'the whole directory' : change.role.scope,
      ],
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

const asked = ({ requestedBy, roleName }: ChangeInShort) => ({
  headline: `${requestedBy.displayName} asks to change the settings of ${roleName}`,
  sentence:
    'Nothing changes until another administrator confirms it: it is on the list of changes that wait for a second person.',
})

const decided = ({ roleName, status, decidedBy }: ChangeInShort) => ({
  headline: `Your change of the settings of ${roleName} was ${status === 'Applied' ? 'confirmed' : 'turned down'} by ${decidedBy?.displayName ?? 'somebody'}`,
  sentence: status === 'Applied' ? 'It is in force now.' : 'Nothing has changed.',
})
