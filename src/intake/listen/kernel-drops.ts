import { readFile } from 'node:fs/promises';
import { parseIpAddress } from '#lib/ip.ts';

/** Datagrams that the kernel dropped at one address since its sockets were opened; null where it does not tell. */
export type ReadKernelDrops = (address: string, port: number) => Promise<number | null>;

/**
 * Reads the last column of `/proc/net/udp` and `udp6`, summed over the sockets that share the address. Linux only.
 */
export const readKernelDrops: ReadKernelDrops = async (address, port) => {
  const local = kernelForm(address, port);
  if (local === undefined) return null;
  const table = await readFile(local.file, 'latin1').catch(() => null);
  return table === null ? null : sumDrops(table, local.text);
};

export function sumDrops(table: string, local: string): number | null {
  let sum: number | null = null;
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/ +/);
    if (columns[1] !== local) continue;
    const drops = Number(columns.at(-1));
    if (Number.isSafeInteger(drops)) sum = (sum ?? 0) + drops;
  }
  return sum;
}

/** As the kernel prints it: 32-bit words of a little-endian machine, port in hexadecimal. */
export function kernelForm(
  address: string,
  port: number,
): { readonly file: string; readonly text: string } | undefined {
  const parsed = parseIpAddress(address);
  if (parsed === undefined) return undefined;
  const words: string[] = [];
  for (let at = 0; at < parsed.bytes.length; at += 4)
    words.push(Buffer.from(parsed.bytes.slice(at, at + 4).toReversed()).toString('hex'));
  const text = `${words.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
  return { file: parsed.version === 4 ? '/proc/net/udp' : '/proc/net/udp6', text };
}
