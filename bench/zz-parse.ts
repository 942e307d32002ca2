import { createDispatch } from '#intake/dispatch.ts';
import { openTypeFolders } from '#intake/type-folders.ts';
import { SourceTable } from '#intake/sources/source-table.ts';
import { createZone } from '#domain/syslog/zone.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { commandLines, LINE_BYTES } from './clients/jumpserver-lines.ts';
using folders = await openTypeFolders({ folders: ['/work/main/content/log-sources'], newId, onReload: () => undefined });
const table = new SourceTable(); let n = 0;
const dispatch = createDispatch({ queue: { add: (s: any) => (n += s.length) }, sources: { find: ({ peer, hostname, appName }: any) => table.find(peer.address, hostname, appName), count: () => undefined } as any,
  normalise: folders.normalise, zone: createZone('UTC')!, clock: Date.now, newId, logger: createLogger('warn') });
const N = 40000; const rates: number[] = [];
const rounds = Number(process.argv[2] ?? 12);
for (let r = 0; r < rounds; r++) {
  const lines = commandLines(N, r * N, r); const t = performance.now(); const c = process.cpuUsage();
  for (let at = 0; at < lines.length; at += LINE_BYTES) dispatch.take({ bytes: lines.subarray(at, at + LINE_BYTES - 1), untruncatedSize: null } as any, { address: '127.0.0.1', port: 1, transport: 'tcp' } as any);
  const u = process.cpuUsage(c);
  rates.push((performance.now() - t) * 1000 / N);
  if (r === rounds - 1) console.log('cpu incl gc', ((u.user + u.system) / N).toFixed(2));
}
rates.sort((a, b) => a - b); console.log('min', rates[0]!.toFixed(2), 'median', rates[rates.length >> 1]!.toFixed(2));
