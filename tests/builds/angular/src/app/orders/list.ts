import { isPlatformServer } from '@angular/common'
import { afterNextRender, Component, inject, OnInit, PendingTasks, PLATFORM_ID, TransferState } from '@angular/core'
import { LATEST, ORDERS_BACKEND } from './backend'
import { Badge, SignedPipe, Tracked } from './parts'
import { OrderStore } from './store'

@Component({
  selector: 'app-orders',
  imports: [Badge, SignedPipe, Tracked],
  styleUrl: './list.scss',
  template: `
    <a [href]="'/export' | signed" appTracked>Export</a>
    @for (row of store.rows(); track row.id) { <p>{{ row.title }}</p> } @empty { <p>No orders</p> }
    @defer (on interaction) { <app-badge /> } @placeholder { <button>More</button> }
    <ng-template #help><p>Call with @K:template-unreferenced@</p></ng-template>
    <button (click)="store.save('x').subscribe()">Save</button>
    <button (click)="store.refund(1).subscribe()">Refund</button>
  `,
})
export class OrderList implements OnInit {
  protected readonly store = inject(OrderStore)
  private readonly backend = inject(ORDERS_BACKEND, { optional: true })
  private readonly transfer = inject(TransferState)
  private readonly onServer = isPlatformServer(inject(PLATFORM_ID))
  private readonly pending = inject(PendingTasks)

  constructor() {
    afterNextRender(() => {
      const worker = new Worker(new URL('./orders.worker', import.meta.url), { type: 'module' })
      worker.postMessage('start')
      this.store.load()
    })
  }

  ngOnInit() {
    if (!this.onServer) return
    this.pending.run(async () => this.transfer.set(LATEST, await this.backend!.latest()))
  }
}
