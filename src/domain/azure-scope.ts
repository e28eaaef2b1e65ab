/** What kind of thing an Azure scope is, in the words of Microsoft's eligibleChildResources; resources by their type. */
export function kindOfScope(scope: string): string {
  const parts = scope.split('/')
  if (scope.startsWith('/providers/')) return 'managementgroup'
  if (parts.length === 3) return 'subscription'
  if (parts.length === 5) return 'resourcegroup'
  return [parts[6], ...parts.slice(7).filter((_, n) => n % 2 === 0)].join('/')
}
