import { Injectable } from '@angular/core'
@Injectable({ providedIn: 'root' })
export class Service { token = '@K:service-field@' }
@Injectable({ providedIn: 'root' })
export class Unused { token = '@K:service-unused@' }
