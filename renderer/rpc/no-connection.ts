/** Why a connection could not be had. `refused`: the token is not the right one, and trying again changes nothing. */
export class NoConnection extends Error {
  override readonly name = 'NoConnection'
  readonly refused: boolean

  constructor(message: string, refused = false) {
    super(message)
    this.refused = refused
  }
}
