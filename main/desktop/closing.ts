/** How the program ends: never with a fault left behind that nobody was asked about. */
export interface ClosingParts {
  /** what would be lost or left, in words; empty: nothing */
  activity(): Promise<readonly string[]>
  /** asks the person, who sees that list */
  ask(activity: readonly string[]): Promise<'end' | 'stay'>
  /** somebody closes while things are being taken back: wait for it, or leave at once? */
  askAgain(): Promise<'wait' | 'leave'>
  /** takes back what is injected and ends the engine. Resolves with what could not be taken back */
  heal(): Promise<string | null>
  /** tells the person what could not be taken back */
  tellProblem(problem: string): Promise<void>
  /** ends the program, now */
  quit(): void
}

export interface Closing {
  /** Somebody wants to end. `asking: false`: the system does, and waits for no answer; healing comes first even so. */
  request(options?: { readonly asking?: boolean }): Promise<void>
  /** may windows close now? */
  readonly over: boolean
}

/** Each request may come at any time, also twice. */
export function createClosing(parts: ClosingParts): Closing {
  let state: 'open' | 'asking' | 'healing' | 'over' = 'open'
  const leave = () => {
    if (state === 'over') return
    state = 'over'
    parts.quit()
  }
  async function heal(): Promise<void> {
    state = 'healing'
    const problem = await parts.heal()
    if ((state as string) === 'over') return
    if (problem !== null) await parts.tellProblem(problem)
    leave()
  }
  return {
    get over() {
      return state === 'over'
    },
    async request({ asking = true } = {}) {
      if (state === 'over') return
      if (state === 'healing') {
        if (asking && (await parts.askAgain()) === 'leave') leave()
        return
      }
      if (!asking) return heal()
      if (state === 'asking') return
      state = 'asking'
      const activity = await parts.activity()
      const answer = activity.length === 0 ? 'end' : await parts.ask(activity)
      // the system may have begun to end it meanwhile
      if ((state as string) !== 'asking') return
      if (answer === 'stay') state = 'open'
      else await heal()
    },
  }
}
