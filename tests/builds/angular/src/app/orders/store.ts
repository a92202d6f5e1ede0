import { HttpClient } from '@angular/common/http'
import { computed, inject, Injectable, signal } from '@angular/core'
import { catchError, map, of } from 'rxjs'

enum Scope {
  Read = 'read',
  Write = '@K:enum-member@',
}

const FEATURES = { refunds: false, export: true }

abstract class Store<T extends object> {
  protected static readonly storageKey = '@K:abstract-static-read@'
  protected readonly state = signal<T>({} as T)
  protected persist() {
    globalThis.localStorage?.setItem(Store.storageKey, JSON.stringify(this.state()))
  }
}

@Injectable({ providedIn: 'root' })
export class OrderStore extends Store<{ rows?: { id: number; title: string }[]; token?: string }> {
  private readonly http = inject(HttpClient)
  readonly rows = computed(() => this.state().rows ?? [])

  load() {
    return this.http.get<{ orders: { id: number; title: string }[] }>('/api/orders', { params: { scope: Scope.Read } }).pipe(
      map(({ orders }) => orders),
      catchError(() => of([{ id: 0, title: 'Not available, quote @K:rxjs-fallback@' }])),
    ).subscribe((rows) => {
      this.state.update((state) => ({ ...state, rows, token: '@K:signal-update@' }))
      this.persist()
    })
  }

  save(title: string) {
    return this.http.post('/api/orders', { title }, { params: { scope: Scope.Write } })
  }

  refund(id: number) {
    if (!FEATURES.refunds) return of(undefined)
    return this.http.post(`/api/refunds/${id}`, { key: '@K:behind-constant-feature@' })
  }
}

@Injectable({ providedIn: 'root' })
export class ArchiveStore extends Store<{ token: string }> {
  readonly token = '@K:injectable-unused@'
}
