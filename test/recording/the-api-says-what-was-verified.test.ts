import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RecordingService } from '#api/services.ts';
import type { EventRecord } from '#contract/event.ts';
import { composeRecordings } from '#main/serve/recordings.ts';
import { meta, startBed, type RecorderBed } from './recorder-bed.ts';

async function record(bed: RecorderBed): Promise<string> {
  const about = meta();
  const writer = await bed.recorder.start(about);
  await writer.write('output', Buffer.from('hello'));
  await writer.finish('client');
  return about.recordingId;
}

const recordings = (bed: RecorderBed, search: () => Promise<readonly EventRecord[]>): RecordingService =>
  composeRecordings({
    state: bed.storage.state,
    store: bed.store,
    vault: bed.vault,
    signerPublicKey: bed.recorder.signerPublicKey,
    archive: { search: async () => [...(await search())] },
  });

/** Descriptors of this process that hold the file. */
async function descriptorsOf(path: string): Promise<number> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => '')),
  );
  return links.filter((link) => link === path).length;
}

test('whether the anchors were checked is said', async () => {
  await using bed = await startBed();
  const id = await record(bed);
  expect(await recordings(bed, () => bed.events()).verify(id)).toMatchObject({
    intact: true,
    anchors: 'checked',
  });
  const silent = recordings(bed, () => Promise.reject(new Error('the archive is down')));
  expect(await silent.verify(id)).toMatchObject({ intact: true, anchors: 'unavailable' });
});

test('a recording that cannot be read is not held open', async () => {
  await using bed = await startBed();
  const id = await record(bed);
  const path = bed.store.pathOf((await bed.row(id)).file);
  const content = await readFile(path);
  const service = recordings(bed, () => bed.events());
  const read = (): Promise<unknown> => service.exportAsciicast(id, { version: 2, input: true });

  content.writeUInt8(content.readUInt8(0) ^ 1, 0);
  await writeFile(path, content);
  await expect(read()).rejects.toMatchObject({ code: 'E_RECORDING_DAMAGED' });
  expect(await descriptorsOf(path)).toBe(0);
});
