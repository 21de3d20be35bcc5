/** Runs LUN tasks inside a machine: emits their requests, collects their outcomes per purpose. */
import { nextOfTask } from './lun-task.ts'
import type { LunOutcome, LunProgram, LunTask } from './lun-task.ts'
import type { DiskAnswer } from './disk.ts'
import type { StepContext } from './policy.ts'

/** The part of a policy's state that is about work on LUNs. `P`: what its tasks are for. */
export interface TaskState<P extends string> {
  nextRequest: number
  tasks: { id: number; purpose: P; task: LunTask }[]
  outcomes: Partial<Record<P, Record<string, LunOutcome>>>
}
type Context<P extends string> = StepContext<TaskState<P>>

/** Copies what is changed in place. */
export function copyTasks<P extends string>(state: TaskState<P>): Pick<TaskState<P>, 'tasks' | 'outcomes'> {
  return { tasks: [...state.tasks], outcomes: { ...state.outcomes } }
}

/** Starts one task per LUN. What the purpose was doing before is forgotten; late answers are ignored. */
export function startTasks<P extends string>(
  context: Context<P>,
  purpose: P,
  luns: readonly string[],
  program: (lun: string) => LunProgram,
): void {
  abandonTasks(context, purpose)
  context.s.outcomes[purpose] = {}
  for (const lun of luns) advance(context, purpose, { lun, program: program(lun), answers: [] })
}

/** Forgets tasks. A command on its way is still executed: requests of a LUN keep their order, so a later one wins. */
export function abandonTasks<P extends string>(context: Context<P>, ...purposes: P[]): void {
  context.s.tasks = context.s.tasks.filter((task) => !purposes.includes(task.purpose))
}

/** The outcomes per LUN once all tasks of the purpose ended; null before. */
export function outcomesOf<P extends string>(
  context: Context<P>,
  purpose: P,
): Readonly<Record<string, LunOutcome>> | null {
  if (context.s.tasks.some((task) => task.purpose === purpose)) return null
  return context.s.outcomes[purpose] ?? null
}

export function onDiskResult<P extends string>(context: Context<P>, id: number, answer: DiskAnswer): void {
  const running = context.s.tasks.find((task) => task.id === id)
  if (!running) return
  context.s.tasks = context.s.tasks.filter((task) => task !== running)
  advance(context, running.purpose, { ...running.task, answers: [...running.task.answers, answer] })
}

function advance<P extends string>(context: Context<P>, purpose: P, task: LunTask): void {
  const { s } = context
  const next = nextOfTask(task)
  if ('outcome' in next) {
    s.outcomes[purpose] = { ...s.outcomes[purpose], [task.lun]: next.outcome }
    return
  }
  const id = s.nextRequest++
  s.tasks.push({ id, purpose, task })
  context.effects.push({ kind: 'disk', request: { id, lun: task.lun, operation: next.operation } })
}
