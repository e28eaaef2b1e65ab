const base = '#microsoft.graph.unifiedRoleManagementPolicy'

/** What a role is to ask of those who activate it; what is not said is not asked, a justification apart. */
export type Wants = {
  enabled?: ('MultiFactorAuthentication' | 'Justification' | 'Ticketing')[]
  /** An authentication context. */
  context?: string
  maximum?: string
  approval?: { approvers: object[]; minutes?: number; byLink?: boolean }
}

export const groupApproves = (groupId: string) => ({
  '@odata.type': '#microsoft.graph.groupMembers',
  groupId,
})
export const personApproves = (userId: string) => ({ '@odata.type': '#microsoft.graph.singleUser', userId })

/** The rules of a role that are about its activation, as an administrator sends them. */
export function rulesFor({ enabled = ['Justification'], context, maximum = 'PT8H', approval }: Wants) {
  return [
    {
      '@odata.type': `${base}ExpirationRule`,
      id: 'Expiration_EndUser_Assignment',
      isExpirationRequired: true,
      maximumDuration: maximum,
    },
    {
      '@odata.type': `${base}EnablementRule`,
      id: 'Enablement_EndUser_Assignment',
      enabledRules: enabled,
    },
    {
      '@odata.type': `${base}AuthenticationContextRule`,
      id: 'AuthenticationContext_EndUser_Assignment',
      isEnabled: context !== undefined,
      claimValue: context ?? null,
    },
    {
      '@odata.type': `${base}ApprovalRule`,
      id: 'Approval_EndUser_Assignment',
      setting: {
        isApprovalRequired: approval !== undefined,
        approvalStages: [
          {
            primaryApprovers: approval?.approvers ?? [],
            approvalStageTimeOutInMinutes: approval?.minutes ?? null,
            isDecisionByLinkAllowed: approval?.byLink ?? null,
          },
        ],
      },
    },
  ]
}
