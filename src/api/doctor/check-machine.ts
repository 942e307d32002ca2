import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Config } from '#config/config.ts';
import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import { failure, good, warning } from './finding.ts';

const GIB = 1_073_741_824;
const DAY_MS = 86_400_000;
const RENEW_WITHIN_DAYS = 14;

export async function checkDataDir(dataDir: string, keyFile: string): Promise<DoctorCheck> {
  const name = 'data folder';
  if (((await stat(dataDir)).mode & 0o077) !== 0)
    return failure(name, `others may look into ${dataDir}`, `chmod 700 ${dataDir}`);
  const key = await stat(keyFile).catch(() => undefined);
  if (key !== undefined && (key.mode & 0o077) !== 0)
    return failure(name, `others may read the master key ${keyFile}`, `chmod 600 ${keyFile}`);
  return good(name, `${dataDir} belongs to the server alone`);
}

export async function checkDiskSpace(dataDir: string, reserveBytes: number): Promise<DoctorCheck> {
  const name = 'disk space';
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const detail = `${(free / GIB).toFixed(1)} GiB free, ${(reserveBytes / GIB).toFixed(2)} GiB kept for recordings`;
  if (free < reserveBytes)
    return failure(name, detail, 'Free space now: sessions end when nothing can be recorded.');
  if (free < 4 * reserveBytes)
    return warning(name, detail, 'Free space, enlarge the disk or shorten retention.');
  return good(name, detail);
}

export async function checkNativeCrypto(): Promise<DoctorCheck> {
  const name = 'SSH crypto';
  const load = createRequire(import.meta.url);
  const crypto = load('ssh2/lib/protocol/crypto.js') as { readonly bindingAvailable?: boolean };
  return crypto.bindingAvailable === true
    ? good(name, 'native')
    : warning(
        name,
        'JavaScript, 2 to 5 times slower than native',
        'Install g++, make and python3, then run npm rebuild.',
      );
}

export async function checkCertificate(http: Config['http'], now: number): Promise<DoctorCheck> {
  const name = 'certificate';
  if (http.tls === null) return good(name, 'none configured; HTTP without TLS');
  const certificate = new X509Certificate(await readFile(http.tls.certFile));
  const key = createPrivateKey(await readFile(http.tls.keyFile));
  if (!certificate.checkPrivateKey(key))
    return failure(name, 'certificate and key do not belong together', 'Correct http.tls and start again.');
  const days = Math.floor((Date.parse(certificate.validTo) - now) / DAY_MS);
  const detail = `valid until ${new Date(certificate.validTo).toISOString()}`;
  if (days < 0) return failure(name, `expired; ${detail}`, 'Renew it and start again.');
  if (days < RENEW_WITHIN_DAYS) return warning(name, detail, 'Renew it and start again.');
  return good(name, detail);
}
