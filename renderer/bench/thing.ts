/** Something in the picture of the bench that can be chosen. */
export interface Thing {
  readonly kind: 'node' | 'link' | 'lun' | 'array' | 'host' | 'outlet'
  readonly name: string
}
