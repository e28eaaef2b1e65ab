export type Json = { [key: string]: Json | string | number | boolean | null }

/** Settings that are read here, and those that may stand there because nothing local depends on them. */
const KNOWN = [
  'version functionTimeout',
  'extensionBundle logging fileWatchingEnabled watchDirectories watchFiles singleton healthMonitor aggregator concurrency',
  'extensions.http.routePrefix extensions.http.customHeaders',
  'extensions.http.maxConcurrentRequests extensions.http.maxOutstandingRequests',
  'extensions.queues.maxPollingInterval extensions.queues.visibilityTimeout extensions.queues.batchSize',
  'extensions.queues.newBatchThreshold extensions.queues.maxDequeueCount extensions.queues.messageEncoding',
  'extensions.durableTask.hubName extensions.durableTask.maxConcurrentActivityFunctions',
  'extensions.durableTask.maxConcurrentOrchestratorFunctions',
  'extensions.durableTask.tracing extensions.durableTask.storeInputsInOrchestrationHistory',
  ...'connectionName connectionStringName partitionCount maxQueuePollingInterval controlQueueBatchSize controlQueueBufferThreshold controlQueueVisibilityTimeout workItemQueueVisibilityTimeout useGzipCompression fetchLargeMessagesAutomatically useTablePartitionManagement'
    .split(' ')
    .map((key) => `extensions.durableTask.storageProvider.${key}`),
].flatMap((line) => line.split(' '))

/** Known, and harmless only while they are off. */
const ONLY_OFF: Record<string, unknown> = {
  'extensions.durableTask.extendedSessionsEnabled': false,
  'extensions.http.dynamicThrottlesEnabled': false,
  'extensions.durableTask.storageProvider.type': 'AzureStorage',
}

/** Everything in host.json that would be ignored, as sentences. */
export function unsupported(json: Json, path = ''): string[] {
  return Object.entries(json).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key
    if (KNOWN.includes(here)) return []
    if (here in ONLY_OFF) {
      const same = String(value).toLowerCase() === String(ONLY_OFF[here]).toLowerCase()
      return same ? [] : [`host.json: ${here} = ${JSON.stringify(value)} is not supported by the local host.`]
    }
    const inside = [...KNOWN, ...Object.keys(ONLY_OFF)].some((known) => known.startsWith(`${here}.`))
    if (inside && typeof value === 'object' && value !== null) return unsupported(value, here)
    return [`host.json: ${here} is not supported by the local host.`]
  })
}
