export class Client {
  #key = '@K:private-field@'
  name = 'client'
  static token = '@K:static-field@'
  method() { return '@K:method-never-called@' }
}
