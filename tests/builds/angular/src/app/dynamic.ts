import { Component } from '@angular/core'
@Component({ template: '<p>@K:lazy-route@</p>' })
export class Dynamic {}
