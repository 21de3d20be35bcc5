import type * as v from 'valibot'
import type {
  Baseline,
  Event,
  LedgerScan,
  LedgerWrite,
  Line,
  LineOf,
  RunStarted,
  StackLog,
  StackStatus,
  TestbedRecord,
} from '../journal/event.ts'
import type { Finding } from '../testbed/finding.ts'
import type { LoggedOperation } from '../journal/disk-operations.ts'
import type { StackPart } from '../testbed/stack-part.ts'
import type { Testbed } from '../testbed/testbed.ts'
import type { Fencing } from './fencing.ts'
import type { KeysQuestion } from './keys-when-green.ts'

export type Check = Baseline['checks'][number]

export type { StackPart }

/** Which cluster is wanted where it is not the testbed's own: a row names the way to fence, and what it changes of the part. */
export interface StackChoice {
  readonly policy: string
  /** in words of the stack's part of the testbed */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** What a row changes of a testbed's stack, as the recording of a run has it. */
export type RowParameters = RunStarted['scenario']['parameters']

/**
 * The pure half of a fencing stack: all that the lab knows of it without touching a host. What drives it on hosts is in
 * main/stacks (`StackDriver`). A member that is given a `part` may count on it being its own: of its kind, and read by its schema.
 */
export interface Stack {
  /** as in the testbed's `stack.kind`, and in every recording */
  readonly kind: string
  /**
   * What the cluster that a row wants keeps on the LUNs.
   * @param choice where it is not the testbed's own
   * @throws Error for a way to fence that the stack has not, or a parameter that is none
   */
  fencing(part: StackPart, choice?: StackChoice): Fencing
  /** The same of a recorded run, by the recording's own words alone; undefined where this version does not know them. */
  recordedFencing(stack: TestbedRecord['stack'], changed: RowParameters): Fencing | undefined
  /** Reads its part of a testbed file: a mapping with its `kind`, its `policy`, and whatever it needs to be told. */
  readonly schema: v.GenericSchema<unknown, StackPart>
  /** What must hold within its part, and between it and the rest of the testbed, beyond what the schema says. */
  check(testbed: Testbed): readonly Finding[]
  /** Names of all its ways to fence. */
  readonly policies: readonly string[]
  /** What stands in a recording of the cluster that a row wants: its way to fence, and all it is configured with. */
  recorded(part: StackPart, choice?: StackChoice): Pick<TestbedRecord['stack'], 'policy' | 'parameters'>
  /** Why the cluster that a row wants cannot run on a testbed, in words; undefined where it can. */
  whyNot(testbed: Testbed, choice?: StackChoice): string | undefined
  /**
   * The registration keys of a node, normalised hex (`0x...`), per use of a LUN; empty where it registers none there.
   * @param id the node's number in the testbed
   */
  nodeKeys(part: StackPart, id: number, choice?: StackChoice): NodeKeys
  /** All keys that any of its ways to fence may have left of a node on a LUN of that use: what the lab may clear away. */
  everyKey(part: StackPart, id: number, use: keyof NodeKeys): readonly string[]
  /**
   * The block of a data disk on which a host may try to write: one that the stack never uses, nor any other host. Undefined for
   * a host that has none.
   * @returns bytes from the start of the disk
   */
  tryBlock(testbed: Testbed, host: string): number | undefined
  /** The block of a coordination point on which a host shows that its try can succeed, bytes from its start. */
  controlBlock(testbed: Testbed, host: string): number
  /** How long it waits for a silent peer before it acts, milliseconds. */
  peerTimeout(part: StackPart): number
  /** All its times by their own names, its defaults among them, milliseconds. */
  times(part: StackPart): Times
  /** The time-out that ends, or begins, where a node's log says this; nothing where it tells of none. */
  timeOutAt(line: Pick<LineOf<'stack.log'>, 'code' | 'data'>, times: Times): TimeOut
  /**
   * A line of its log on a node as an event of the recording, with a code where fencelab knows what it means. Never throws.
   * @param run name of the run whose ledger counts
   * @returns undefined for a line that says nothing, such as a torn one
   */
  readLogLine(line: string, run: string): LogEntry | undefined
  /** The command that it sent to a LUN by itself, where the text of a `stack.log` tells of one. */
  readDiskOperation(text: string): LoggedOperation | undefined
  /**
   * Whether the failover group of a recorded run kept, beside each node's own records, a log that all nodes write to; undefined
   * where only the readings of the ledger can tell.
   */
  keepsSharedLog(stack: TestbedRecord['stack']): boolean | undefined
  /** A line of a node's console as words of the stack; undefined for a line that is none of its. */
  readLastWords(line: string): LastWords | undefined
  /**
   * What its cluster may make of a fault, beside what the fault itself does, in words: nobody is to be surprised by a node that
   * panics.
   * @param target of the fault, by its words (`node`, `link`, `array`, `lun`, `side`)
   * @param choice the cluster that runs now, where it is not the testbed's own
   */
  consequences(testbed: Testbed, target: Readonly<Record<string, string>>, choice?: StackChoice): readonly string[]
  /** What must be seen of a cluster before a row may begin. The baseline asks, and the judge asks again of what was recorded. */
  readonly green: GreenChecks
}

/** Registration keys per use of a LUN; empty where none is registered there. */
export interface NodeKeys {
  readonly coordination: string
  readonly data: string
}

export type Times = Readonly<Record<string, number | undefined>>

/** The part of a time-out that lies before, and after, the moment at which a log line was written; milliseconds. */
export interface TimeOut {
  readonly before?: number
  readonly after?: number
}

/** A line of a stack's log as an event of the recording. */
export interface LogEntry {
  /** seconds since the node's boot */
  readonly hostAt: number
  readonly boot: string
  readonly event: Extract<Event, StackLog | StackStatus | LedgerWrite | LedgerScan>
}

/**
 * What a node that is about to panic may say why: that it raced for the coordination points at all, that it lost such a race, that
 * the tie-breaker gave it no reply. The last two are codes of its log, too.
 */
export type LastWord = 'race' | 'race-lost' | 'tie-breaker-silent'

export interface LastWords {
  /** seconds since the boot of the kernel whose console it is */
  readonly hostAt: number
  /** the words, without what the kernel puts before them */
  readonly text: string
  readonly tells: readonly LastWord[]
}

export interface GreenChecks {
  /** Is the node that said this a member with all of `nodes`, and does it hear them on every private link of the testbed? */
  member(
    line: LineOf<'stack'>,
    nodes: readonly string[],
    started: { readonly testbed: Pick<TestbedRecord, 'links'> },
  ): Check
  /** Does the failover group run on exactly one node? @param statuses the last one of each node */
  group(statuses: readonly LineOf<'stack'>[]): Check
  /** Is the ledger being written, and was every write so far acknowledged? @param least how many writes show that it is */
  writes(lines: readonly Line[], least: number): Check
  /** Is a LUN as it must be, as a viewer saw it last? @param viewer name of a host @param lun its name */
  keys(question: KeysQuestion, viewer: string, lun: string): Check
}
