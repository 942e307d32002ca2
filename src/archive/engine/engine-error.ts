/** An exception in the engine's own numbering (ClickHouse `ErrorCodes`), as its HTTP interface reports it. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: number;

  constructor(code: number, type: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message} (${type})`);
    this.code = code;
  }
}

const UNKNOWN_EXCEPTION = 1002;
const STATUS: Readonly<Record<number, number>> = { 159: 408, 202: 503, 241: 500, 516: 401 };

/** Exception code and HTTP status for whatever was thrown; the text is the engine's own. */
export function describeFailure(error: unknown): {
  readonly code: number;
  readonly status: number;
  readonly text: string;
} {
  const message = error instanceof Error ? error.message : String(error);
  const found = /Code: (\d+)/.exec(message)?.[1];
  const code = found === undefined ? UNKNOWN_EXCEPTION : Number(found);
  const text = found === undefined ? `Code: ${code}. DB::Exception: ${message} (UNKNOWN_EXCEPTION)` : message;
  return { code, status: STATUS[code] ?? (code === UNKNOWN_EXCEPTION ? 500 : 400), text };
}
