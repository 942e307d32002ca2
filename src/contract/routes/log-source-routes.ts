import { z } from 'zod';
import { Name } from '../names.ts';
import { ExplainedLine, ImportedLines, LogSource, NewLogSource } from '../resources/log-source.ts';
import { ADMINS, READERS, defineRoute, listOf } from './route.ts';

const tag = 'log sources';
const params = z.strictObject({ name: Name });

/** Longest line of a file, in characters; a longer one is cut before it is sent. */
export const MAX_LINE_CHARS = 65_536;
export const MAX_IMPORTED_LINES = 10_000;

export const LOG_SOURCE_ROUTES = {
  listLogSources: defineRoute({
    method: 'GET',
    path: '/v1/log-sources',
    tag,
    summary: 'Where foreign events come from, and what came.',
    callers: READERS,
    response: listOf(LogSource),
  }),
  addLogSource: defineRoute({
    method: 'POST',
    path: '/v1/log-sources',
    tag,
    summary: 'Name a source of foreign events before it is seen; it is confirmed.',
    callers: ADMINS,
    body: NewLogSource,
    response: LogSource,
    status: 201,
  }),
  confirmLogSource: defineRoute({
    method: 'POST',
    path: '/v1/log-sources/:name/confirm',
    tag,
    summary: 'Confirm a source: from now on its events may bring about a response.',
    callers: ADMINS,
    params,
    body: z.strictObject({
      /** A connector whose users its users are; without one it stays as it is. */
      realm: Name.optional(),
    }),
    response: LogSource,
  }),
  forgetLogSource: defineRoute({
    method: 'DELETE',
    path: '/v1/log-sources/:name',
    tag,
    summary: 'Forget a source. If it sends again it is listed again, unconfirmed.',
    callers: ADMINS,
    params,
  }),
  explainLines: defineRoute({
    method: 'POST',
    path: '/v1/log-sources/explain',
    tag,
    summary: 'What would become of lines: source, type, expression by expression, event. Stores nothing.',
    callers: READERS,
    body: z.strictObject({
      lines: z.array(z.string().min(1).max(MAX_LINE_CHARS)).min(1).max(100),
      /** Where they would have come from. */
      address: z.union([z.ipv4(), z.ipv6()]).default('127.0.0.1'),
    }),
    response: listOf(ExplainedLine),
  }),
  importLines: defineRoute({
    method: 'POST',
    path: '/v1/log-sources/:name/import',
    tag,
    summary: 'Store lines of a file as history of a source: they can be searched, and no rule counts them.',
    callers: ADMINS,
    params,
    body: z.strictObject({
      /** Names the file: the same lines of the same file are stored once. */
      file: z.string().min(1).max(256),
      firstLine: z.number().int().min(1),
      /** When the file was written, epoch milliseconds: a year that a line leaves out is the nearest to it. */
      writtenAt: z.number().int().min(0),
      lines: z.array(z.string().max(MAX_LINE_CHARS)).min(1).max(MAX_IMPORTED_LINES),
    }),
    maxBodyBytes: 16 * 1024 * 1024,
    response: ImportedLines,
  }),
} as const;
