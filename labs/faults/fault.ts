/**
 * What a fault is: commands as data, and how their answers are to be read. Nothing here runs anything; the engine does,
 * and writes down every step. A fault carries its own healing.
 */
import type { Line } from '../journal/event.ts'
import type { FaultName, TargetWord } from '../scenarios/words.ts'
import type { Testbed } from '../testbed/testbed.ts'

export interface Fault {
  readonly name: FaultName
  /** for people: what it does, and what it touches */
  readonly title: string
  /** which words its target needs, in the order of the command line */
  readonly target: readonly TargetWord[]
  /**
   * How long it is there. Absent: until it is taken back, and a run in which it was gone before has shown nothing. `once`: it
   * happens, and nothing has to last. `by-itself`: it ends by itself, and proves only then how long it lasted.
   */
  readonly lasts?: 'once' | 'by-itself'
  /** @throws Error where the testbed cannot do it: what is missing, in words */
  plan(testbed: Testbed, target: Readonly<Record<string, string>>, context: FaultContext): FaultPlan
}

export interface FaultContext {
  /** of this fault in this run: names the dead-man's file on the host */
  readonly id: string
  /** after so many seconds the host reverts by itself, whatever became of the lab */
  readonly deadManSeconds: number
  /** process number of a node's VM on its hypervisor, where the fault needs it */
  readonly process?: number
  /** the command that speaks to a QEMU monitor on the lab's own computer, where the fault needs it */
  readonly monitorCommand?: readonly string[]
}

export interface FaultPlan {
  /** what starts the dead-man timers and applies it: each stage at once, one after the other */
  readonly apply: readonly (readonly FaultAction[])[]
  /** did it take: all must say so, asked again until they do or time is up */
  readonly verify: readonly FaultCheck[]
  /** takes the fault back and ends the dead-man timers; right to run at any time */
  readonly revert: readonly FaultAction[]
  readonly gone: readonly FaultCheck[]
  /** the hosts whose timers are to be renewed, with the arguments of their script */
  readonly timers: readonly FaultTimer[]
  /** what is to be undone, for whoever finds it after a crash */
  readonly undoText: string
  /** the nodes that boot when it is taken back */
  readonly startsAnew?: readonly string[]
  /** how long it may need until it shows, and until it is gone, milliseconds; absent: ten seconds */
  readonly settle?: { readonly verify?: number; readonly gone?: number }
}

/** A timer on a host: `words` are the arguments of the script that started it ($1 seconds, $2 id). */
export interface FaultTimer {
  readonly host: string
  readonly words: readonly string[]
}

export type FaultAction = CommandAction | OutletAction

export interface CommandAction {
  readonly kind: 'command'
  readonly host: string
  readonly purpose: string
  readonly argv: readonly string[]
  /** milliseconds; absent: fifteen seconds */
  readonly timeout?: number
}

/** Outlets are switched by the lab itself, through the drivers of their units. The lab keeps the dead-man timer, too. */
export interface OutletAction {
  readonly kind: 'outlets'
  readonly purpose: string
  /** UNIT/OUTLET */
  readonly outlets: readonly string[]
  readonly on: boolean
}

interface Checking {
  readonly purpose: string
  /**
   * it bears out what another check proves by itself: where its host cannot be asked, the other one decides
   */
  readonly secondWitness?: true
}

export type FaultCheck = CommandCheck | OutletCheck | SeenCheck | ReachCheck

export interface Found {
  readonly ok: boolean
  readonly evidence: string
}

export interface CommandCheck extends Checking {
  readonly kind: 'command'
  readonly host: string
  readonly argv: readonly string[]
  /** exit statuses that are an answer */
  readonly expected: readonly number[]
  /** milliseconds */
  readonly timeout: number
  /** the node whose VM process state the answer is, for the journal */
  readonly processOf?: string
  read(answer: { readonly exit: number | null; readonly stdout: string; readonly stderr: string }): Found
}

/** What the units themselves say of their outlets. */
export interface OutletCheck extends Checking {
  readonly kind: 'outlets'
  readonly outlets: readonly string[]
  readonly on: boolean
}

/** What the recording shows since the fault was begun. */
export interface SeenCheck extends Checking {
  readonly kind: 'seen'
  read(lines: readonly Line[]): Found
}

/** Does a host answer over SSH within so many milliseconds, in another boot than before. */
export interface ReachCheck extends Checking {
  readonly kind: 'reach'
  readonly host: string
  readonly wanted: 'answers' | 'does not answer'
  readonly timeout: number
}

/** The host a check is made on; undefined where none is. */
export const hostOf = (check: FaultCheck): string | undefined => ('host' in check ? check.host : undefined)

/** Where a host keeps the timers: in memory where we may, else in the user's own directory. */
const place =
  'if [ -w /run ]; then place=/run/fencelab; else place="${XDG_RUNTIME_DIR:-$HOME}/fencelab"; fi\nfile="$place/dead-man-$2"'

/**
 * Shell that starts a dead-man timer: when nobody renewed it for so many seconds it runs the undo and is done. Detached
 * from the SSH session (its own session, no open files of ours), so that it lives on when the lab is gone.
 * Arguments of the script: $1 seconds, $2 the fault's id, then what the undo needs.
 */
export const deadMan = (undo: string) =>
  `${place}
mkdir -p "$place" || exit 1
setsid sh -c 'while sleep "$1"; [ -e "$0.renewed" ]; do rm -f "$0.renewed"; done; ${undo}; rm -f "$0"' "$file" "$@" </dev/null >/dev/null 2>&1 &
echo $! >"$file" || exit 1`

/** Shell that tells the timer that the lab is still there. Arguments as above. */
export const renewDeadMan = `${place}
if [ -e "$file" ]; then : >"$file.renewed"; else exit 1; fi`

/**
 * Shell that ends the timer, if it is still there. The timer leads its own session: its sleep goes with it. A file that
 * outlived its timer may name a process that is somebody else's by now: only one that was told of this file is ended.
 */
export const disarm = `${place}
if [ -f "$file" ]; then
  read -r timer <"$file"
  case $(tr '\\0' ' ' 2>/dev/null <"/proc/$timer/cmdline") in *" $file "*) kill -- "-$timer" 2>/dev/null ;; esac
  rm -f "$file" "$file.renewed"
fi`
