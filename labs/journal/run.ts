import { ofType } from './grouped.ts'
import type { Line, LineOf, Phase } from './event.ts'

export { ofType }

/** The frame of a run: where it begins, where it ends, and which lines can decide anything. */
export interface RunFrame {
  readonly started: LineOf<'run.started'> | undefined
  readonly ended: LineOf<'run.ended'> | undefined
  /**
   * The lines up to the restore phase. From there on the lab brings everything back (a snapshot even with the boot ids
   * of before), so what is seen then says nothing about what the fault did.
   */
  readonly lines: readonly Line[]
  /** the first step of the first fault, or the first thing that the operator did: from here on something is expected */
  readonly injected: LineOf<'fault'> | LineOf<'operation'> | undefined
  /** the last baseline before that */
  readonly baseline: LineOf<'baseline'> | undefined
  /** where the lab stopped waiting and collected what became of everything; what is final must come after it */
  readonly end: { readonly seq: number; readonly at: number } | undefined
}

/** Finds the frame of a run in its lines, in order. A run that has no such line has no such part; nothing is guessed. */
export function frameRun(all: readonly Line[]): RunFrame {
  const restore = all.findIndex((line) => line.type === 'phase' && line.name === 'restore')
  const lines = restore === -1 ? all : all.slice(0, restore)
  const injected = lines.find((line) => line.type === 'fault' || line.type === 'operation')
  return {
    started: all.find((line) => line.type === 'run.started'),
    ended: all.findLast((line) => line.type === 'run.ended'),
    lines,
    injected,
    baseline: ofType(lines, 'baseline').findLast((line) => !injected || line.seq < injected.seq),
    end: phase(lines, 'collect') ?? ofType(lines, 'await').at(-1) ?? injected,
  }
}

function phase(lines: readonly Line[], name: Phase['name']): LineOf<'phase'> | undefined {
  return ofType(lines, 'phase').findLast((line) => line.name === name)
}
