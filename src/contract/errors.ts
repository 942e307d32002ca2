interface ErrorEntry {
  /** HTTP status when an API call ends with it. */
  readonly status: number;
  /** Exit code of the command line (sysexits.h where one fits). */
  readonly exitCode: number;
  readonly retryable: boolean;
  /** What it means and what to do, for the reference page. */
  readonly help: string;
}

const error = (status: number, exitCode: number, retryable: boolean, help: string): ErrorEntry => ({
  status,
  exitCode,
  retryable,
  help,
});

/** Every error a user, an administrator or a program can meet. Codes are permanent. */
export const ERROR_CATALOGUE = {
  E_CONFIG: error(
    500,
    78,
    false,
    'The configuration has mistakes. All of them are listed with path and fix; correct them and start again.',
  ),
  E_USAGE: error(400, 64, false, 'The command line is not understood. Run the command with --help.'),
  E_INPUT: error(400, 65, false, 'The input does not fit the schema. Each problem is listed with its path.'),
  E_UNAUTHENTICATED: error(
    401,
    77,
    false,
    'No valid credential came with the request. Log in, or send a valid token.',
  ),
  E_FORBIDDEN: error(
    403,
    77,
    false,
    'The role of this user does not include the operation. Ask an administrator.',
  ),
  E_NOT_FOUND: error(404, 66, false, 'There is no such thing, or you may not see it.'),
  E_CONFLICT: error(409, 65, false, 'The change contradicts what exists. Read the current state and decide.'),
  E_TOO_LARGE: error(413, 65, false, 'The request is larger than its limit.'),
  E_RATE_LIMITED: error(429, 75, true, 'Too many requests. Wait as long as Retry-After says.'),
  E_INTERNAL: error(
    500,
    70,
    false,
    'A defect in Portcullis. The log has the details under the request id; please report it.',
  ),
  E_UNAVAILABLE: error(
    503,
    69,
    true,
    'A part of the server is not ready or not reachable. Try again; `portcullis doctor` says which.',
  ),
  E_SERVER_UNREACHABLE: error(
    503,
    69,
    true,
    'No running server answers. Start it with `portcullis serve`, or name it with --server, --config or --data.',
  ),
  E_DATA_DIR_IN_USE: error(
    503,
    75,
    true,
    'Another process owns the data directory. Stop it first, or use another dataDir.',
  ),
  E_MISSING_PROGRAM: error(
    503,
    69,
    false,
    'A program that must be installed is missing. The message has the exact command to install it.',
  ),
  E_VAULT_KEY: error(
    500,
    78,
    false,
    'The master key is missing, unreadable for its owner alone, or does not fit the vault. Restore the key file or set PORTCULLIS_MASTER_KEY.',
  ),
  E_RECORDING_DAMAGED: error(
    500,
    65,
    false,
    'The recording does not verify. The message names the first place that was changed.',
  ),
  E_RECORDING_WRITE: error(
    507,
    74,
    false,
    'A recording cannot be written (disk full or failing). Recorded sessions end; free space in dataDir.',
  ),
  E_DISK_FULL: error(507, 74, true, 'The disk under dataDir is full. Free space or raise the quota.'),
  E_STATE: error(500, 74, true, 'The state database did not accept a statement.'),
  E_STATE_VERSION: error(
    500,
    78,
    false,
    'The state database was written by a newer version. Run that version, or restore the backup made before the upgrade.',
  ),
  E_STREAM: error(
    500,
    74,
    true,
    'The event stream did not accept an event; nothing that needs it was opened.',
  ),
  E_ARCHIVE: error(
    503,
    69,
    true,
    'The archive cannot answer now. Events are kept in the stream and will be searchable later.',
  ),
  E_MAIL: error(
    502,
    75,
    true,
    'The mail server did not accept the mail. `portcullis mail test --to ADDRESS` shows each step and the exact answer.',
  ),
  E_NO_ADDRESS: error(
    422,
    65,
    false,
    'The user has no mail address. Set one, or use another way of recovery.',
  ),
  E_LINK_INVALID: error(410, 65, false, 'This link is not valid (any more). Ask for a new one.'),
  E_RULE: error(
    400,
    65,
    false,
    'A detection rule, playbook or command rule has a mistake. File, line and fix are named.',
  ),
  E_LOG_SOURCE_TYPE: error(
    400,
    65,
    false,
    'A log source type has mistakes. Each is named with file, line and column; what was loaded before stays in force.',
  ),
  E_UNSUPPORTED: error(
    400,
    65,
    false,
    'The feature is known and not supported yet. The message says what to use instead.',
  ),
  E_LAST_ADMIN: error(409, 65, false, 'The operation would leave no active administrator.'),
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/**
 * An error that is meant for a person: what happened, why, what to do. Anything else that is thrown is a
 * defect.
 */
export class PortcullisError extends Error {
  override readonly name = 'PortcullisError';
  readonly code: ErrorCode;
  /** Single problems, each with its path, when there are several. */
  readonly problems: readonly Problem[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly problems?: readonly Problem[]; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.problems = options.problems ?? [];
  }

  get exitCode(): number {
    return ERROR_CATALOGUE[this.code].exitCode;
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }
}

export interface Problem {
  /** Dotted path to the place, e.g. `ssh.listen`. */
  readonly path: string;
  readonly message: string;
}

/** True for our own errors, also after they crossed a thread (where the class is lost). */
export function isPortcullisError(error: unknown): error is PortcullisError {
  return (
    error instanceof Error &&
    error.name === 'PortcullisError' &&
    'code' in error &&
    typeof error.code === 'string' &&
    Object.hasOwn(ERROR_CATALOGUE, error.code)
  );
}
