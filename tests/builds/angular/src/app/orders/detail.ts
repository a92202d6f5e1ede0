import { Component, inject } from '@angular/core'
import { ActivatedRoute } from '@angular/router'

@Component({ selector: 'app-order', template: '<h1>{{ order.title }}</h1>' })
export class OrderDetail {
  protected readonly order: { title: string } = inject(ActivatedRoute).snapshot.data['order']
}
