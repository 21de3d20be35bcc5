/** The live half of a fencing stack: what drives it on real hosts. Its pure half (keys, configuration, words) is in labs/stacks. */
import type { LedgerScan, StackStatus } from '../../labs/journal/event.ts'
import type { Stack, StackChoice } from '../../labs/stacks/stack.ts'
import type { Testbed } from '../../labs/testbed/testbed.ts'
import type { RunOptions, RunResult } from '../hosts/runner.ts'

/** The hosts that a stack runs on, and what they are: all that a driver needs of a lab. */
export interface StackHosts {
  readonly testbed: Testbed
  /** runs a command on a host as root; during a run it becomes an event of the recording */
  run(host: string, options: RunOptions): Promise<RunResult>
}

/** What a stack says of itself, and the host's seconds since boot when it said so. */
export interface StatusAnswer {
  readonly status: StackStatus
  readonly hostAt?: number
}

export interface LedgerQuestion {
  readonly run: string
  readonly when: 'final' | 'late'
  /** the host reads not before it has been up for so many seconds */
  readonly notBefore?: number
}
export interface LedgerAnswer {
  readonly scan: LedgerScan
  /** seconds since the boot of the host, when it had been read */
  readonly hostAt?: number
}

/** What a member of the cluster can be told to do. */
export type StackOrder = 'join' | 'leave' | 'force-stop'

/**
 * Drives one kind of stack. The engine knows a stack through this alone; which one it is, the testbed's `stack.kind` says.
 * Every method rejects with an error that names the host and what was asked, and with the reason of its signal.
 */
export interface StackDriver {
  /** what is known of the stack without touching a host; its `kind` is the one in the testbed's `stack.kind` */
  readonly pure: Stack
  /** what the program on the nodes is, as one short text: where it changed, a saved state of the machines is too old */
  identity(): Promise<string>
  /** Puts program and configuration onto a host; what is there already is left alone. @param devices LUN name to block device there */
  install(
    hosts: StackHosts,
    host: string,
    devices: ReadonlyMap<string, string>,
    signal: AbortSignal,
    choice?: StackChoice,
  ): Promise<void>
  /** The part of it that needs no disks: a node that boots can be given it while it still looks for them. */
  installProgram(hosts: StackHosts, host: string, signal: AbortSignal): Promise<void>
  /** Is just that on a host: this program, and the configuration of the cluster that is wanted? */
  isInstalled(
    hosts: StackHosts,
    host: string,
    devices: ReadonlyMap<string, string>,
    choice: StackChoice,
    signal: AbortSignal,
  ): Promise<boolean>
  /**
   * Starts the stack on a node, which joins the cluster by itself. An old one is ended first.
   * @param log in the middle of a run its log is being read, and goes on where it was
   */
  start(
    hosts: StackHosts,
    host: string,
    signal: AbortSignal,
    log?: 'begins anew' | 'goes on with its log',
  ): Promise<void>
  /** What the stack on a node thinks of the cluster. One that cannot be asked is an answer, too: `answered: false`. */
  status(hosts: StackHosts, host: string, signal: AbortSignal, timeoutMs?: number): Promise<StatusAnswer>
  tell(hosts: StackHosts, host: string, what: StackOrder, signal: AbortSignal): Promise<void>
  /** Lets the failover group on this node write the ledger of a run. @param stack does it run already, or was it only just started */
  startLedger(
    hosts: StackHosts,
    host: string,
    run: string,
    stack: 'runs' | 'is starting',
    signal: AbortSignal,
  ): Promise<void>
  stopLedger(hosts: StackHosts, host: string, signal: AbortSignal): Promise<void>
  /** Reads the ledger of a run back from the data disk, through a node or an observer. A read that fails is kept as what it is. */
  readLedger(hosts: StackHosts, host: string, question: LedgerQuestion, signal: AbortSignal): Promise<LedgerAnswer>
  /** the file on a node that the stack writes its log to; what its lines mean, `pure.readLogLine` says */
  readonly logFile: string
}
