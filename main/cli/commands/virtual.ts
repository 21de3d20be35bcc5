import { openGreenLab } from '../../engine/ready/green.ts'
import { forgetRun, unfinishedRuns } from '../../engine/inject/outstanding.ts'
import { loadTestbed, UserError, type LoadedTestbed } from '../../load-testbed.ts'
import { describeUser } from '../../locks/lab-in-use.ts'
import { labUsers, withLab } from '../../locks/lab-lock.ts'
import { assertNever } from '../../../labs/assert-never.ts'
import { labState, otherLabs, refuseAnother, type LabState } from '../../virtual/lab-state.ts'
import { labIsUp, VirtualLab } from '../../virtual/virtual-lab.ts'
import { exitStatus, type Context, type ExitStatus } from '../context.ts'
import { commandFor } from '../require-up.ts'
import { textTable } from '../text-table.ts'
import { tellUnfinished, undo } from '../../engine/inject/undo.ts'

function loadVirtual(name: string): LoadedTestbed {
  const loaded = loadTestbed(name)
  if (loaded.testbed.virtual) return loaded
  throw new UserError(
    `${loaded.file} is not a virtual lab (it has no "virtual" section): its machines are not fencelab's to start or stop`,
  )
}

export async function up(name: string, context: Context): Promise<ExitStatus> {
  const loaded = loadVirtual(name)
  return withLab(loaded, async () => {
    refuseAnother(loaded)
    await tellUnfinished(context)
    const green = await openGreenLab(loaded, {
      lifetime: 'free',
      onProgress: context.onProgress,
      signal: context.signal,
    })
    await green.close()
    context.print(`The lab "${loaded.testbed.name}" is up and all green. ${commandFor('down', name)} ends it.`)
    return exitStatus.passed
  })
}

export async function down(name: string, context: Context): Promise<ExitStatus> {
  const loaded = loadVirtual(name)
  const { testbed, directory } = loaded
  // asked before it is seen whether the lab is up: one that is being started by another program is not up yet
  return withLab(loaded, async () => {
    refuseAnother(loaded)
    if (!(await labIsUp(directory))) {
      context.print(`The lab "${testbed.name}" is not up.${elsewhere(loaded)}`)
      return exitStatus.passed
    }
    await (await VirtualLab.attach(directory)).down(context.signal)
    context.print(`The lab "${testbed.name}" is down.`)
    return exitStatus.passed
  })
}

export async function status(name: string, context: Context): Promise<ExitStatus> {
  const loaded = loadTestbed(name)
  if (loaded.testbed.virtual) context.print(describe(await labState(loaded, context.signal), loaded, name))
  else context.print(`"${loaded.testbed.name}" is a rack: "fencelab check ${name}" looks at its hosts.`)
  for (const user of labUsers(loaded)) context.print(`In use by ${describeUser(user)}.`)
  for (const run of await unfinishedRuns()) {
    context.print(`\nAn earlier run did not finish: ${run.directory}`)
    for (const fault of run.faults) context.print(`  still injected: ${fault.text}`)
    context.print('  "fencelab undo" takes that back')
  }
  return 0
}

function describe(state: LabState, loaded: LoadedTestbed, name: string): string {
  const lab = `The lab "${loaded.testbed.name}"`
  switch (state.is) {
    case 'up':
      return `${lab} is up:\n${textTable([
        ['machine', 'state', 'process'],
        ...state.machines.map((machine) => [machine.name, machine.state, String(machine.pid ?? '')]),
      ])}`
    case 'stuck': {
      const { keeper, why } = state
      const how = keeper === undefined ? '' : ` End it with "kill -9 ${keeper.pid}": its machines end with it.`
      return `${lab} is up, and the process that keeps it${keeper ? ` (${keeper.pid})` : ''} does not answer: ${why}.${how}`
    }
    case 'another':
      return `${lab} of ${loaded.file} is not up. Its directory ${loaded.directory} is in use by the lab of ${state.keeper.testbed}, which is up: end that with "fencelab down ${state.keeper.testbed}", or give one of the files another name.`
    case 'down': {
      const left = state.left.map(
        ({ machine, pid }) => `\n  machine ${machine} still runs, and nothing keeps it: "kill -9 ${pid}" ends it`,
      )
      return `${lab} is not up. ${commandFor('up', name)} starts it.${elsewhere(loaded)}${left.join('')}`
    }
    default:
      return assertNever(state, 'lab state')
  }
}

/** Another testbed file may have the same `name:`; its lab is not this one. */
function elsewhere({ directory, file }: LoadedTestbed): string {
  const others = otherLabs(directory).map(({ testbed }) => testbed)
  return others.length === 0 ? '' : `\n(That is the lab of ${file}. Up is the lab of ${others.join(', of ')}.)`
}

export async function reset(name: string, context: Context): Promise<ExitStatus> {
  const loaded = loadTestbed(name)
  if (loaded.testbed.virtual) refuseAnother(loaded)
  if (loaded.testbed.virtual && !(await labIsUp(loaded.directory))) {
    throw new UserError(`the lab "${loaded.testbed.name}" is not up: ${commandFor('up', name)} starts it, all green`)
  }
  return withLab(loaded, async () => {
    const left = (await unfinishedRuns()).filter(({ testbed }) => testbed === loaded.file)
    // on a rack nothing but its undo takes a fault away
    if (!loaded.testbed.virtual && left.length > 0) await undo(context, left)
    const green = await openGreenLab(loaded, {
      lifetime: 'free',
      onProgress: context.onProgress,
      signal: context.signal,
    })
    try {
      await green.restore(context.signal)
    } finally {
      await green.close()
    }
    // machines that are as they were in their snapshot have nothing left in them
    if (loaded.testbed.virtual) for (const { run } of left) await forgetRun(run)
    context.print(`The lab "${loaded.testbed.name}" is all green.`)
    return exitStatus.passed
  })
}
