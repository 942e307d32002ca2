const MIB = 2 ** 20;

/**
 * Start arguments of the engine. Everything that defaults to a share of the machine's memory is set: the
 * default caches alone may take 20 GB. `memoryBytes` is what the engine may allocate; the process around it
 * takes about 150 MB more. With less than `keepFreeBytes` free the engine neither inserts nor merges.
 */
export function engineArguments({
  memoryBytes,
  keepFreeBytes,
}: {
  readonly memoryBytes: number;
  readonly keepFreeBytes: number;
}): readonly string[] {
  const cache = (share: number, atLeastBytes: number): number =>
    Math.max(atLeastBytes, Math.floor(memoryBytes * share));
  const settings: Readonly<Record<string, number>> = {
    max_server_memory_usage: memoryBytes,
    mark_cache_size: cache(0.05, 8 * MIB),
    primary_index_cache_size: cache(0.05, 8 * MIB),
    index_mark_cache_size: cache(0.03, 8 * MIB),
    text_index_tokens_cache_size: cache(0.03, 8 * MIB),
    text_index_header_cache_size: cache(0.03, 8 * MIB),
    text_index_postings_cache_size: cache(0.03, 8 * MIB),
    query_condition_cache_size: cache(0.01, 4 * MIB),
    compiled_expression_cache_size: 8 * MIB,
    background_pool_size: 2,
    background_schedule_pool_size: 2,
    'storage_configuration.disks.default.keep_free_space_bytes': keepFreeBytes,
  };
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}
