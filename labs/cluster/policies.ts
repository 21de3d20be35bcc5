/** The policies there are, and a node that runs the one its configuration names. */
import type { ClusterConfig } from './config.ts'
import type { Effect, Input, Policy, Status } from './policy.ts'
import { assertNever } from '../assert-never.ts'
import { attackerDefender } from './attacker-defender/rules.ts'
import { coordinatorRace } from './coordinator-race/machine.ts'
import { externalFencing } from './external-fencing/rules.ts'
import { pingTiebreak } from './ping-tiebreak/rules.ts'
import { reserveRelease } from './reserve-release/rules.ts'

/** A policy with its state inside, for those who do not care which one it is. */
export interface Machine {
  step(input: Input, now: number): readonly Effect[]
  status(now: number): Status
}

/** @throws Error if the configuration does not name this node */
export function startMachine(config: ClusterConfig, now: number, incarnation: number): Machine {
  switch (config.policy) {
    case 'coordinator-race':
      return machineOf(coordinatorRace, config, now, incarnation)
    case 'attacker-defender':
      return machineOf(attackerDefender, config, now, incarnation)
    case 'external-fencing':
      return machineOf(externalFencing, config, now, incarnation)
    case 'reserve-release':
      return machineOf(reserveRelease, config, now, incarnation)
    case 'ping-tiebreak':
      return machineOf(pingTiebreak, config, now, incarnation)
    default:
      return assertNever(config.policy, 'policy')
  }
}

function machineOf<S>(policy: Policy<S>, config: ClusterConfig, now: number, incarnation: number): Machine {
  let state = policy.start(config, now, incarnation)
  return {
    step(input, at) {
      const next = policy.step(state, input, at)
      state = next.state
      return next.effects
    },
    status: (at) => policy.status(state, at),
  }
}
