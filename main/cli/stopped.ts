/** Why the signal of a command fired: somebody wants the program to end. What is injected is still taken back. */
export class Stopped extends Error {
  override readonly name = 'Stopped'

  constructor() {
    super('stopped')
  }
}
