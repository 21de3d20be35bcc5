import type { Check } from '../replay/check-run.ts'

export interface RecordingChecksOptions {
  readonly check: (directory: string) => Promise<Check>
  /** a recording was verified: what lists show of it may be another thing now */
  readonly onChecked: (directory: string) => void
  /** while this is true nothing is verified unasked: a row that is being run needs the computer */
  readonly paused: () => boolean
  /** before it is looked again whether it is still paused */
  readonly pauseMilliseconds?: number
}

/**
 * What is known of recordings by verifying them, each for as long as its files stay as they were. Recordings that are
 * wanted are verified one after the other in the background, the latest wish first.
 */
export class RecordingChecks {
  readonly #options: RecordingChecksOptions
  /** files as they were seen last */
  readonly #fingerprints = new Map<string, string>()
  readonly #checks = new Map<string, Check>()
  /** could not be read, with the files as they were then: nothing is gained by trying again */
  readonly #unreadable = new Map<string, string>()
  #wanted: readonly string[] = []
  #working = false
  #ended = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: RecordingChecksOptions) {
    this.#options = options
  }

  /** Tells how the files of a recording lie now, and returns what is known of just these files. */
  seen(directory: string, fingerprint: string): Check | undefined {
    this.#fingerprints.set(directory, fingerprint)
    return this.of(directory)
  }

  /** What is known of a recording as its files were seen last; undefined where they were not verified. */
  of(directory: string): Check | undefined {
    const check = this.#checks.get(directory)
    return check?.fingerprint === this.#fingerprints.get(directory) ? check : undefined
  }

  /** These are to be verified when there is time, in this order, before what was wanted earlier. */
  want(directories: readonly string[]): void {
    const lacking = directories.filter((one) => this.#isLacking(one))
    this.#wanted = [...new Set([...lacking, ...this.#wanted])]
    void this.#work()
  }

  /** Verifies at once. Rejects where a file cannot be read. */
  async now(directory: string): Promise<Check> {
    const check = await this.#options.check(directory)
    this.#keep(directory, check)
    return check
  }

  dispose(): void {
    this.#ended = true
    this.#wanted = []
    clearTimeout(this.#timer)
  }

  #isLacking(directory: string): boolean {
    return !this.of(directory) && this.#unreadable.get(directory) !== this.#fingerprints.get(directory)
  }

  #keep(directory: string, check: Check): void {
    this.#checks.set(directory, check)
    // whoever verified has seen the files later than who listed them
    if (check.fingerprint !== '') this.#fingerprints.set(directory, check.fingerprint)
    if (!this.#ended) this.#options.onChecked(directory)
  }

  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    for (;;) {
      const [next, ...rest] = this.#wanted
      if (next === undefined || this.#ended) break
      if (this.#options.paused()) {
        this.#timer = setTimeout(() => void this.#work(), this.#options.pauseMilliseconds ?? 2000)
        this.#timer.unref()
        break
      }
      this.#wanted = rest
      if (!this.#isLacking(next)) continue
      const before = this.#fingerprints.get(next) ?? ''
      // what cannot be read stays unverified, and looks so; whoever asks for it to be verified is told why
      await this.now(next).catch(() => this.#unreadable.set(next, before))
    }
    this.#working = false
  }
}
