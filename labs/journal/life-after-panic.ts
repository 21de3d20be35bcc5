import { isPanicLine } from './panic-line.ts'
import type { Clocks } from './clock.ts'
import type { Line, LineOf } from './event.ts'

/** How a console shows a line of the kernel's log: seconds since that kernel booted, who printed it (PRINTK_CALLER), its words. */
const stamped = /\[ *(\d+\.\d+)\](?:\[ *[CT]\d+\])? ?(.*)$/

/**
 * How long a kernel that panics may print what other processors and programs still say, seconds of its own clock: panic() has
 * said its first words before it stops the other processors, and waits a second until they are (native_stop_other_cpus() in
 * arch/x86/kernel/smp.c).
 */
const winding = 1

/**
 * What a kernel prints of a panic, and afterwards in the endless loop of panic(), where one processor still takes interrupts:
 * the dump (show_regs(), dump_stack()), the end (`---[ end Kernel panic`, `Kernel Offset`, `Rebooting in`), what it does with
 * the crash, and the noise of its timers. Whatever needs a process or another kernel thread to run is not among it: a hung task,
 * a mounted file system, a program's words. Source: kernel/panic.c, arch/x86/kernel/dumpstack.c, kernel/watchdog.c,
 * kernel/rcu/tree_stall.h of the Linux kernel.
 */
const ofThePanic: readonly RegExp[] = [
  /^ *(?:\? +)?[\w.$]+\+0x[0-9a-f]+\/0x[0-9a-f]+/,
  /^ *(?:Call Trace|Call trace|<\/?[A-Z#]+\d?>|CPU: ?\d+|Hardware name:|Workqueue:|Modules linked in:|Code:|Stack:|Tainted:)/,
  /^ *(?:RIP|RSP|EIP|ESP|R[A-D]X|RBP|R\d\d|CR\d|DR\d|FS|EAX|EBX|PKRU|pc|lr|sp|x\d+|pstate) ?:/,
  /^Kernel panic - not syncing|^---\[ (?:end|cut)|^Kernel Offset:|^Rebooting in \d|^Memory Limit:|^PHYS_OFFSET:|^CPU features:/,
  /^(?:ACPI MEMORY|ERST:|pstore:|kexec:|Starting crashdump|Loading crashdump|Dumping ftrace|Shutting down cpus|Sending NMI|NMI|Uhhuh)/,
  /soft lockup|hard LOCKUP|watchdog did not stop|rcu.*(?:stall|detected|starved|kthread)|self-detected stall/i,
  /^(?:clocksource|hrtimer|sched|perf|timekeeping|printk: .*dropped|\*\* \d+ printk messages dropped)\b/,
  /^reboot: |^Restarting system|^sysrq: /,
]

/**
 * The first line of a node's console that its kernel cannot have printed after it had panicked: the node goes on in the boot
 * that panicked, or the console is another machine's. Lines without a time stamp are no sign, for they may be the firmware's
 * of the next boot; a stamp from before the panic begins another boot, and what follows is that one's.
 *
 * @param lines of the node, in the order of the journal
 * @param panic where the panic was seen first
 */
export function consoleAfterPanic(
  lines: readonly Line[],
  node: string,
  clocks: Pick<Clocks, 'span'>,
  panic: Pick<Line, 'seq' | 'at'>,
): LineOf<'console'> | undefined {
  let died: number | undefined
  for (const line of lines) {
    if (line.type !== 'console' || line.host !== node) continue
    const [, seconds, text = ''] = stamped.exec(line.text) ?? []
    if (seconds === undefined) continue
    const time = Number(seconds)
    if (died === undefined && isPanicLine(line.text)) {
      died = time
      continue
    }
    if (died !== undefined && time < died - winding) return undefined
    if (ofThePanic.some((pattern) => pattern.test(text))) continue
    if (died !== undefined ? time > died + winding : isAfter(line, time, clocks, panic)) return line
  }
  return undefined
}

/**
 * Where the console has no panic: by the node's own clock, which the kernel's stamps follow; where that was not measured, by
 * the line's place in the journal: better an unknown too many than a death that was none.
 */
function isAfter(
  line: LineOf<'console'>,
  time: number,
  clocks: Pick<Clocks, 'span'>,
  panic: Pick<Line, 'seq' | 'at'>,
): boolean {
  const span = line.host === undefined ? undefined : clocks.span(line.host, time, line)
  return line.seq > panic.seq && (span === undefined || span.earliest > panic.at + winding * 1000)
}
