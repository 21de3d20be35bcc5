import { keyHistories } from '../timeline/key-history.ts'
import { moments, type Moment } from '../timeline/moments.ts'
import { decisivePart, timeLine } from '../timeline/time-line.ts'
import { buildCase } from '../verdicts/case.ts'
import { readScene, type SceneReader } from './read-scene.ts'
import { runLanes } from './run-lanes.ts'
import type { Line, RunStarted } from '../journal/event.ts'
import type { UnknownLine } from '../journal/schema.ts'
import type { Verdict } from '../verdicts/verdict.ts'
import type { Lanes } from './lane.ts'

/** A run, finished or going on, as it can be looked at. */
export interface Replay {
  readonly lanes: Lanes
  readonly scene: SceneReader
  /** what happened from the first fault on: where a cursor steps to */
  readonly steps: readonly Moment[]
  /** the part that tells most, where there is one */
  readonly decisive: { readonly from: number; readonly to: number } | undefined
}

/**
 * Folds the lines of a run for looking at it. The same folds as the report and the rules use; `verdict` is only drawn.
 * @throws Error where the lines contradict themselves so that no picture can be made
 */
export function replay(
  started: RunStarted,
  lines: readonly Line[],
  unknown: readonly UnknownLine[] = [],
  verdict?: Verdict,
): Replay {
  const run = buildCase(started, lines)
  const histories = keyHistories(started, run.readings, run.nodes)
  const line = timeLine(run, histories)
  return {
    lanes: runLanes({ run, timeLine: line, lines, unknown, verdict }),
    scene: readScene(run, line, histories),
    steps: moments(run, histories),
    decisive: decisivePart(line),
  }
}
