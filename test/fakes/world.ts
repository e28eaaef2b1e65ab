import { z } from 'zod'
import { publishing } from '../../src/adapters/publishing.ts'
import { remembering } from '../../src/adapters/remembering.ts'
import { tableBundles } from '../../src/adapters/tables/bundles.ts'
import { requestActivation } from '../../src/api/activations.ts'
import { decide } from '../../src/api/approvals.ts'
import { assign } from '../../src/api/assigning.ts'
import { SelfActivate, SelfExtend } from '../../src/domain/ask.ts'
import { AdminAssign } from '../../src/domain/assignment.ts'
import type { Eligibility } from '../../src/domain/eligibility.ts'
import { makeId } from '../../src/domain/ids.ts'
import { INTERIM, type Person } from '../../src/domain/person.ts'
import type { Request } from '../../src/domain/request.ts'
import { ADMINISTRATORS, type Role } from '../../src/domain/role.ts'
import { type Approver, changedRules, type Rule, settingsRole } from '../../src/domain/role-settings.ts'
import type { Log, Ports } from '../../src/ports.ts'
import { fakeDelegations } from './delegations.ts'
import { fakeDepartures } from './departures.ts'
import { fakeDesk } from './desk.ts'
import { fakeDigests } from './digests.ts'
import { fakeFindings } from './findings.ts'
import {
  ada,
  alan,
  approversGroup,
  caller,
  dorothy,
  EVERYBODY,
  exchange,
  exchangeRole,
  grace,
  helpdesk,
  linus,
  user,
} from './people.ts'
import { fakePost } from './post.ts'
import { fakeSettings } from './settings.ts'
import { fakeStore } from './store.ts'
import { memoryTable } from './table.ts'
import { fakeTenant } from './tenant.ts'
import { fakeViews } from './views.ts'
import { fakeWebhooks } from './webhooks.ts'
import { fakeWorkflows } from './workflows.ts'

export const NINE = '2030-01-01T09:00:00.000Z'
const GLOBAL_READER = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451'

export type World = ReturnType<typeof world>

/**
 * Contoso in memory, at nine on New Year's Day of 2030: every port at work and in plain sight. Ada is eligible for
 * Exchange Administrator, Grace and Linus are in the group of approvers, Alan administers, Dorothy may look on.
 */
export function world() {
  const clock = { now: new Date(NINE) }
  const now = () => new Date(clock.now)
  const store = fakeStore()
  const settings = fakeSettings(store.events)
  const hooks = fakeWebhooks(store.events)
  const findings = fakeFindings(store.events)
  const digests = fakeDigests(store.events)
  const views = fakeViews(digests.index)
  const tenant = fakeTenant(now)
  const post = fakePost()
  const desk = fakeDesk()
  const runs = fakeWorkflows()
  const logged: { level: string; message: string; fields: object }[] = []
  const log = Object.fromEntries(
    ['info', 'warn', 'error'].map((level) => [
      level,
      (message: string, fields: object = {}) => void logged.push({ level, message, fields }),
    ]),
  ) as unknown as Log
  let ids = 0

  const ports: Ports = {
    store: remembering(store.store, () => clock.now.getTime()),
    settings: settings.settings,
    departures: fakeDepartures(),
    delegations: fakeDelegations(store.events),
    tiers: settings.tiers,
    views: publishing(views.views, hooks),
    findings: findings.findings,
    drift: {
      places: [{ provider: 'directory', scope: '/' }],
      restoreRemoved: false,
    },
    tallies: digests.tallies,
    digests: digests.digests,
    digestTime: { timeZone: 'UTC', hour: 8 },
    tenantName: 'Contoso',
    personals: digests.personals,
    bundles: tableBundles(memoryTable()),
    bundleMinutes: 0,
    secrets: digests.secrets,
    directory: tenant.directory,
    providers: tenant.providers,
    outbox: post.outbox,
    webhooks: hooks.webhooks,
    errands: hooks.errands,
    courier: hooks.courier,
    desk: desk.desk,
    mailer: post.mailer,
    undelivered: post.undelivered,
    links: post.links,
    log,
    now,
    random: () => (++ids).toString(36).padStart(12, '0'),
    mfaContext: null,
    breakGlass: [],
    settingsNeedTwo: false,
    publicUrl: 'https://interim.example',
  }

  for (const person of EVERYBODY) tenant.people.set(person.id, structuredClone(person))
  for (const definition of [exchange, helpdesk]) tenant.definitions.set(definition.id, { ...definition })
  tenant.groups.set(approversGroup, {
    id: approversGroup,
    displayName: 'Role Approvers',
    members: [grace.id, linus.id],
  })
  const YEAR = 365 * 86_400_000
  tenant.give(alan.id, { ...exchangeRole, roleDefinitionId: ADMINISTRATORS[0] as string }, YEAR)
  tenant.give(dorothy.id, { ...exchangeRole, roleDefinitionId: GLOBAL_READER }, YEAR)

  const at = (instant: string) => {
    clock.now = new Date(instant)
  }

  async function makeEligible(
    principalId: string,
    role: Role = exchangeRole,
    more: Partial<Eligibility> = {},
  ) {
    const eligibility: Eligibility = {
      ...role,
      id: makeId('elig', principalId, clock.now, ports.random()),
      principalId,
      principalType: 'User',
      principalName: tenant.people.get(principalId)?.displayName ?? 'a group',
      roleName: tenant.definitions.get(role.roleDefinitionId)?.displayName ?? '',
      scopeName: 'the whole directory',
      startDateTime: '2029-01-01T00:00:00.000Z',
      endDateTime: null,
      createdDateTime: '2029-01-01T00:00:00.000Z',
      createdBy: INTERIM,
      justification: null,
      ...more,
    }
    await ports.store.addEligibility(eligibility, [], () => undefined)
    if (eligibility.principalType === 'Group') await ports.views.noteGroups([principalId])
    return eligibility
  }

  const changeRules = (change: Rule[], roleDefinitionId = exchange.id) =>
    changeRulesOf({ ...exchangeRole, roleDefinitionId }, change)

  async function changeRulesOf(asked: Role, change: Rule[]) {
    const role = settingsRole(asked)
    const read = await ports.settings.read(role)
    await ports.settings.write(
      {
        role,
        version: (read?.value.version ?? 0) + 1,
        rules: changedRules(read?.value.rules ?? [], change),
        lastModifiedDateTime: null,
        lastModifiedBy: null,
      },
      read,
      [],
    )
  }

  return {
    clock,
    ports,
    workflows: runs.workflows,
    started: runs.started,
    announced: runs.announced,
    ...store,
    views,
    hooks,
    desk,
    tenant,
    post,
    logged,
    at,
    makeEligible,
    changeRules,
    changeRulesOf,
    approvalBy: (...approvers: Approver[]) => changeRules([approvalRule(approvers)]),
    /** What Ada, or another, asks for: Exchange Administrator for an hour, unless it says otherwise. */
    ask: (more: object = {}, who: Person = ada, over: { ports?: Ports } = {}) =>
      requestActivation(over.ports ?? ports, runs.workflows, caller(who), body(more)),
    /** What Alan assigns to whom: Exchange Administrator for good, unless it says otherwise. */
    assign: (principalId: string, more: object = {}, who: Person = alan) =>
      assign(ports, runs.workflows, caller(who), assignment(principalId, more)),
    decide: (
      request: Pick<Request, 'id'>,
      reviewResult: 'Approve' | 'Deny',
      who: Person = grace,
      more: { stageId?: string } = {},
    ) =>
      decide(
        ports,
        runs.workflows,
        who,
        request.id,
        { reviewResult, justification: 'looked at it', ...more },
        'api',
      ),
    decideWith: (request: Pick<Request, 'id'>, who: Person, justification: string) =>
      decide(ports, runs.workflows, who, request.id, { reviewResult: 'Approve', justification }, 'api'),
    row: (id: string) => store.rows.get(id)?.value as Request,
    steps: (id: string) =>
      [...store.events.keys()]
        .filter((each) => each.startsWith(`${id}.`))
        .map((each) => each.slice(id.length + 1)),
  }
}

export const body = (more: object = {}): SelfActivate | SelfExtend =>
  z.discriminatedUnion('action', [SelfActivate, SelfExtend]).parse({
    action: 'selfActivate',
    roleDefinitionId: exchange.id,
    justification: 'INC-42',
    scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
    ...more,
  })

const assignment = (principalId: string, more: object = {}): AdminAssign =>
  AdminAssign.parse({
    action: 'adminAssign',
    principalId,
    roleDefinitionId: exchange.id,
    justification: 'CHG-7',
    ...more,
  })

export const lasting = (duration: string, startDateTime?: string) => ({
  scheduleInfo: { startDateTime, expiration: { type: 'afterDuration', duration } },
})

export function approvalRule(
  approvers: Approver[] = [user(grace.id)],
  stage: object = {},
): Extract<Rule, { id: 'Approval_EndUser_Assignment' }> {
  return {
    '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyApprovalRule',
    id: 'Approval_EndUser_Assignment',
    setting: {
      isApprovalRequired: true,
      isApprovalRequiredForExtension: false,
      isRequestorJustificationRequired: true,
      approvalMode: 'SingleStage',
      approvalStages: [
        {
          approvalStageTimeOutInDays: 1,
          approvalStageTimeOutInMinutes: 240,
          isApproverJustificationRequired: true,
          isDecisionByLinkAllowed: null,
          escalationTimeInMinutes: 0,
          isEscalationEnabled: false,
          primaryApprovers: approvers,
          escalationApprovers: [],
          ...stage,
        },
      ],
    },
  }
}

export const enablement = (
  ...enabledRules: ('MultiFactorAuthentication' | 'Justification' | 'Ticketing')[]
): Rule => ({
  '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyEnablementRule',
  id: 'Enablement_EndUser_Assignment',
  enabledRules,
})
