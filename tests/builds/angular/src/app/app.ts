import { Component } from '@angular/core'
import { RouterOutlet } from '@angular/router'
@Component({ selector: 'app-root', imports: [RouterOutlet], template: `<main title="@K:inline-template@"><!-- @K:inline-template-comment@ --><router-outlet /></main>`, styles: `main { --k: '@K:inline-style@' } /* @K:inline-style-comment@ */` })
export class App {}
