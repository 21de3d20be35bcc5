import { existsSync } from 'node:fs'
import { openGreenLab } from '../../engine/green.ts'
import { forgetRun, unfinishedRuns } from '../../engine/outstanding.ts'
import { loadTestbed, UserError, type LoadedTestbed } from '../../load-testbed.ts'
import { labIsUp, VirtualLab } from '../../virtual/virtual-lab.ts'
import type { Context, ExitStatus } from '../context.ts'
import { commandFor } from '../require-up.ts'
import { textTable } from '../text-table.ts'
import { tellUnfinished, undo } from './undo.ts'

function loadVirtual(name: string): LoadedTestbed {
  const loaded = loadTestbed(name)
  if (loaded.testbed.virtual) return loaded
  throw new UserError(
    `${loaded.file} is not a virtual lab (it has no "virtual" section): its machines are not fencelab's to start or stop`,
  )
}

export async function up(name: string, context: Context): Promise<ExitStatus> {
  const loaded = loadVirtual(name)
  await tellUnfinished(context)
  const green = await openGreenLab(loaded, { lifetime: 'free', onProgress: context.onProgress, signal: context.signal })
  await green.close()
  context.print(`The lab "${loaded.testbed.name}" is up and all green. ${commandFor('down', name)} ends it.`)
  return 0
}

export async function down(name: string, context: Context): Promise<ExitStatus> {
  const { testbed, directory } = loadVirtual(name)
  if (!(await labIsUp(directory))) {
    context.print(`The lab "${testbed.name}" is not up.`)
    return 0
  }
  await (await VirtualLab.attach(directory)).down()
  context.print(`The lab "${testbed.name}" is down.`)
  return 0
}

export async function status(name: string, context: Context): Promise<ExitStatus> {
  const { testbed, directory } = loadTestbed(name)
  if (testbed.virtual && existsSync(directory) && (await labIsUp(directory))) {
    const lab = await VirtualLab.attach(directory)
    const machines = await lab.status()
    lab.close()
    context.print(`The lab "${testbed.name}" is up:`)
    context.print(
      textTable([
        ['machine', 'state', 'process'],
        ...machines.map(({ name, state, pid }) => [name, state, String(pid ?? '')]),
      ]),
    )
  } else if (testbed.virtual) context.print(`The lab "${testbed.name}" is not up. ${commandFor('up', name)} starts it.`)
  else context.print(`"${testbed.name}" is a rack: "fencelab check ${name}" looks at its hosts.`)
  for (const run of await unfinishedRuns()) {
    context.print(`\nAn earlier run did not finish: ${run.directory}`)
    for (const fault of run.faults) context.print(`  still injected: ${fault.text}`)
    context.print('  "fencelab undo" takes that back')
  }
  return 0
}

export async function reset(name: string, context: Context): Promise<ExitStatus> {
  const loaded = loadTestbed(name)
  if (loaded.testbed.virtual && !(await labIsUp(loaded.directory))) {
    throw new UserError(`the lab "${loaded.testbed.name}" is not up: ${commandFor('up', name)} starts it, all green`)
  }
  const left = (await unfinishedRuns()).filter(({ testbed }) => testbed === loaded.file)
  // on a rack nothing but its undo takes a fault away
  if (!loaded.testbed.virtual && left.length > 0) await undo(context, left)
  const green = await openGreenLab(loaded, { lifetime: 'free', onProgress: context.onProgress, signal: context.signal })
  try {
    await green.restore(context.signal)
  } finally {
    await green.close()
  }
  // machines that are as they were in their snapshot have nothing left in them
  if (loaded.testbed.virtual) for (const { run } of left) await forgetRun(run)
  context.print(`The lab "${loaded.testbed.name}" is all green.`)
  return 0
}
