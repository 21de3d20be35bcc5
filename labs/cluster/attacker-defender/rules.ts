/**
 * Policy `attacker-defender`: EXPRESSCLUSTER with persistent reservations, by its published scripts (script.ts). The node
 * that starts the group attacks: it wipes all registrations, waits longer than a defender sleeps, and reserves. The node
 * that runs it defends: it takes the reservation again and again. A defender that lost it stops the group ("final action:
 * stop group"), on Windows the node; that the group is active twice stops nobody (clp.conf, checkgroup downopt 0).
 *
 * A node that is fenced is not ejected from anything: it stays a member, without the group. Nothing is given back when a
 * node leaves: the scripts have no such step, keys and reservation stay on the disk for the next attacker to wipe.
 */
import { abandonTasks, outcomesOf, startTasks } from '../tasks.ts'
import {
  attackerBegins,
  attackerTakes,
  attackerWipes,
  defenderBegins,
  defenderGoesDown,
  defenderKeeps,
  findsReservation,
  hasKey,
  operationOf,
  scriptOf,
  succeeded,
} from './script.ts'
import { failoverPolicy } from '../failover/machine.ts'
import { log } from '../policy.ts'
import { panic, settleLost } from '../failover/state.ts'
import { noteDoubleActivity, stopGroup } from '../failover/group.ts'
import type { DiskAnswer } from '../disk.ts'
import type { FailoverContext, FailoverState, Preparation, Purpose, Rules } from '../failover/state.ts'
import type { Policy } from '../policy.ts'
import type { ScriptStep } from './script.ts'

export interface Running {
  readonly script: 'none' | 'attacker' | 'defender'
  /** of the present part, the first is running */
  readonly steps: readonly ScriptStep[]
  /** attacker: begins, wipes, waits, takes; defender: begins, keeps, waits, goes down */
  readonly part: 'begin' | 'work' | 'wait' | 'take' | 'down'
  readonly waitUntil: number
  readonly round: number
  readonly misses: number
  /** by disk, what read-keys found last in this part */
  readonly seen: Readonly<Record<string, readonly string[]>>
  readonly found: boolean
  readonly twice: boolean
}
export type State = FailoverState<Running>
type Context = FailoverContext<Running>

const idle: Running = {
  script: 'none',
  steps: [],
  part: 'begin',
  waitUntil: 0,
  round: 1,
  misses: 0,
  seen: {},
  found: false,
  twice: false,
}

const rules: Rules<Running> = {
  own: () => idle,
  forgivesHang: false,
  // A start script that runs is not called back because a heartbeat came.
  insists: true,
  mayReturn: () => true,
  watch(context) {
    if (context.s.lost.length > 0) settleLost(context)
    change(context, { twice: noteDoubleActivity(context, context.s.own.twice) })
  },
  prepare,
  hold,
  release(context) {
    log(context, 'warning', 'key-left-behind', 'the scripts take nothing back: key and reservation stay on the disk')
    return true
  },
  refused,
  failed: () => undefined,
  answered: () => undefined,
}
export const attackerDefender: Policy<State> = failoverPolicy(rules)

function change(context: Context, own: Partial<Running>): void {
  context.s.own = { ...context.s.own, ...own }
}

function begin(context: Context, part: Running['part'], steps: readonly ScriptStep[]): void {
  abandonTasks(context, 'prepare', 'hold')
  delete context.s.outcomes.prepare
  delete context.s.outcomes.hold
  change(context, { part, steps, seen: {}, found: false })
}

/** The attacker: the group's start script. Three rounds at the most, and then it is over. */
function prepare(context: Context): Preparation {
  const { s, now } = context
  const script = scriptOf(s.config, s.self)
  if (s.own.script !== 'attacker') {
    change(context, { ...idle, script: 'attacker', twice: s.own.twice })
    begin(context, 'begin', attackerBegins(script))
    const { rounds, attackWait, type } = script
    log(context, 'warning', 'attack', `attacks: up to ${rounds} rounds`, { rounds, attackWait, type, key: script.key })
  }
  s.text = `attacker, round ${s.own.round} of ${script.rounds}`
  if (s.own.part === 'wait') {
    if (now < s.own.waitUntil) return 'wait'
    begin(context, 'take', attackerTakes)
  }
  if (!runSteps(context, 'prepare')) return 'wait'
  switch (s.own.part) {
    case 'begin':
      begin(context, 'work', attackerWipes(script))
      return prepare(context)
    case 'work':
      change(context, { part: 'wait', waitUntil: now + script.attackWait })
      return 'wait'
    default:
      return endOfRound(context)
  }
}

function endOfRound(context: Context): Preparation {
  const { s } = context
  const script = scriptOf(s.config, s.self)
  const { round, found } = s.own
  if (found) {
    log(context, 'warning', 'attack-won', 'Reserve found. Will become DEFENDER.', { round })
    change(context, { script: 'none' })
    return 'ready'
  }
  log(context, 'warning', 'reserve-not-found', 'Reserve not found.', { script: 'attacker', round })
  if (round < script.rounds) {
    change(context, { round: round + 1 })
    begin(context, 'work', attackerWipes(script))
    return prepare(context)
  }
  change(context, { script: 'none' })
  const text = `attack failed after ${round} rounds: the group does not start here`
  if (script.windows) panic(context, 'attack-lost', text, { rounds: round })
  else log(context, 'critical', 'attack-lost', text, { rounds: round })
  return 'failed'
}

/** The defender: the monitor of the disk resource, for as long as the group is active. */
function hold(context: Context): void {
  const { s, now } = context
  const script = scriptOf(s.config, s.self)
  if (s.own.script !== 'defender') {
    change(context, { ...idle, script: 'defender', twice: s.own.twice })
    begin(context, 'begin', defenderBegins(script))
    s.text = 'defender'
  }
  if (s.own.part === 'wait') {
    if (now < s.own.waitUntil) return
    begin(context, 'work', defenderKeeps(script))
  }
  if (!runSteps(context, 'hold')) return
  switch (s.own.part) {
    case 'begin':
      if (script.windows && Object.values(s.own.seen).some((keys) => hasKey(keys, script.downKey))) {
        suicide(context, 'the own down key is there: this node lost before')
        return
      }
      begin(context, 'work', defenderKeeps(script))
      hold(context)
      return
    case 'down':
      suicide(context, 'Reserve not found. Will SUICIDE as failed defender')
      return
    default:
      endOfCycle(context)
  }
}

function endOfCycle(context: Context): void {
  const { s, now } = context
  const script = scriptOf(s.config, s.self)
  const misses = s.own.found ? 0 : s.own.misses + 1
  change(context, { misses })
  if (misses > 0) {
    log(context, 'warning', 'reserve-not-found', 'Reserve not found.', { script: 'defender', misses })
  }
  if (misses > script.missesAllowed) {
    if (!script.windows) suicide(context, 'Reserve not found. Will SUICIDE as failed defender')
    else begin(context, 'down', defenderGoesDown)
  } else if (s.group.blocked && misses === 0) {
    suicide(context, 'the reservation is there, but the storage refused a write')
  } else change(context, { part: 'wait', waitUntil: now + script.defendInterval })
}

/** "Final action: stop group"; on Windows "stop the cluster service and reboot OS". */
function suicide(context: Context, why: string): void {
  const { s } = context
  const { windows } = scriptOf(s.config, s.self)
  if (windows) {
    panic(context, 'failed-defender', why)
    return
  }
  log(context, 'critical', 'failed-defender', why)
  s.group.blocked = true
  change(context, { script: 'none' })
  stopGroup(context, 'final action of the defender: stop group')
  s.text = `${why}: the group is stopped here`
}

/** The application stops writing; the group is online until its monitor, the defender, says otherwise. */
function refused(context: Context): void {
  const { group } = context.s
  if (group.blocked) return
  group.blocked = true
  log(context, 'critical', 'write-refused', 'the storage refused a write of the group (reservation conflict)')
  context.effects.push({ kind: 'group', active: false, epoch: group.epoch })
}

/**
 * Goes on with the steps of the present part, on all data disks.
 * @returns true once they are done
 */
function runSteps(context: Context, purpose: Extract<Purpose, 'prepare' | 'hold'>): boolean {
  const { s } = context
  const script = scriptOf(s.config, s.self)
  for (;;) {
    const [step] = s.own.steps
    if (step === undefined) return true
    if (s.outcomes[purpose] === undefined) {
      const luns = s.config.data.map((lun) => lun.name)
      const operation = (lun: string) => operationOf(script, step, s.own.seen[lun] ?? [])
      startTasks(context, purpose, luns, (lun) => ({ kind: 'steps', operations: [operation(lun)] }))
    }
    const outcomes = outcomesOf(context, purpose)
    if (!outcomes) return false
    delete s.outcomes[purpose]
    const answers = Object.entries(outcomes).flatMap(([lun, outcome]): [string, DiskAnswer][] =>
      outcome.kind === 'answers' && outcome.answers[0] ? [[lun, outcome.answers[0]]] : [],
    )
    take(context, step, answers)
  }
}

function take(context: Context, step: ScriptStep, answers: readonly (readonly [string, DiskAnswer])[]): void {
  const { s } = context
  const script = scriptOf(s.config, s.self)
  for (const [lun, answer] of answers) {
    if (succeeded(step, answer)) continue
    const exit = answer.exit ?? null
    const text = `[E] [${exit ?? 'no exit'}] ${step} failed on ${lun}`
    log(context, 'warning', 'script-step', text, { script: s.own.script, step, lun, exit })
  }
  const keysOf = (answer: DiskAnswer) => (answer.result === 'good' ? (answer.keys ?? []) : [])
  change(context, {
    steps: s.own.steps.slice(1),
    ...(step === 'read-keys' && { seen: Object.fromEntries(answers.map(([lun, answer]) => [lun, keysOf(answer)])) }),
    ...(step === 'check' && { found: answers.every(([, answer]) => findsReservation(script, answer)) }),
  })
}
