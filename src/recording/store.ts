import type { FileHandle } from 'node:fs/promises';
import { PortcullisError } from '#contract/errors.ts';

/**
 * Where recordings are kept. Names come from `recordingName` only: nothing that a person typed is ever part
 * of one. Writing goes to a local file in any case; a remote store takes it over when it is finished.
 */
export interface RecordingStore {
  /** Makes the file, which must not exist yet. */
  create(name: string): Promise<NewRecordingFile>;
  /** Opens the file of a recording that was not closed, to read and to append; undefined when there is none. */
  reopen(name: string): Promise<FileHandle | undefined>;
  /** Moves what stands from the offset on into a file beside it, so that nothing is ever thrown away. */
  putTailAside(name: string, offset: number): Promise<void>;
  /** Deletes a recording with all that lies beside it. One that is gone already is no error. */
  remove(name: string): Promise<void>;
  /** The path under which a reader on this machine finds it. */
  pathOf(name: string): string;
  /** Space that the user of the server may still fill, in bytes. */
  availableBytes(): Promise<number>;
  /** Space set apart for the end records of what is being written when the disk runs full. */
  readonly reserve: SpaceReserve;
}

export interface NewRecordingFile {
  readonly file: FileHandle;
  /** Makes the name itself durable. */
  readonly syncName: () => Promise<void>;
}

export interface SpaceReserve {
  /** Takes the space, unless it is taken. Rejects when the disk is too full for it. */
  take(): Promise<void>;
  release(): Promise<void>;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NAME = /^\d{4}\/\d{2}\/\d{2}\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.pcrec$/;

/** `2026/11/22/<id>.pcrec`, by the day (UTC) on which it began. */
export function recordingName(id: string, startedAtMs: number): string {
  if (!ID.test(id)) throw new PortcullisError('E_INPUT', 'A recording id must be a UUID in lower case.');
  const day = new Date(startedAtMs).toISOString().slice(0, 10).replaceAll('-', '/');
  return checkedName(`${day}/${id}.pcrec`);
}

/** Guards every use of a name that was read back from a database. */
export function checkedName(name: string): string {
  if (!NAME.test(name)) throw new PortcullisError('E_INPUT', 'This is not the name of a recording.');
  return name;
}
