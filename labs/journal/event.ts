/**
 * The events of a run: the only truth. Everything that is shown or judged is folded from these, live and a year later.
 *
 * Every line of `journal.jsonl` is one `Line`: an event, its sequence number, the lab's clock, where there is one the
 * clock of the host that saw it, and the hash of the line before. Times: `at` is milliseconds since the run started on
 * the lab's monotonic clock; `hostAt` is seconds since the boot of `host` (the clock of /proc/uptime), which the
 * `clock` events tie to the lab's.
 */
import type { Outcome } from '../scenarios/outcome.ts'
import type { OperationName, Scenario } from '../scenarios/scenario.ts'

export type Event =
  | RunStarted
  | RunEnded
  | Phase
  | Note
  | HostFacts
  | ClockMeasured
  | Connection
  | Command
  | KeysRead
  | ArrayKeys
  | FaultStep
  | Boot
  | Follow
  | PanicEvent
  | ConsoleLine
  | ProcessState
  | StackStatus
  | StackLog
  | LedgerWrite
  | LedgerScan
  | WriteTry
  | Baseline
  | Await
  | Probe
  | RolesBound
  | Operation
  | OutletState
  | Checkpoint
  | Applicability

export type EventType = Event['type']

/** What every line carries besides its event. */
export interface Envelope {
  readonly seq: number
  /** milliseconds since the run started, lab's monotonic clock: when the lab wrote it down */
  readonly at: number
  /** the host that saw it */
  readonly host?: string
  /** seconds since that host's boot, its own clock, when it was seen there */
  readonly hostAt?: number
  /** sha256 (hex) of the whole line before; 64 zeros for the first */
  readonly prev: string
}

export type Line = Envelope & Event
export type LineOf<T extends EventType> = Envelope & Extract<Event, { type: T }>

export interface RunStarted {
  readonly type: 'run.started'
  readonly format: 1
  /**
   * What this recording can be expected to hold. Absent (1): as the first versions wrote it. 2: faults are looked at again
   * before they are taken back and at the end (`held`), and it is recorded how far each log was followed (`follow`). 3: writes
   * are tried where they must be refused (`write-try`), and after a takeover the ledger is read late (`ledger.scan`).
   */
  readonly revision?: number
  readonly fencelab: string
  /** UTC, ISO 8601 */
  readonly wall: string
  readonly run: string
  readonly scenario: Scenario
  readonly testbed: TestbedRecord
  /** the roles of the row, bound to this testbed: {A: 'nodea', B: 'nodeb'} */
  readonly roles: Readonly<Record<string, string>>
}

/** What judging needs of the testbed, and its whole text for whoever reads the recording. */
export interface TestbedRecord {
  readonly name: string
  readonly file: string
  readonly text: string
  readonly nodes: readonly NodeRecord[]
  readonly links: readonly string[]
  readonly luns: readonly LunRecord[]
  readonly stack: {
    readonly kind: string
    readonly policy: string
    readonly parameters: Readonly<Record<string, unknown>>
  }
  /** milliseconds for which a write may be on its way, as the testbed says; what a host says of its own may be more */
  readonly scsiTimeout?: number
}
export interface NodeRecord {
  readonly name: string
  readonly id: number
  /** the registration keys this node uses, normalised hex (`0x...`), per LUN use; empty where the cluster uses none */
  readonly keys: { readonly coordination: string; readonly data: string }
  /** which witnesses of a panic this testbed has for the node */
  readonly panicWitnesses: readonly ('panic-event' | 'console')[]
  /** the outlets that feed it, all of its power supplies: off is only who has no power on any */
  readonly outlets?: readonly string[]
}
export interface LunRecord {
  readonly name: string
  readonly wwid: string
  readonly use: 'coordination' | 'data'
  readonly array?: string
}

export interface RunEnded {
  readonly type: 'run.ended'
  readonly reason: 'complete' | 'stopped' | 'error'
  readonly error?: string
  /** sha256 of the other files of the recording, by name */
  readonly files: Readonly<Record<string, string>>
}
export interface Phase {
  readonly type: 'phase'
  readonly name: 'prepare' | 'baseline' | 'inject' | 'observe' | 'collect' | 'restore'
}
export interface Note {
  readonly type: 'note'
  readonly text: string
}
export interface HostFacts {
  readonly type: 'host.facts'
  /** kernel, sg_persist, distribution, initiator, vendor/product/revision of LUNs: whatever names a version */
  readonly facts: Readonly<Record<string, string>>
}
/** lab time (ms) = hostAt (s) * 1000 + offset (ms), give or take `uncertainty` (ms, half the round trip plus the clock's grain). */
export interface ClockMeasured {
  readonly type: 'clock'
  readonly boot: string
  readonly offset: number
  readonly uncertainty: number
}
export interface Connection {
  readonly type: 'connection'
  readonly state: 'connected' | 'slow' | 'gone'
  readonly reason: string
}
export interface Command {
  readonly type: 'command'
  readonly purpose: string
  readonly argv: readonly string[]
  /** null: it did not end (see `failure`) */
  readonly exit: number | null
  readonly expected: readonly number[]
  readonly failure?: 'timeout' | 'gone' | 'aborted' | 'signal'
  readonly stdout: string
  readonly stderr: string
  readonly milliseconds: number
}
/** One `sg_persist --in` as it was answered. `host` is where it ran. A failed read is kept as what it is. */
export interface KeysRead {
  readonly type: 'keys'
  readonly lun: string
  readonly device: string
  readonly action: 'keys' | 'reservation' | 'full-status'
  /** exit status of sg_persist; null where it did not run (no device) */
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
  /** host clock (seconds since its boot) before and after; the answer was true at some moment between */
  readonly began: number
  readonly ended: number
  /** from 2 on: asked again after a unit attention (exit 6), or to see the bytes of an empty answer */
  readonly attempt: number
  /** the bytes that arrived, hexadecimal, at most 256: of an empty table, which is printed without an answer, too */
  readonly bytes?: string
  /** the answer was the same, to the letter, as in this earlier event, whose text then stands for it (stdout and stderr are empty here) */
  readonly same?: number
}
/** The array's own view of a LUN's reservations, asked on the array itself: an independent witness. */
export interface ArrayKeys {
  readonly type: 'array-keys'
  readonly lun: string
  readonly text: string
  readonly same?: number
}
/**
 * The life of a fault, as the engine went by it. `applied` only says that the command came back; `verified` says whether it
 * took; `held`, whether it was still there when it was looked at again: just before it is taken back, or at the end. What is
 * judged are the raw answers that these rest on.
 */
export interface FaultStep {
  readonly type: 'fault'
  readonly id: string
  readonly fault: string
  /** what it hits, in the testbed's words: {node: 'nodea', link: 'priv1'} */
  readonly target: Readonly<Record<string, string>>
  readonly step: 'applying' | 'applied' | 'verified' | 'held' | 'reverting' | 'reverted' | 'gone'
  /**
   * for `verified`: did it take; for `held`: is it still there (absent: nobody could be asked); for `gone`: is it gone; for
   * `applied`/`reverted`: did the commands succeed
   */
  readonly ok?: boolean
  /** what the answer rests on, in words, for people */
  readonly evidence?: string
}
/**
 * How far a log of `host` was followed. `began`: its lines are read from line `line` of the file on; `ended`: they are not
 * read any more, and why (a lost connection is taken up again where it was: another `began`); `reached`: when the lab asked,
 * the file had `line` lines, and all of them had been read by now. Only this proves that a line that is not in the
 * recording was not in the log.
 */
export interface Follow {
  readonly type: 'follow'
  readonly what: 'stack.log' | 'console'
  readonly step: 'began' | 'ended' | 'reached'
  readonly line?: number
  /** for `reached`: how many lines of the stack's log of this host stand in the recording before this one */
  readonly told?: number
  readonly reason?: string
}
/** A node's boot id, seen at its side. */
export interface Boot {
  readonly type: 'boot'
  readonly boot: string
}
/** The hypervisor (or the platform) reports a panic of the node `host`. */
export interface PanicEvent {
  readonly type: 'panic-event'
  readonly source: string
}
/** One line of the serial console of `host`. */
export interface ConsoleLine {
  readonly type: 'console'
  readonly text: string
}
/** State letter of a VM's process on its hypervisor (T = stopped), seen by reading /proc/PID/stat. */
export interface ProcessState {
  readonly type: 'process'
  readonly node: string
  readonly pid: number
  readonly state: string
}
/** What the stack on node `host` says of itself. */
export interface StackStatus {
  readonly type: 'stack'
  readonly answered: boolean
  readonly state?: 'stopped' | 'joining' | 'member' | 'racing' | 'waiting' | 'lost' | 'refused' | 'left'
  readonly members?: readonly string[]
  /** node names heard on each private link */
  readonly links?: Readonly<Record<string, readonly string[]>>
  /** does the failover group run here */
  readonly active?: boolean
  readonly text: string
}
/** A line of the stack's log on `host`; `code` where fencelab knows what it means. */
export interface StackLog {
  readonly type: 'stack.log'
  readonly text: string
  readonly code?: string
  /** what the line says in words, for rules: which node, which racer, how many points */
  readonly data?: Readonly<Record<string, unknown>>
}
/** One record that node `host` tried to write to the data disk, and what came of it. Times are the host's clock, seconds. */
export interface LedgerWrite {
  readonly type: 'ledger.write'
  readonly number: number
  readonly epoch: number
  readonly issued: number
  readonly completed: number
  /** refused: the storage said no (reservation conflict). failed: another error. A write without a line is unknown. */
  readonly result: 'acknowledged' | 'refused' | 'failed'
  readonly errno: number
}
/** The ledger as read from the disk through `host`. */
export interface LedgerScan {
  readonly type: 'ledger.scan'
  /**
   * takeover: read by the survivor after it had ejected the other, before its own first write. final: at the end of the run.
   * late: once more, when the SCSI time-out of whoever lost the group has passed since the takeover
   */
  readonly when: 'takeover' | 'final' | 'late'
  readonly lun: string
  /** when the reading began, seconds since the boot of `host`; the envelope's hostAt says when it had ended */
  readonly began?: number
  /** set where the read failed: then `records` says nothing */
  readonly error?: string
  readonly records: readonly LedgerRecord[]
  /** what stands in the slots of the log that all nodes share, where the cluster keeps one: there they can overwrite each other */
  readonly shared?: readonly LedgerRecord[]
  /** blocks of the regions that are neither empty nor a record of this run in its place; absent: there are none */
  readonly odd?: readonly LedgerOddity[]
  /** records that name another run, by run: leftovers of earlier runs, which are none of this run's as long as they do not grow */
  readonly otherRuns?: readonly OtherRun[]
}
/** What a reading found on the disk. */
export type LedgerContents = Pick<LedgerScan, 'records' | 'shared' | 'odd' | 'otherRuns'>
/** A block of a region that holds something else than it should; neighbours that are odd in the same way are one entry. */
export interface LedgerOddity {
  /** as the nodes are numbered; the one behind all of them is the shared one */
  readonly region: number
  /** from 1 (0: the block that belongs to no record) */
  readonly slot: number
  /** the last slot of these, where there are several */
  readonly to?: number
  /**
   * torn: begins as a record does, and its checksum is wrong. no-record: is neither empty nor begins as a record does.
   * foreign: a right record of this run, by somebody who is no node of it. misplaced: a right record of this run, in another
   * slot or region than its own
   */
  readonly kind: 'torn' | 'no-record' | 'foreign' | 'misplaced'
  /** the writer that it names, and the record's number where it is misplaced */
  readonly who?: string
}
export interface OtherRun {
  readonly run: string
  readonly records: number
}
/**
 * A host that has no right to it tried to write a block of 4096 bytes with one SCSI command (WRITE(10), through the SG driver:
 * the answer is the device's own status, which no file system or cache stands before).
 */
export interface WriteTry {
  readonly type: 'write-try'
  /** control: where nothing protects, to show that the same try can succeed and be seen. end: where it must be refused */
  readonly why: 'control' | 'end'
  readonly lun: string
  readonly device: string
  /** where the block begins, bytes from the start of the LUN */
  readonly block: number
  /** SHA-256 of the 4096 bytes that were sent */
  readonly wrote: string
  /** each command in the order in which they were sent: a second one only after a unit attention */
  readonly answers: readonly SgAnswer[]
  /** what was in the block before and after, as a host read it that may read there; absent: nobody could be asked to */
  readonly before?: BlockRead
  readonly after?: BlockRead
  /** control only: how the block was given back what had been in it */
  readonly restored?: SgAnswer
}
/** How a program of sg3_utils ended that sent one command; its status says what the device answered (sg3_utils(8)). */
export interface SgAnswer {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
  /** clock of the host on which it ran, seconds since its boot */
  readonly began: number
  readonly ended: number
}
export interface BlockRead extends SgAnswer {
  readonly host: string
  /** of the 4096 bytes; absent where they were not all read */
  readonly sha256?: string
}
/** A record whose checksum was right and which belongs to this run. */
export interface LedgerRecord {
  readonly node: string
  readonly number: number
  readonly epoch: number
  /** writer's clock, seconds since its boot, and which boot that was */
  readonly issued: number
  readonly boot: string
}
export interface Baseline {
  readonly type: 'baseline'
  readonly green: boolean
  readonly checks: readonly { readonly text: string; readonly ok: boolean; readonly events: readonly number[] }[]
}
/** The engine waited for a condition of the row. Not evidence: it tells when the lab stopped looking. */
export interface Await {
  readonly type: 'await'
  readonly condition: string
  readonly met: boolean
  readonly seconds: number
}
/** From here on the roles of the row are these. */
export interface RolesBound {
  readonly type: 'roles'
  readonly roles: Readonly<Record<string, string>>
}
/** What the operator does by hand, done by the lab. A node that it restarted has a `boot` event of its own afterwards. */
export interface Operation {
  readonly type: 'operation'
  readonly operation: OperationName
  readonly nodes: readonly string[]
  readonly step: 'begun' | 'done'
  /** for `done`: did it succeed */
  readonly ok?: boolean
  readonly evidence?: string
}
/** What a power unit says of one of its outlets. */
export interface OutletState {
  readonly type: 'outlet'
  /** UNIT/OUTLET, as the testbed writes it */
  readonly outlet: string
  readonly state: 'on' | 'off' | 'unknown'
  /** the hosts and private links that it feeds */
  readonly feeds: readonly string[]
}
/** The lab looks at what became of everybody so far: between `begun` and `done` everyone was asked. */
export interface Checkpoint {
  readonly type: 'checkpoint'
  readonly name: string
  readonly step: 'begun' | 'done'
}
/** Whether the row can be run on this testbed at all, and if not, why. */
export interface Applicability {
  readonly type: 'applicability'
  readonly applicable: boolean
  readonly reason: string
}
/** A probe of a node at the end: can it be reached, and what does it answer. */
export interface Probe {
  readonly type: 'probe'
  readonly node: string
  readonly reachable: boolean
  readonly boot?: string
  readonly text: string
}

export type { Outcome }
