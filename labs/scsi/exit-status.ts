/**
 * What the exit status of sg_persist and mpathpersist says of the command: was it executed, may it be sent again?
 * Sources: sg3_utils 1.48, sg_lib.h and section EXIT STATUS of the sg3_utils man page; multipath-tools 0.9,
 * mpath_persist.h and the mpathpersist man page. The two programs number the same causes differently: 11 is a
 * reservation conflict to mpathpersist and an aborted command to sg_persist, whose conflict is 24.
 */

export type ExitOutcome =
  /** executed, GOOD */
  | 'good'
  /** refused by a reservation or for a missing registration: the normal word for "fenced" */
  | 'conflict'
  /** the device tells what happened meanwhile instead of executing; the next command is executed */
  | 'unit-attention'
  /** the device does not know the command, the service action or one of its fields */
  | 'unsupported'
  /** not ready, busy, or a refusal that has to do with neither reservations nor support */
  | 'not-executed'
  /** no way to the device: it cannot be opened, or this target port is not the one to use */
  | 'path'
  /** the program did not understand its own arguments: an error of the lab */
  | 'usage'
  /** nobody can tell whether the device executed it */
  | 'unknown'

export interface ExitMeaning {
  readonly name: string
  readonly meaning: string
  readonly outcome: ExitOutcome
  /** did the device execute the command */
  readonly executed: 'yes' | 'no' | 'unknown'
  /**
   * May the same command be sent again: `once` at once (a unit attention is gone then), `later` after a wait,
   * `look-first` only after reading what the first one did, `no` where it would end the same way.
   */
  readonly retry: 'no' | 'once' | 'later' | 'look-first'
}

/** How many unit attentions in a row are drained before a command counts as not carried out. */
export const mostAttentions = 5

type Row = readonly [name: string, meaning: string, outcome: ExitOutcome]

/** `executed` and `retry` follow from the outcome, but for the rows that say otherwise. */
function meaningOf([name, meaning, outcome]: Row, differs: Partial<ExitMeaning> = {}): ExitMeaning {
  return { name, meaning, outcome, ...consequences[outcome], ...differs }
}
const consequences: Readonly<Record<ExitOutcome, Pick<ExitMeaning, 'executed' | 'retry'>>> = {
  good: { executed: 'yes', retry: 'no' },
  conflict: { executed: 'no', retry: 'no' },
  'unit-attention': { executed: 'no', retry: 'once' },
  unsupported: { executed: 'no', retry: 'no' },
  'not-executed': { executed: 'no', retry: 'later' },
  path: { executed: 'no', retry: 'later' },
  usage: { executed: 'no', retry: 'no' },
  unknown: { executed: 'unknown', retry: 'look-first' },
}

const sgPersist: ReadonlyMap<number, ExitMeaning> = new Map(
  (
    [
      [0, ['good', 'the command was executed', 'good']],
      [1, ['syntax-error', 'sg_persist does not understand its command line', 'usage']],
      [2, ['not-ready', 'the device is not ready', 'not-executed']],
      [3, ['medium-or-hardware-error', 'medium or hardware error', 'unknown']],
      [5, ['illegal-request', 'the device refuses the service action or one of its fields', 'unsupported']],
      [6, ['unit-attention', 'the device reports a unit attention and did not execute the command', 'unit-attention']],
      [7, ['data-protect', 'the medium is write protected', 'not-executed']],
      [9, ['invalid-opcode', 'the device knows no persistent reservations', 'unsupported']],
      [10, ['copy-aborted', 'copy aborted', 'unknown']],
      [11, ['aborted-command', 'the device aborted the command', 'unknown']],
      [12, ['standby', 'the target port is in standby state (ALUA)', 'path']],
      [13, ['unavailable', 'the target port is unavailable (ALUA)', 'path']],
      [14, ['miscompare', 'miscompare', 'unknown']],
      [15, ['file-error', 'the device node cannot be opened or used', 'path']],
      [16, ['becoming-ready', 'the device is becoming ready', 'not-executed']],
      [17, ['illegal-request', 'the device refuses a field', 'unsupported']],
      [18, ['medium-or-hardware-error', 'medium or hardware error', 'unknown']],
      [19, ['invalid-parameter', 'the device refuses a field of the parameter list', 'unsupported']],
      [20, ['no-sense', 'sense data without a cause', 'unknown']],
      [21, ['recovered', 'executed, after the device recovered from an error', 'good']],
      [22, ['address-out-of-range', 'logical block address out of range', 'unsupported']],
      [24, ['reservation-conflict', 'a reservation, or a missing registration, forbids the command', 'conflict']],
      [25, ['condition-met', 'condition met', 'unknown']],
      [26, ['busy', 'the device is busy', 'not-executed']],
      [27, ['task-set-full', "the device's queue is full", 'not-executed']],
      [28, ['aca-active', 'auto contingent allegiance is active', 'not-executed']],
      [29, ['task-aborted', 'the command was aborted, as PREEMPT AND ABORT from another nexus does', 'unknown']],
      [31, ['contradiction', 'options of sg_persist contradict each other', 'usage']],
      [32, ['logic-error', 'sg_persist met a state that it does not expect', 'unknown']],
      [33, ['timeout', 'no answer in time', 'unknown']],
      [35, ['transport-error', 'the driver or the interconnect failed', 'unknown']],
      [40, ['protection-error', 'protection information does not match', 'unknown']],
      [41, ['protection-error', 'protection information does not match', 'unknown']],
      [97, ['malformed', "the device's answer is malformed", 'unknown']],
      [98, ['other-sense', 'other sense data', 'unknown']],
      [99, ['other', 'another error, of the transport or the driver for example', 'unknown']],
      [124, ['stopped', 'timeout(1) stopped sg_persist', 'unknown']],
      [126, ['not-started', 'sg_persist is not executable', 'usage']],
      [127, ['not-found', 'sg_persist is not installed, or not in the PATH', 'usage']],
    ] as const satisfies readonly (readonly [number, Row])[]
  ).map(([code, row]) => [code, meaningOf(row)]),
)

/** errno values (Linux) that open(2) gives before any command is sent; sg_persist exits with 50 + errno. */
const openErrors: ReadonlyMap<number, string> = new Map([
  [1, 'operation not permitted'],
  [2, 'no such device node'],
  [13, 'permission denied'],
])
/** Those that come from open(2) as well as from a command under way when the device went away. */
const pathErrors: ReadonlyMap<number, string> = new Map([
  [5, 'input/output error'],
  [6, 'no such device or address'],
  [16, 'device or resource busy'],
  [19, 'no such device'],
])

/**
 * What an exit status of sg_persist says together with what it printed on its error output (without a trace, see
 * labs/scsi/read-trace.ts). It ends with 0 also where the transport fails under a command (Host_status DID_NO_CONNECT: seen
 * when an array lost its power), for the sense keys NO SENSE and RECOVERED ERROR, and for statuses that it does not know, and
 * prints an empty table then. Taken at its word, that would be "no keys": a good answer has nothing on the error output.
 * Before 1.39 a reservation conflict ends with 99, and the words alone tell it.
 */
export function sgPersistMeaning(status: number | null, errors: string): ExitMeaning {
  if (status === 99 && /\breservation conflict\b/i.test(errors)) return sgPersistExit(24)
  const told = toldApart.find(
    ({ statuses, words }) => status !== null && statuses.includes(status) && words.test(errors),
  )
  if (told !== undefined) return told.meaning
  if (status !== 0) return sgPersistExit(status)
  if (/\btransport:|Host_status=|Driver_status=/i.test(errors)) return transportFailed
  return errors.split('\n').every((line) => line.trim() === '' || isHarmless(line)) ? sgPersistExit(0) : notSilent
}

/**
 * The same for sg_raw, which reports on its error output how the command ended and what became of the data, also where all is
 * well. Source: sg3_utils, sg_raw.c; the statuses are those of sg_persist (sg3_utils(8)).
 */
export function sgRawMeaning(status: number | null, errors: string): ExitMeaning {
  const rest = errors.split('\n').filter((line) => !isSgRawReport(line))
  return sgPersistMeaning(status, status === 0 ? rest.join('\n') : errors)
}
const isSgRawReport = (line: string) =>
  /^SCSI Status: Good\s*$/i.test(line) ||
  /^(?:No data received|Received \d+ bytes of data:?|Writing \d+ bytes of data to \S+)\s*$/.test(line)

const transportFailed = meaningOf(['transport-error', 'the transport failed, though it ended with 0', 'unknown'])
const notSilent = meaningOf(['not-silent', 'it reported an error, though it ended with 0', 'unknown'])
/** What sudo and the shell say of themselves before the program runs. */
const isHarmless = (line: string) =>
  /^sudo: unable to resolve host /.test(line) || /^\S*sh: warning: setlocale: /.test(line)

/**
 * One exit status, several causes, told apart by the words beside it: the sense data that `sg_persist -v` prints
 * (SPC-4 table F.2), getopt's complaint, which keeps the letter in every language, and sudo's, which begin with its
 * name and are no words of sg_persist at all.
 */
const toldApart: readonly {
  readonly statuses: readonly number[]
  readonly words: RegExp
  readonly meaning: ExitMeaning
}[] = [
  {
    statuses: [1],
    words: /^sudo(-rs)?: (\S*\/)?sg_persist: /m,
    meaning: meaningOf(['not-found', 'sg_persist is not installed, or not in the PATH of sudo', 'usage']),
  },
  {
    statuses: [1],
    words: /^sudo(-rs)?: (?!unable to resolve host)|^Sorry, user \S+ |is not in the sudoers file/m,
    meaning: meaningOf(['not-allowed', 'sudo -n does not let us run it', 'usage']),
  },
  {
    statuses: [1],
    words: /-- ?['"‘’]?\w['"‘’]?\s*$|unrecognized option/m,
    meaning: meaningOf([
      'old-version',
      'this sg_persist does not know an option: a newer sg3_utils is needed (1.40 will do)',
      'usage',
    ]),
  },
  {
    // 25h/00h
    statuses: [5, 17],
    words: /logical unit not supported/i,
    meaning: meaningOf(['no-such-lun', 'the array no longer has this LUN for this host, or refuses it', 'path'], {
      retry: 'no',
    }),
  },
  {
    // 55h/04h
    statuses: [5, 17],
    words: /insufficient registration resources/i,
    meaning: meaningOf([
      'no-registration-resources',
      'the device has no room for another registration until others unregister',
      'not-executed',
    ]),
  },
]

/**
 * The meaning of an exit status of sg_persist (0 to 255). `null`: it did not end, or did not run. A status that no
 * table knows is `unknown`, never good.
 */
export function sgPersistExit(status: number | null): ExitMeaning {
  if (status === null) return unfinished
  const known = sgPersist.get(status)
  if (known !== undefined) return known
  if (status === 50) return otherErrno
  if (status > 50 && status < 97) return errnoMeaning(status - 50)
  return unlisted(status)
}

function errnoMeaning(errno: number): ExitMeaning {
  const opening = openErrors.get(errno)
  if (opening !== undefined)
    return meaningOf([`errno-${errno}`, `the device cannot be opened: ${opening}`, 'path'], { retry: 'no' })
  const path = pathErrors.get(errno)
  if (path !== undefined)
    return meaningOf([`errno-${errno}`, path, 'path'], { executed: 'unknown', retry: 'look-first' })
  return meaningOf([`errno-${errno}`, `the operating system reports error ${errno}`, 'unknown'])
}

/** SG_LIB_OS_BASE_ERR (sg_lib.h): an errno is added to it where the sum stays below 97, and it stands alone where not. */
const otherErrno = meaningOf([
  'errno-other',
  'the operating system reports an error above 46 (ETIMEDOUT or EREMOTEIO, for example)',
  'unknown',
])

const unfinished = meaningOf(['no-exit', 'the program has no exit status: it did not run, or did not end', 'unknown'])

function unlisted(status: number): ExitMeaning {
  return meaningOf([`exit-${status}`, `exit status ${status} is not documented`, 'unknown'])
}

const mpathPersist: ReadonlyMap<number, ExitMeaning> = new Map(
  (
    [
      [0, ['good', 'the command was executed', 'good']],
      [1, ['syntax-error', 'mpathpersist does not understand its command line', 'usage']],
      [2, ['not-ready', 'the device is not ready', 'not-executed']],
      [3, ['medium-error', 'medium error', 'unknown']],
      [4, ['hardware-error', 'hardware error', 'unknown']],
      [5, ['illegal-request', 'the device refuses the service action or one of its fields', 'unsupported']],
      [6, ['unit-attention', 'the device reports a unit attention and did not execute the command', 'unit-attention']],
      [7, ['invalid-opcode', 'the device knows no persistent reservations', 'unsupported']],
      [8, ['aborted-command', 'the device aborted the command', 'unknown']],
      [9, ['no-sense', 'sense data without a cause', 'unknown']],
      [10, ['malformed', "the device's answer is malformed", 'unknown']],
      [11, ['reservation-conflict', 'a reservation, or a missing registration, forbids the command', 'conflict']],
      [12, ['file-error', 'the device node cannot be opened', 'path']],
      [13, ['device-mapper-error', 'the device is no multipath device, or its map cannot be read', 'path']],
      [14, ['thread-error', 'a thread for one of the paths cannot be created', 'unknown']],
      [15, ['other', 'another error', 'unknown']],
      [16, ['retryable', 'an error that mpathpersist calls retryable', 'unknown']],
      [17, ['success-unregister', 'no documented exit status: an internal word for an unregistration', 'unknown']],
      [124, ['stopped', 'timeout(1) stopped mpathpersist', 'unknown']],
      [126, ['not-started', 'mpathpersist is not executable', 'usage']],
      [127, ['not-found', 'mpathpersist is not installed, or not in the PATH', 'usage']],
    ] as const satisfies readonly (readonly [number, Row])[]
  ).map(([code, row]) => [
    code,
    // It sends a PROUT down every path: where one path says no, others may have executed it.
    meaningOf(row, code === 2 || code === 6 || code === 11 ? { executed: 'unknown', retry: 'look-first' } : {}),
  ]),
)

/** The meaning of an exit status of mpathpersist. `null`: it did not end, or did not run. */
export function mpathPersistExit(status: number | null): ExitMeaning {
  if (status === null) return unfinished
  return mpathPersist.get(status) ?? unlisted(status)
}
