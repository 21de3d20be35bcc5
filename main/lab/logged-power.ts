import type { Power } from './power.ts'
import { logTask } from '../log/log-task.ts'

/** The same outlets; each that is switched is written to the log. @param quiet while this says so, somebody else does */
export function loggedPower(power: Power, lab: string, quiet: () => boolean): Power {
  return {
    state: (...words) => power.state(...words),
    switch(outlet, on, signal) {
      const work = () => power.switch(outlet, on, signal)
      return quiet() ? work() : logTask(`switch outlet ${outlet} ${on ? 'on' : 'off'}`, { lab }, work)
    },
  }
}
