export class Refunds {
  static key = '@K:barrel-class-unused@'
  static create() {
    return new Refunds()
  }
}
