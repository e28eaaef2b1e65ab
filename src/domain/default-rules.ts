import type { z } from 'zod'
import { ApprovalStage } from './approval-rule.ts'
import type { Provider } from './role.ts'
import {
  base,
  type EnablementRule,
  type ExpirationRule,
  NOTIFICATIONS,
  type Rule,
  type WHOM,
} from './rules.ts'

/**
 * Microsoft's defaults, save that approval has no approver yet, so it must be given one to be switched on. What administrators
 * give of Azure roles and groups ends, after a year or half a year; of directory roles it may be for good.
 */
export function defaultRules(provider: Provider = 'directory'): Rule[] {
  const ends = provider !== 'directory'
  const expiration = (
    id: z.infer<typeof ExpirationRule>['id'],
    isExpirationRequired: boolean,
    maximumDuration: string,
  ): Rule => ({
    '@odata.type': `${base}ExpirationRule`,
    id,
    isExpirationRequired,
    maximumDuration,
  })
  const enablement = (
    id: z.infer<typeof EnablementRule>['id'],
    enabledRules: z.infer<typeof EnablementRule>['enabledRules'],
  ): Rule => ({
    '@odata.type': `${base}EnablementRule`,
    id,
    enabledRules,
  })
  return [
    expiration('Expiration_Admin_Eligibility', ends, 'P365D'),
    enablement('Enablement_Admin_Eligibility', []),
    expiration('Expiration_Admin_Assignment', ends, 'P180D'),
    enablement('Enablement_Admin_Assignment', ['Justification']),
    expiration('Expiration_EndUser_Assignment', true, 'PT8H'),
    enablement('Enablement_EndUser_Assignment', ['Justification']),
    {
      '@odata.type': `${base}ApprovalRule`,
      id: 'Approval_EndUser_Assignment',
      setting: {
        isApprovalRequired: false,
        isApprovalRequiredForExtension: false,
        isRequestorJustificationRequired: true,
        approvalMode: 'SingleStage',
        approvalStages: [ApprovalStage.parse({ primaryApprovers: [] })],
      },
    },
    {
      '@odata.type': `${base}AuthenticationContextRule`,
      id: 'AuthenticationContext_EndUser_Assignment',
      isEnabled: false,
      claimValue: null,
    },
    ...NOTIFICATIONS.map(
      (id): Rule => ({
        '@odata.type': `${base}NotificationRule`,
        id,
        notificationType: 'Email',
        recipientType: id.split('_')[1] as (typeof WHOM)[number],
        notificationLevel: 'All',
        isDefaultRecipientsEnabled: true,
        notificationRecipients: [],
      }),
    ),
  ]
}
