/** Benchmarks on the virtual lab: `npm run bench`. Each compares within one run, so that a slow computer slows both sides. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSampleReader, keySamplerScript } from '../../labs/sampling/key-sampler.ts'
import { scenarioNamed } from '../../labs/scenarios/scenarios.ts'
import { hostAddress } from '../../labs/testbed/host-address.ts'
import { devicesByLun, findDevices } from '../engine/ready/devices.ts'
import { openGreenLab, type GreenLab } from '../engine/ready/green.ts'
import { nodeNames, viewerNames } from '../lab/lab.ts'
import { runRow } from '../engine/run/run-row.ts'
import { documentedTable } from './documented-table.ts'
import { loadTestbed } from '../load-testbed.ts'
import { until } from '../until.ts'

const repeats = Number(process.argv[2] ?? 3)
const signal = new AbortController().signal
const say = (text: string) => process.stdout.write(`${text}\n`)

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
const spread = (values: readonly number[]) =>
  `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`

async function timed(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await action()
  return (performance.now() - began) / 1000
}

const roundsOfSampler = 3

/** The same reads three ways: our sampler over the open connection, a plain loop on the host, an ssh process for each. */
async function keyReads(green: GreenLab): Promise<void> {
  const { lab } = green
  // a node, which has a cluster to run, and a host that only looks
  const hosts = [nodeNames(lab.testbed)[0] ?? '', viewerNames(lab.testbed).at(-1) ?? '']
  const devices = new Map(
    await Promise.all(
      hosts.map(async (node) => [node, [...devicesByLun(lab, await findDevices(lab, node, signal))]] as const),
    ),
  )
  const commands = (node: string) =>
    (devices.get(node) ?? []).flatMap(([, device]) =>
      ['-k', '-r', '-s'].map((action) => ['sg_persist', '-n', '-y', action, device]),
    )
  /** the sampler as it lives during a run: how long each of its rounds took until its last answer was here */
  const sampled = async (node: string) => {
    const pairs = (devices.get(node) ?? []).map(([lun, device]) => `${lun}=${device}`)
    const reader = createSampleReader()
    const ends: number[] = []
    const stream = await lab.runner.stream(lab.host(node), {
      purpose: 'benchmark: sampler',
      argv: ['sh', '-c', keySamplerScript, 'sampler', '0', String(roundsOfSampler + 1), 'always', ...pairs],
      signal,
      onLine(line) {
        const found = reader.line(line)
        if (found && 'round' in found) ends.push(performance.now())
      },
    })
    await stream.done
    // the first one starts the shell, which a run does once
    return ((ends.at(-1) ?? NaN) - (ends[0] ?? NaN)) / 1000 / roundsOfSampler
  }
  /** timed by the host's own clock: no connection in it */
  const loop = async (node: string) => {
    const script = [
      'read -r began rest </proc/uptime',
      ...Array.from({ length: roundsOfSampler }, () =>
        commands(node).map((argv) => `${argv.join(' ')} >/dev/null`),
      ).flat(),
      'read -r ended rest </proc/uptime',
      'echo "$began $ended"',
    ].join('\n')
    const { stdout } = await lab.run(node, {
      purpose: 'benchmark: loop',
      argv: ['sh', '-c', script],
      timeoutMs: 120_000,
      signal,
    })
    const [began = 0, ended = 0] = stdout.split(' ').map(Number)
    return (ended - began) / roundsOfSampler
  }
  const processes = async (node: string) => {
    const ssh = hostAddress(lab.testbed, node)?.ssh
    if (!ssh) throw new Error(`${node} has no SSH address`)
    const options = [
      '-i',
      ssh.key ?? '',
      '-o',
      `UserKnownHostsFile=${ssh.knownHosts}`,
      '-o',
      'BatchMode=yes',
      '-p',
      String(ssh.port),
    ]
    for (const argv of commands(node)) await runProcess(['ssh', ...options, `${ssh.user}@${ssh.address}`, ...argv])
  }
  const ours: number[] = []
  const plain: number[] = []
  const each: number[] = []
  for (let round = 0; round < repeats; round += 1) {
    ours.push(Math.max(...(await Promise.all(hosts.map(sampled)))))
    plain.push(Math.max(...(await Promise.all(hosts.map(loop)))))
    each.push(await timed(() => Promise.all(hosts.map(processes))))
  }
  const reads = hosts.reduce((sum, node) => sum + commands(node).length, 0)
  say(
    `\n${reads} reads of key tables (-k, -r, -s of ${devices.get(hosts[0] ?? '')?.length} LUNs on ${hosts.join(' and ')}), median (least to most) of ${repeats}:`,
  )
  say(`  a round of the running sampler     ${spread(ours)} s`)
  say(`  the same in a loop on the host     ${spread(plain)} s`)
  say(`  an ssh process for each read       ${spread(each)} s`)
  say(
    `  sampler / plain loop               ${spread(ours.map((value, index) => value / (plain[index] ?? NaN)))}   (aim: at most 1.2)`,
  )
  say(
    `  ssh processes / sampler            ${spread(each.map((value, index) => value / (ours[index] ?? NaN)))}   (aim: at least 5)`,
  )
}

function runProcess(argv: readonly string[]): Promise<void> {
  const [command = '', ...rest] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { stdio: 'ignore' })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${argv.join(' ')} ended with ${code}`))))
  })
}

/** From a panicked node to all green, connections included. */
async function backToGreen(green: GreenLab): Promise<void> {
  const { lab } = green
  const [victim = ''] = nodeNames(lab.testbed)
  const times: number[] = []
  for (let round = 0; round < repeats; round += 1) {
    lab
      .run(victim, {
        purpose: 'benchmark: panic',
        argv: ['sh', '-c', 'echo c >/proc/sysrq-trigger'],
        expected: [],
        timeoutMs: 5000,
        signal,
      })
      .catch(() => undefined /* a machine that panics does not answer */)
    await until(async () => !(await lab.stack.status(lab, victim, signal, 1500)).status.answered, {
      signal,
      everyMilliseconds: 100,
    })
    times.push(await timed(() => green.restore(signal)))
  }
  say(`\nfrom a panicked lab back to all green, connections included: ${spread(times)} s   (aim: 2)`)
}

async function warmRow(green: GreenLab): Promise<void> {
  const scenario = scenarioNamed('both-private-networks-fail')
  if (!scenario) throw new Error('the row both-private-networks-fail is gone')
  const out = await mkdtemp(join(tmpdir(), 'fencelab-bench-'))
  const times: number[] = []
  const verdicts: string[] = []
  try {
    // the first one warms: versions are asked once
    for (let round = 0; round <= repeats; round += 1) {
      const { seconds, verdict } = await runRow({
        lab: green.lab,
        scenario,
        out,
        onProgress: () => undefined,
        restore: (s) => green.restore(s),
        signal,
      })
      if (round > 0) times.push(seconds)
      verdicts.push(verdict.verdict)
    }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
  const timings = green.lab.stack.pure.times(green.lab.testbed.stack)
  say(`\nrow both-private-networks-fail on a warm lab, start to verdict: ${spread(times)} s   (aim: 30)`)
  say(`  verdicts: ${verdicts.join(', ')}`)
  say(
    `  the cluster's times: ${Object.entries(timings)
      .map(([name, value]) => `${name} ${value} ms`)
      .join(', ')}`,
  )
}

const green = await openGreenLab(loadTestbed('virtual'), {
  lifetime: 'bound',
  onProgress: ({ text }) => process.stderr.write(`${text}\n`),
  signal,
})
try {
  await keyReads(green)
  await backToGreen(green)
  await warmRow(green)
  await documentedTable(green, say, signal)
} finally {
  await green.close()
}
process.exit()
