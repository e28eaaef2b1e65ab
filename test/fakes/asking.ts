import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { awaitingMe } from '../../src/api/awaiting-me.ts'
import type { Approver } from '../../src/domain/approver.ts'
import type { Request } from '../../src/domain/request.ts'
import { ada, approversGroup } from './people.ts'
import { approvalRule, world } from './world.ts'

/** Ada is eligible, and the role asks for these stages. */
export async function asking(stages: [Approver[], object?][], setting: object = {}) {
  const w = world()
  await w.makeEligible(ada.id)
  const rule = approvalRule()
  const [first] = rule.setting.approvalStages
  const approvalStages = stages.map(
    ([primaryApprovers, more]) => ({ ...first, primaryApprovers, ...more }) as never,
  )
  const approvalMode = stages.length > 1 ? 'Serial' : 'SingleStage'
  await w.ports.views.noteGroups([approversGroup])
  await w.changeRules([{ ...rule, setting: { ...rule.setting, approvalMode, approvalStages, ...setting } }])
  const awaits = async (who: typeof ada) =>
    (await awaitingMe(w.ports, who.id, { top: 50, after: null })).items.map(({ id }) => id)
  const step = (request: Request) => advance(w.ports, { requestId: request.id, turn: 1 })
  const mailed = async () => {
    w.post.mails.length = 0
    for (const notice of w.post.notices.splice(0)) await deliver(w.ports, notice)
    return w.post.mails.map(({ to, subject }) => `${to.displayName.split(' ')[0]}: ${subject}`)
  }
  return { ...w, awaits, step, mailed }
}
