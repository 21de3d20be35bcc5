import { faultNamed } from '../../faults/faults.ts'
import { ofType } from '../../journal/run.ts'
import { recordedTestbed } from '../../testbed-file/recorded-testbed.ts'
import type { FaultPlan } from '../../faults/fault.ts'
import type { FaultLife } from '../../journal/faults.ts'
import type { Case } from '../case.ts'

/**
 * The plan by which a fault was injected, made again from the testbed's text in the recording: the same pure readers say what
 * the raw answers mean. What only the moment knew stands in the recording, too: the process of a machine that was stopped.
 * @returns in words why there is none, where this version cannot make it
 */
export function planAgain({ started, lines }: Pick<Case, 'started' | 'lines'>, life: FaultLife): FaultPlan | string {
  const testbed = recordedTestbed(started.testbed)
  if (!testbed) return "the testbed's text in the recording cannot be read"
  const fault = faultNamed(life.fault)
  if (!fault) return `this version knows no fault ${life.fault}`
  const id = `${started.run}-${life.id}`
  const process = stoppedProcess(lines, id, life)
  try {
    return fault.plan(testbed, life.target, {
      id,
      // neither is part of any question that is asked afterwards
      deadManSeconds: 0,
      monitorCommand: [],
      ...(process !== undefined && { process }),
    })
  } catch (error) {
    return `it cannot be planned again: ${(error as Error).message}`
  }
}

/** The command that stopped a machine names its process last (see `vm-freeze`); else the first that was looked at since. */
function stoppedProcess(lines: Case['lines'], id: string, { target, steps }: FaultLife): number | undefined {
  const command = ofType(lines, 'command').find(
    ({ purpose, argv }) => purpose.startsWith('stop the virtual machine') && argv[5] === id,
  )
  if (command) return Number(command.argv.at(-1))
  const begun = steps[0]?.seq ?? Infinity
  return ofType(lines, 'process').find(({ node, seq }) => node === target['node'] && seq > begun)?.pid
}
