/** Everything lives in a database of its own, so that a shared ClickHouse server stays tidy. */
export const DATABASE = 'portcullis';
export const EVENTS = `${DATABASE}.events_v1`;
const MIGRATIONS = `${DATABASE}.migrations`;

/** What a text search looks through. The separator is a line end: a quoted phrase cannot span two fields. */
const SEARCHED = ['user', 'actor', 'asset', 'account', 'address', 'command', 'message', 'raw', 'data'];

/** Everything searched, in the lower case of ASCII. */
export const TEXT = `lower(concat(${SEARCHED.join(`, '\\n', `)}))`;

/**
 * What is cut into words: signs that Unicode counts as inside a word (`nginx.conf`, `3,000`) part words here, so
 * that `nginx` is found in it. The same expression stands in the index and in every search: the engine
 * recognises it by its form.
 */
export const WORDS = `translate(${TEXT}, '._,;:\\'', '      ')`;

/** Day on which an event reached us: a clock of ours, so a foreign sender cannot make partitions. */
const SEEN_AT = `toDateTime(intDiv(seen, 1000), 'UTC')`;

/** Uncompressed. */
const COMPACT_PART_BYTES = 256 * 2 ** 20;

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export const CREATE_DATABASE = `CREATE DATABASE IF NOT EXISTS ${DATABASE}`;
export const CREATE_MIGRATIONS = `
  CREATE TABLE IF NOT EXISTS ${MIGRATIONS} (version UInt32, name String, applied DateTime('UTC') DEFAULT now())
  ENGINE = MergeTree ORDER BY version`;
export const READ_MIGRATIONS = `SELECT version FROM ${MIGRATIONS}`;
export const RECORD_MIGRATION = `
  INSERT INTO ${MIGRATIONS} (version, name) SELECT {version:UInt32}, {name:String}
  WHERE {version:UInt32} NOT IN (SELECT version FROM ${MIGRATIONS})`;

/** Nothing was seen by us before this: such a time comes from a clock that had not been set. */
const FIRST_SEEN_MS = Date.UTC(2024, 0, 1);
/** The last second the engine's expiry can tell, 2106-02-07. */
export const LAST_SECOND = 0xffff_ffff;

/**
 * When events expire. The number is checked to be one before it becomes part of a statement. An event stamped by
 * a clock that was not set is kept: it would otherwise be gone as soon as the clock is right.
 */
export function expiry(retentionMs: number): string {
  return `toDateTime(if(seen < ${FIRST_SEEN_MS}, ${LAST_SECOND}, ${expirySecond(retentionMs)}), 'UTC')`;
}

/** The part of `expiry` that the retention decides, in the form in which the engine repeats it. */
export function expirySecond(retentionMs: number): string {
  const seconds = Math.ceil(retentionMs / 1000);
  if (!Number.isSafeInteger(seconds) || seconds < 1)
    throw new RangeError(`not a retention: ${retentionMs} ms`);
  return `least(intDiv(seen, 1000) + ${seconds}, ${LAST_SECOND})`;
}

/**
 * In order, never changed once released; a changed table gets a new name. Absent fields are stored empty.
 *
 * Order is by the time an event happened, so "newest first" reads backwards from the end and stops at the
 * limit. The skipping indices are bloom filters per 8,192 rows: they make names that occur rarely cheap to
 * find in the whole history at a quarter of a byte an event. `batch` is the first position of the batch a row
 * was written in; the archiver resumes by it (`resume.ts`).
 */
export function migrations(retentionMs: number): readonly Migration[] {
  return [
    {
      version: 1,
      name: 'events_v1',
      sql: `
        CREATE TABLE IF NOT EXISTS ${EVENTS} (
          position UInt64 CODEC(Delta, ZSTD),
          batch UInt64 CODEC(Delta, ZSTD),
          id UUID CODEC(ZSTD),
          time Int64 CODEC(Delta, ZSTD),
          seen Int64 CODEC(Delta, ZSTD),
          type LowCardinality(String) CODEC(ZSTD),
          code LowCardinality(String) CODEC(ZSTD),
          severity LowCardinality(String) CODEC(ZSTD),
          outcome LowCardinality(String) CODEC(ZSTD),
          source LowCardinality(String) CODEC(ZSTD),
          realm LowCardinality(String) CODEC(ZSTD),
          actor LowCardinality(String) CODEC(ZSTD),
          user LowCardinality(String) CODEC(ZSTD),
          address String CODEC(ZSTD),
          port UInt32 CODEC(ZSTD),
          asset LowCardinality(String) CODEC(ZSTD),
          account LowCardinality(String) CODEC(ZSTD),
          session String CODEC(ZSTD),
          channel String CODEC(ZSTD),
          command String CODEC(ZSTD(3)),
          offense String CODEC(ZSTD),
          message String CODEC(ZSTD(3)),
          raw String CODEC(ZSTD(3)),
          data String CODEC(ZSTD(3)),
          INDEX by_user lower(user) TYPE bloom_filter(0.01) GRANULARITY 1,
          INDEX by_asset lower(asset) TYPE bloom_filter(0.01) GRANULARITY 1,
          INDEX by_session session TYPE bloom_filter(0.01) GRANULARITY 1,
          INDEX by_address address TYPE bloom_filter(0.01) GRANULARITY 1,
          INDEX by_position position TYPE minmax GRANULARITY 1,
          INDEX by_word ${WORDS} TYPE text(tokenizer = 'asciiCJK', posting_list_codec = 'bitpacking')
        )
        ENGINE = MergeTree
        PARTITION BY toYYYYMMDD(${SEEN_AT})
        ORDER BY (time, position)
        TTL ${expiry(retentionMs)}
        SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000,
          fsync_after_insert = 1, fsync_part_directory = 1`,
    },
    {
      // A file for each column is what inserting took most of its time for: a part has one file until it is large.
      version: 2,
      name: 'compact_parts',
      sql: `ALTER TABLE ${EVENTS} MODIFY SETTING min_bytes_for_wide_part = ${COMPACT_PART_BYTES}, min_rows_for_wide_part = 0`,
    },
  ];
}

export const READ_EXPIRY = `
  SELECT create_table_query AS statement FROM system.tables
  WHERE database = {database:String} AND name = {table:String}`;
