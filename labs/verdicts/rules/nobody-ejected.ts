import { all, believable, holds, unknown, violated, type Case, type Finding } from '../case.ts'
import type { LunRecord, NodeRecord } from '../../journal/event.ts'

/**
 * Every node's key stays on every LUN: no good answer since the baseline lacks it, and one from after the lab had
 * stopped waiting still shows it.
 */
export function nobodyEjected(run: Case): Finding {
  const { testbed } = run.started
  return all(
    testbed.luns.flatMap((lun) => testbed.nodes.map((node) => keyStayed(run, lun, node))),
    'the recording names no LUN or no node',
  )
}

function keyStayed(run: Case, lun: LunRecord, node: NodeRecord): Finding {
  const { baseline, end } = run.frame
  const key = lun.use === 'data' ? node.keys.data : node.keys.coordination
  if (!baseline || !end) return unknown('there is no baseline or no end to compare')
  const answers = believable(run, lun.name)
  const since = answers.filter((one) => one.began.earliest >= baseline.at)
  const gone = since.find((one) => !one.answer.keys.includes(key))
  if (gone) return violated(`${lun.name}: the key of ${node.name} was gone as ${gone.viewer} read it`, [gone.seq])
  const undated = answers.find((one) => one.at >= baseline.at && !since.includes(one) && !one.answer.keys.includes(key))
  if (undated) {
    return unknown(`${lun.name}: an answer lacks the key of ${node.name}, its time is not known`, [undated.seq])
  }
  const last = since.findLast((one) => one.began.earliest >= end.at)
  if (!last) return unknown(`${lun.name}: no good answer at the end`)
  return holds(`${node.name} stayed registered on ${lun.name}`, [last.seq])
}
