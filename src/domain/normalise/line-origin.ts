import type { EventOrigin } from '#contract/event-origin.ts';
import type { JsonObject } from '#lib/json.ts';

/** Where a line came from, which is never the line's to say. */
export interface LineOrigin {
  /** Name of the log source: `source` of its events. */
  readonly source: string;
  /** Who its users are users of: the name of a foreign bastion, or of the source itself. */
  readonly realm: string;
  /** Written under `data.intake`. */
  readonly intake: EventOrigin & JsonObject;
}
